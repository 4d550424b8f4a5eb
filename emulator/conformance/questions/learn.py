"""Make the file of ``--answers`` from what an endpoint answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.conformance.outcome import UNCLEAR, Given
from emulator.core.answers import OURS, SWITCHES, Answer, Number
from emulator.core.answers_file import NotSwitchable, document

from .question import Question


def learn(
    endpoint: str, revision: str, questions: Iterable[Question], given: Mapping[str, Given]
) -> dict[str, Any]:
    """Return the content of the file, given the endpoint's answers by the ids of questions.

    A question that was not asked, or whose answer is unclear, is left out: the emulator keeps its
    own. So is a message that is the emulator's own, which may name what is wrong.
    """
    answers: dict[str, Answer] = {}
    others: dict[str, NotSwitchable] = {}
    for question in questions:
        found = given.get(question.id)
        if found is None or found.answer == UNCLEAR:
            continue
        is_ours = found.answer in question.ours
        answer = _switched(question.id, found.answer) if question.is_switch else None
        if answer is not None and not (is_ours and SWITCHES[question.id].default == OURS):
            answers[question.id] = answer
        elif answer is None and not is_ours:
            others[question.id] = NotSwitchable(found.answer, question.ours[0], _why(question))
    return document(endpoint, revision, answers, others)


def _switched(id: str, answer: str) -> Answer | None:
    """Return what a switch is set to for this answer; None if it cannot be."""
    allowed = SWITCHES[id].answers
    value: Answer = answer
    if isinstance(allowed, Number) and answer.isdecimal():
        value = int(answer)
    return value if allowed.admits(value) else None


def _why(question: Question) -> str:
    if question.why:
        return question.why
    allowed = str(SWITCHES[question.id].answers).replace("`", "'")
    return f"the switch {question.id} can be {allowed}"
