"""The questions as reports show them."""

from __future__ import annotations

from emulator.conformance.results import Asked

from .kinds import kind_of
from .table import QUESTIONS


def asked(revision: str) -> list[Asked]:
    """Return the questions of a revision, with our answers."""
    return [
        Asked(
            each.id,
            each.question,
            kind_of(each.decision),
            next(iter(each.ours), ""),
            each.why if each.probe is None else "",
            each.ours[1:],
        )
        for each in QUESTIONS.values()
        if revision in each.revisions
    ]
