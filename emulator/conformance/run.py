"""One run: its target, what it has found out, and the report."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from emulator.core.instants import to_text
from emulator.core.private import time_ns
from emulator.core.processes import is_alive

from . import progress, results
from .connection import NO_ANSWER
from .endpoint_time import EndpointTime
from .ledger import Ledger, Made
from .options import Options
from .outcome import FAILED, Findings, Outcome
from .statements import STATEMENTS
from .target import Target
from .wire import lines

_KEPT_EXCHANGES = 8
"""How many requests of a case that failed are shown: the last ones, which led there."""


class Run:
    """A run from its beginning, or one that was stopped and goes on.

    Raises:
        ValueError: the file of ``--state`` belongs to another endpoint, or is something else.
        NoAnswerError: the endpoint does not answer.
    """

    def __init__(self, options: Options, *, clock: EndpointTime | None = None) -> None:
        self._path = Path(options.state) if options.state else None
        kept = progress.read(self._path) if self._path else None
        if kept is not None and kept.endpoint != options.endpoint:
            raise ValueError(
                f"{options.state} keeps a run on {kept.endpoint} that was stopped: take that up, "
                "give another --state, or delete the file"
            )
        if kept is not None and options.revision and options.revision != kept.revision:
            raise ValueError(
                f"{options.state} keeps a run for revision {kept.revision} that was stopped: take "
                "that up, give another --state, or delete the file"
            )
        if kept is not None and _goes_on(kept.process):
            raise ValueError(
                f"{options.state} keeps a run that goes on in process {kept.process}: wait for it, "
                "or give another --state"
            )
        self.taken_up = kept is not None
        self.findings = Findings() if kept is None else kept.findings
        self.started_at = to_text(time_ns() // 1000) if kept is None else kept.started_at
        if kept is not None:
            options = options._replace(revision=kept.revision)
        self.target = Target(
            options,
            ledger=None if kept is None else Ledger(kept.made),
            run=None if kept is None else kept.run,
            clock=clock,
        )
        self.options = options
        self.gave_up = False
        """Whether it ended because the endpoint did not answer any more."""
        self.left: list[Made] = []
        """What could not be deleted at the end."""

    def note_case(self, name: str, status: str, ids: tuple[str, ...], why: str = "") -> None:
        """Note how a case ended."""
        failed = status == FAILED
        shown = self.target.exchanges[-_KEPT_EXCHANGES:] if failed else self.target.exchanges
        seen = [
            line for exchange in shown for line in lines(exchange, self.target.run, whole=failed)
        ]
        self.findings.cases[name] = Outcome(status, ids, why, tuple(seen))

    def begin(self) -> None:
        """Delete what is left of a run that was stopped: its store would be in the way."""
        if self.taken_up:
            self.target.clean_up()

    def give_up(self) -> None:
        """Note that the endpoint is gone. Cases that had no answer are to be run again."""
        self.gave_up = True
        cases = self.findings.cases
        unanswered = [name for name, outcome in cases.items() if NO_ANSWER in outcome.why]
        for name in unanswered:
            del cases[name]

    def keep(self, *, goes_on: bool = True) -> None:
        """Write what is known so far, so that the run can be taken up."""
        if self._path is not None:
            kept = progress.Kept(
                self.options.endpoint,
                self.target.revision,
                self.target.run,
                self.started_at,
                self.findings,
                self.target.ledger.entries,
                os.getpid() if goes_on else 0,
            )
            progress.write(self._path, kept)

    def end(self, *, complete: bool) -> None:
        """Delete what the run has made; forget the run where it is complete.

        A run that has not begun is not kept.
        """
        begun = self.taken_up or any(vars(self.findings).values()) or self.target.ledger.entries
        if begun and not complete:
            self.keep()  # What takes time may be interrupted again.
        self.left = self.target.clean_up()
        self.target.close()
        if complete and self._path is not None:
            progress.forget(self._path)
        elif begun and not complete:
            self.keep(goes_on=False)

    def learnt(self) -> dict[str, Any]:
        """Return what ``--answers`` reads, so that an emulator behaves as this endpoint."""
        from .questions.learn import learn
        from .questions.table import QUESTIONS

        target = self.target
        questions, given = QUESTIONS.values(), self.findings.questions
        return learn(self.options.endpoint, target.revision, questions, given)

    def report(self, *, complete: bool) -> dict[str, Any]:
        """Return the JSON report; see ``results.document``."""
        from .questions.asked import asked

        about = results.About(
            self.options.endpoint, self.target.revision, self.started_at, complete
        )
        return results.document(about, STATEMENTS, asked(self.target.revision), self.findings)


def _goes_on(process: int) -> bool:
    if sys.platform == "win32":  # It does not tell (``is_alive``), and a run must not be lost.
        return False
    return process not in (0, os.getpid()) and is_alive(process)
