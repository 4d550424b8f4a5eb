"""All questions: at least one for each decision of ``docs/fidelity.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import credentials, messages, objects, order, stores
from .not_settled import NOT_SETTLED
from .question import Question

_NUMBER = re.compile(r"D([0-9]+)(.*)")


def _place(question: Question) -> tuple[int, str]:
    found = _NUMBER.fullmatch(question.id)
    assert found is not None
    return int(found[1]), found[2]


_ALL = (
    *order.QUESTIONS,
    *messages.QUESTIONS,
    *objects.QUESTIONS,
    *stores.QUESTIONS,
    *credentials.QUESTIONS,
    *(
        Question(id, f"What about {about}?", (), None, why)
        for id, (about, why) in NOT_SETTLED.items()
    ),
)

QUESTIONS: Mapping[str, Question] = {each.id: each for each in sorted(_ALL, key=_place)}
"""Every question by its id, in the order of the decisions."""

assert len(QUESTIONS) == len(_ALL), "two questions have the same id"
