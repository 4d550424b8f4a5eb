"""The command line of the benchmark: `python -m tests.bench`, from the repository's root."""

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType

from tests.bench import (
    coldstart,
    cores,
    cycles,
    files,
    growth,
    idle,
    large,
    machine,
    soak,
    throughput,
)
from tests.bench.report import markdown
from tests.bench.results import Results
from tests.bench.scenarios import SCENARIOS

PARTS = (
    *(scenario.name for scenario in SCENARIOS),
    "cold",
    "idle",
    "large",
    "cycles",
    "files",
    "growth",
    "large-s3",
)

SOAK = "soak"
"""Takes minutes, and so is measured only if it is asked for."""


def main() -> int:
    """Measure, print Markdown; return 0, or 1 if anything asked for could not be measured."""
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
    return 1 if results.failures() else 0


def _measure(options: argparse.Namespace, results: Results) -> None:
    for scenario in SCENARIOS:
        if scenario.name in options.only:
            results.throughput[scenario.name] = throughput.measure(
                scenario, options.rounds, options.seconds, _progress
            )
    if "cold" in options.only:
        results.cold = coldstart.measure(options.rounds, _progress)
    if "idle" in options.only:
        results.idle = idle.measure(_progress)
    if "large" in options.only:
        results.large = large.measure(options.large_bytes, options.data_dir, _progress)
    if "large-s3" in options.only:
        results.large_s3 = large.measure_s3(options.large_bytes, _progress)
    if "cycles" in options.only:
        results.cycles = cycles.measure(options.cycles, _progress)
    if "growth" in options.only:
        results.growth = growth.measure(_progress)
    if "files" in options.only:
        results.files = files.measure(options.data_dir, _progress)
    if SOAK in options.only:
        results.soak = soak.measure(options.days, options.kills, _progress)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=7, help="rounds (default: 7)")
    parser.add_argument(
        "--seconds", type=_some_seconds, default=1.5, help="of each round (default: 1.5)"
    )
    parser.add_argument(
        "--only",
        type=_parts,
        default=PARTS,
        metavar="PART,...",
        help=f"of {', '.join((*PARTS, SOAK))}",
    )
    parser.add_argument(
        "--large-bytes", type=_positive, default=2**30, help="of the large object (default: 1 GiB)"
    )
    parser.add_argument(
        "--cycles", type=_positive, default=cycles.CYCLES, help="of reset (default: 10000)"
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
    return parser.parse_args()


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
    known = (*PARTS, SOAK)
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
