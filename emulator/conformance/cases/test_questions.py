"""What the endpoint does where no document speaks: every question that a black box can settle."""

from __future__ import annotations

import pytest

from emulator.conformance.questions.question import Question, ask
from emulator.conformance.questions.table import QUESTIONS
from emulator.conformance.run import Run


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(each, id=each.id, marks=pytest.mark.question(each.id))
        for each in QUESTIONS.values()
        if each.probe is not None
    ],
)
def test_a_question_is_answered(question: Question, run: Run) -> None:
    if run.target.revision not in question.revisions:
        pytest.skip("It is no question in this revision.")
    run.findings.questions[question.id] = ask(question, run.target)
