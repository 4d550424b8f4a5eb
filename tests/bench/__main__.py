"""The command line of the benchmark: `python -m tests.bench`, from the repository's root."""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

from tests.bench import (
    budget,
    coldstart,
    cores,
    cycles,
    embedded,
    files,
    growth,
    idle,
    instructions,
    large,
    machine,
    objects,
    soak,
    stores,
    throughput,
)
from tests.bench.calm import Round, until_calm
from tests.bench.disturbance import LoadMonitor
from tests.bench.report import markdown
from tests.bench.results import Results
from tests.bench.scenarios import SCENARIOS

PARTS = (
    *(scenario.name for scenario in SCENARIOS),
    "cold",
    "embedded",
    "idle",
    "objects",
    "stores",
    "large",
    "cycles",
    "files",
    "growth",
    "large-s3",
)

INSTRUCTIONS = "instructions"
SOAK = "soak"
ON_DEMAND = (INSTRUCTIONS, SOAK)
"""Measured only if they are asked for: one needs valgrind, the other takes minutes."""

EXITS = (
    "Exits with 1 if something could not be measured, and with 3 if a table is missing because the"
    " machine was disturbed."
)
FAILED = 1
DISTURBED = 3  # 2 is an option that is wrong

T = TypeVar("T")


def main() -> int:
    """Measure, print Markdown. Return 0; `FAILED` if anything asked for could not be measured, or
    else `DISTURBED` if there is no table of something because the machine was disturbed."""
    options = _options()
    signal.signal(signal.SIGTERM, _terminated)
    cores.pin_client()
    results = Results(machine.facts(), options.rounds, options.seconds)
    try:
        _measure(options, results)
    except KeyboardInterrupt:
        print("stopped; the servers too", file=sys.stderr)
        return 130
    if options.json:
        options.json.write_text(json.dumps(results.raw(), indent=2) + "\n")
    print(markdown(results, options.targets))
    if results.failures():
        return FAILED
    if options.write_budget and results.instructions:
        budget.Budget(budget.here(), results.instructions.counts).write()
    return DISTURBED if results.is_refused() else 0


def _measure(options: argparse.Namespace, results: Results) -> None:
    for scenario in SCENARIOS:
        if scenario.name in options.only:
            results.throughput[scenario.name] = throughput.measure(
                scenario, options.rounds, options.seconds, _progress
            )
    if INSTRUCTIONS in options.only:
        results.instructions = instructions.measure(_progress)
    if "cold" in options.only:
        results.cold = coldstart.measure(options.rounds, _progress)
    if "embedded" in options.only:
        results.embedded = embedded.measure(options.rounds, _progress)
    if "idle" in options.only:
        results.idle = idle.measure(_progress)
    if "objects" in options.only:
        results.objects = objects.measure(options.objects, _progress)
    if SOAK in options.only:
        results.soak = soak.measure(options.days, options.kills, _progress)
    _measure_whole(options, results)


def _measure_whole(options: argparse.Namespace, results: Results) -> None:
    """Measure the parts of which each is one round."""

    def watched(part: str, measure: Callable[[], T]) -> T | None:
        """Measure again if the machine was disturbed; None if the part was not asked for."""
        if part not in options.only:
            return None
        found: list[T] = []

        def one_round(_number: int) -> Round:
            monitor = LoadMonitor()
            found.append(measure())
            return Round(monitor.others())

        results.verdicts[part] = until_calm(1, one_round)
        return found[-1]

    size, place = options.large_bytes, options.data_dir
    results.stores = watched("stores", lambda: stores.measure(_progress))
    results.large = watched("large", lambda: large.measure(size, place, _progress))
    results.large_s3 = watched("large-s3", lambda: large.measure_s3(size, _progress))
    results.cycles = watched("cycles", lambda: cycles.measure(options.cycles, _progress))
    results.growth = watched("growth", lambda: growth.measure(_progress))
    results.files = watched("files", lambda: files.measure(place, _progress))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, epilog=EXITS
    )
    parser.add_argument("--rounds", type=_positive, default=7, help="rounds (default: 7)")
    parser.add_argument(
        "--seconds", type=_some_seconds, default=1.5, help="of each round (default: 1.5)"
    )
    parser.add_argument(
        "--only",
        type=_parts,
        default=PARTS,
        metavar="PART,...",
        help=f"of {', '.join((*PARTS, *ON_DEMAND))}",
    )
    parser.add_argument(
        "--large-bytes", type=_positive, default=2**30, help="of the large object (default: 1 GiB)"
    )
    parser.add_argument(
        "--cycles", type=_positive, default=cycles.CYCLES, help="of reset (default: 10000)"
    )
    parser.add_argument(
        "--objects", type=_positive, default=100_000, help="whose memory is measured (100000)"
    )
    parser.add_argument(
        "--write-budget",
        action="store_true",
        help="make the instructions that were counted the budget, which the full suite checks",
    )
    parser.add_argument(
        "--days", type=_positive, default=soak.DAYS, help="of the soak's live stream (default: 7)"
    )
    parser.add_argument(
        "--kills", type=_positive, default=soak.KILLS, help="of the soak (default: 100)"
    )
    parser.add_argument("--data-dir", type=Path, help="where objects go (default: temp)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure there")
    parser.add_argument("--targets", action="store_true", help="say which targets were reached")
    options = parser.parse_args()
    if options.write_budget and INSTRUCTIONS not in options.only:
        parser.error(f"--write-budget needs --only {INSTRUCTIONS}")
    return options


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive number")
    return value


def _some_seconds(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{value} is not between 0.1 and 60 seconds")
    return value


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    known = (*PARTS, *ON_DEMAND)
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no part named {', '.join(unknown)}: {', '.join(known)}")
    return names


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _terminated(number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; let the servers be stopped
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
