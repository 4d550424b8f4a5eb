"""Type of a question: what an endpoint does where no document speaks, and how that is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from emulator.conformance.outcome import UNCLEAR, Given
from emulator.conformance.statements.statement import BOTH
from emulator.conformance.target import Target
from emulator.conformance.wire import lines
from emulator.core.answers import SWITCHES
from emulator.core.redaction import redact
from emulator.core.revisions import REVISIONS

_SEEN = 8
"""How many lines of what was seen are kept: the last ones, on which the answer rests."""

_OTHER_FORM = (AttributeError, LookupError, StopIteration, TypeError, ValueError)
"""What a probe raises that looks for a member which an answer does not have."""

Probe = Callable[[Target], str]
"""Finds out what the endpoint does; returns the answer in a word or two, or ``UNCLEAR``.

Raises AssertionError if something else than what is asked about does not work.
"""


class Question(NamedTuple):
    """A question, and the decision of the emulator that answers it.

    Args:
        id: that of the switch or, without one, of the decision in ``docs/fidelity.md``.
        question: one sentence.
        ours: the emulator's answers; the first one is the default, others come with options.
        probe: finds out the endpoint's answer; None where a black box cannot.
        why: why there is no probe, or why an emulator cannot be switched to another answer. Empty
            for a switch.
        revisions: those in which it can be asked.
    """

    id: str
    question: str
    ours: tuple[str, ...]
    probe: Probe | None
    why: str = ""
    revisions: tuple[str, ...] = BOTH

    @property
    def decision(self) -> str:
        """The id of the decision in ``docs/fidelity.md``."""
        return self.id.partition(".")[0]

    @property
    def is_switch(self) -> bool:
        """Whether an emulator can behave by another answer."""
        return self.id in SWITCHES


def of_switch(id: str, question: str, probe: Probe, *ours: str) -> Question:
    """Return the question of a switch; ``ours`` only where the default is not an answer."""
    switch = SWITCHES[id]
    revisions = tuple(
        date
        for date in BOTH
        if (switch.since is None or REVISIONS[date].has(switch.since))
        and not (switch.until is not None and REVISIONS[date].has(switch.until))
    )
    return Question(id, question, ours or (str(switch.default),), probe, revisions=revisions)


def ask(question: Question, target: Target) -> Given:
    """Ask the endpoint; the answer is ``UNCLEAR`` where the probe fails."""
    assert question.probe is not None
    del target.exchanges[:]
    try:
        answer, failure = question.probe(target), []
    except AssertionError as error:
        answer, failure = UNCLEAR, [str(error).partition("\n")[0]]
    except _OTHER_FORM as error:
        answer, failure = UNCLEAR, [f"an answer has not the documented form: {error!r}"]
    seen = [line for each in target.exchanges for line in lines(each, target.run, whole=False)]
    return Given(redact(answer), tuple(map(redact, (*seen[-_SEEN:], *failure))))


def by_status(status: int, **words: str) -> str:
    """Return the word for a status, given as ``s404="gone"``, else the status itself."""
    return words.get(f"s{status}", str(status))
