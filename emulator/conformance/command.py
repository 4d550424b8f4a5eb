"""A run as a command: says what it will do, runs the cases by pytest, prints and writes reports."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from emulator.core.colors import wants_color

from . import results
from .ledger import Made
from .outcome import FAILED
from .plugin import COMPLETE, MOST_UNANSWERED, Given
from .preparing import prepared
from .report import summary, write
from .run import Run
from .selection import VARIANTS, is_selected
from .statements import FIRST

EXIT_FAILED, EXIT_INTERRUPTED = 1, 130

REQUESTS_PER_CASE = 3
"""How many requests a case sends, deletions counted; a test holds it to the truth."""

_LONG_WAIT_MINUTES = 10

REQUESTS_PER_VARIANT = 1.4
"""The same of a generated request, with what prepares it."""

SECONDS_PER_CASE, SECONDS_PER_VARIANT = 0.33, 0.07
"""How long each takes at least, since the Auth APIs take 5 operations a second."""

_PACKAGE = Path(__file__).parent

_OTHERS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
"""What the user's environment says to pytest is for the user's own tests."""


class MisuseError(Exception):
    """The run cannot begin; the message says why."""


def execute(
    given: Mapping[str, Any],
    *,
    reports: Sequence[str],
    yes: bool,
    quiet: bool,
    answers: str = "",
) -> int:
    """Make a run, and write its reports.

    Args:
        given: options by name.
        reports: files to write; their suffixes say what.
        yes: do not ask before the run.
        quiet: print the summary alone.
        answers: a file to write for ``--answers`` of an emulator; empty for none.

    Returns:
        The exit status.

    Raises:
        MisuseError: an option is missing or wrong, or the endpoint does not answer.
    """
    if answers and not answers.endswith(".json"):
        raise MisuseError(f"--learn: {answers!r} has not the suffix .json")
    try:
        run = prepared(given, [*reports, *([answers] if answers else [])])
    except ValueError as error:
        raise MisuseError(str(error)) from None
    options = run.options
    asks = not yes and sys.stdin is not None and sys.stdin.isatty()
    show = _Progress(run, quiet=quiet, asks=asks)
    status = run_cases(show)
    complete = status in COMPLETE
    show.clear()
    if show.refused:
        return EXIT_INTERRUPTED
    report = run.report(complete=complete)
    for path in reports:
        write(report, path)
    if answers:
        write(run.learnt(), answers)
    print(summary(report, colored=wants_color(sys.stdout)))
    _say_what_is_left(run.left)
    if not complete:
        if run.gave_up:
            print(f"The endpoint did not answer {MOST_UNANSWERED} requests in a row: given up.")
            print(f"The same command goes on; {options.state} keeps what is known.")
            return EXIT_FAILED
        if status == pytest.ExitCode.INTERRUPTED:
            print(f"Stopped. The same command goes on; {options.state} keeps what is known.")
            return EXIT_INTERRUPTED
        return EXIT_FAILED
    return 0 if results.holds(report) else EXIT_FAILED


def run_cases(given: Given) -> int:
    """Run the cases that are asked for, by pytest in this process. Returns pytest's exit status."""
    with _environment():
        return pytest.main(
            [
                str(_PACKAGE / "cases"),  # By its path: a name would load the user's conftest.py.
                f"--rootdir={_PACKAGE}",
                f"--confcutdir={_PACKAGE}",
                f"--config-file={_PACKAGE / 'pytest.ini'}",
                "-p",
                "emulator.conformance.plugin",
                "--quiet",
                "--tb=no",
                "--capture=no",  # A question on a terminal has its answer from stdin.
            ],
            plugins=[given],
        )


class _Progress(Given):
    """Says before a run what it will do, and then how far it is, on a terminal."""

    def __init__(self, run: Run, *, quiet: bool, asks: bool) -> None:
        super().__init__(run)
        self._quiet = quiet
        self._asks = asks
        self._shows = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self.refused = False

    def on_start(self, cases: int) -> bool:
        if not self._quiet:
            print(notice(self.run, cases), flush=True)
        self.refused = self._asks and not _agrees()
        return not self.refused

    def on_case(self, done: int, total: int) -> None:
        if self._shows:
            failed = sum(each.status == FAILED for each in self.run.findings.cases.values())
            line = f"{done}/{total} cases, {failed} failed, {self.run.target.sent} requests"
            self._print(line)

    def clear(self) -> None:
        """Remove the line of progress."""
        if self._shows:
            self._print("")
            print(end="\r", file=sys.stderr, flush=True)

    @staticmethod
    def _print(line: str) -> None:
        """Print in place of what the line shows; a line that is too long would begin another."""
        width = min(60, shutil.get_terminal_size().columns - 1)
        print(f"\r{line[:width]:{width}}", end="", file=sys.stderr, flush=True)


def _agrees() -> bool:
    try:
        return input("Go on? [Y/n] ").strip().lower() in ("", "y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def notice(run: Run, cases: int) -> str:
    """Return what is said before a run: what it does, makes, may cost and leaves."""
    options, target = run.options, run.target
    variants = options.variants if is_selected(options.only, VARIANTS, ()) else 0
    requests = cases * REQUESTS_PER_CASE + round(variants * REQUESTS_PER_VARIANT)
    lasts = f"at most {options.rate:g} a second" if options.rate else "as fast as it can"
    if options.rate:
        of_auth = cases * SECONDS_PER_CASE + variants * SECONDS_PER_VARIANT
        seconds = max(requests / options.rate, of_auth)
        minutes = max(1, round(seconds / 60))
        lasts += f", about {minutes + _LONG_WAIT_MINUTES * options.long_waits} min"
    lines = [
        f"Endpoint  {options.endpoint}, revision {target.revision}",
        f"Sends     about {requests} requests of {cases} cases, {lasts}.",
        f"Makes     stores over the bucket {options.bucket}, objects, API keys and roles.",
        f"          Their names begin with {target.run}.",
        f"Costs     about {requests // 3} requests to S3, and less than 10 MB of traffic.",
    ]
    if options.create_clusters:
        lines.append(
            "          One Valkey cluster of two shards with a replica each, while it is created, "
            "changed and deleted."
        )
    if target.revision == FIRST:
        left = f"Objects stay in the bucket below {target.run}/: this revision cannot delete them."
        lines.append(f"Leaves    {left}")
    else:
        lines.append("Leaves    nothing that it can delete.")
    if run.taken_up:
        done = len(run.findings.cases)
        lines.append(f"Goes on   with the run of {run.started_at}; {done} cases are done.")
    lines.append("Ctrl-C stops it; the same command then goes on.")
    return "\n".join(lines)


def _say_what_is_left(left: Sequence[Made]) -> None:
    if left:
        print("These could not be deleted:", file=sys.stderr)
        for made in left:
            print(f"  {made.kind} {made.path}", file=sys.stderr)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Keep the user's settings of pytest, and other plugins, out of the run."""
    saved = {name: os.environ.pop(name, None) for name in _OTHERS}
    without = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    saved[without] = os.environ.get(without)
    os.environ[without] = "1"
    try:
        yield
    finally:
        for name, value in saved.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
