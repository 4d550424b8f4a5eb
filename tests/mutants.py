"""Changes the code in many ways, and lists the changes that no test notices: `make mutants`.

mutmut makes some 10 000 changes, and runs for each the tests that enter the changed function. A
sample of them is tried, the same for the same seed. Its work is in `mutants/`.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = [sys.executable, "-m", "mutmut"]

FIRST = "emulator.auth.access.*"
"""A few mutants. To try some makes all, and measures the tests."""

UNNOTICED = ("survived", "no tests")
NOTICED = ("killed",)
"""The other statuses decide nothing: mutmut's `timeout` is also a run that could not begin."""

SECONDS_TO_STOP = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="mutants, as emulator.service.ttl.*")
    parser.add_argument("--number", type=int, default=400, help="how many to try (400)")
    parser.add_argument("--seed", type=int, default=0, help="which of them (0)")
    parser.add_argument("--minutes", type=float, default=45, help="the most that may take (45)")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.minutes * 60
    run(FIRST, deadline=deadline)
    names = [name for name in statuses() if _matches(name, arguments.names)]
    if not names:
        parser.error(f"no mutant has such a name: {' '.join(arguments.names)}")
    if len(names) > arguments.number:
        names = random.Random(arguments.seed).sample(names, arguments.number)
    run(*names, deadline=deadline)
    found = statuses()
    return 0 if report({name: found[name] for name in names}) else 1


def run(*names: str, deadline: float) -> None:
    """Try mutants; after the deadline, by ``time.monotonic``, no more."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    with subprocess.Popen([*MUTMUT, "run", *names], cwd=ROOT, env=environment) as process:
        try:
            process.wait(max(1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def statuses() -> dict[str, str]:
    """What became of each mutant, tried or not."""
    answer = subprocess.run(
        [*MUTMUT, "results", "--all", "true"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = [line.strip().rpartition(": ") for line in answer.stdout.splitlines() if line.strip()]
    return {name: status for name, _, status in lines}


def report(tried: dict[str, str]) -> bool:
    """Print each change that no test noticed, and the score; whether there is one."""
    for name in sorted(name for name, status in tried.items() if status in UNNOTICED):
        subprocess.run([*MUTMUT, "show", name], cwd=ROOT, check=True)
    counts = Counter(tried.values())
    noticed = sum(counts[status] for status in NOTICED)
    unnoticed = sum(counts[status] for status in UNNOTICED)
    print(", ".join(f"{number} {status}" for status, number in counts.most_common()))
    if not noticed + unnoticed:
        print("No mutant was tried: do the tests pass without a change?")
        return False
    print(f"noticed: {noticed} of {noticed + unnoticed}, {noticed / (noticed + unnoticed):.1%}")
    return True


def _matches(name: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


if __name__ == "__main__":
    sys.exit(main())
