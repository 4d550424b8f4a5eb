"""What a run has found out: outcomes of cases, and the endpoint's answers to questions."""

from __future__ import annotations

from typing import Any, NamedTuple

HELD, FAILED, NOT_SHOWN = "held", "failed", "not shown"
"""The status of a statement."""

UNCLEAR = "unclear"
"""The answer to a question where a probe found nothing that it could name."""


class Outcome(NamedTuple):
    """The outcome of one case.

    ``why`` says what failed, or why the case did not run. ``seen`` are requests and answers, a line
    each.
    """

    status: str
    statements: tuple[str, ...]
    why: str = ""
    seen: tuple[str, ...] = ()


class Given(NamedTuple):
    """What the endpoint answered to a question."""

    answer: str
    seen: tuple[str, ...] = ()


class Failure(NamedTuple):
    """A generated request, made small, whose answer the contract does not allow."""

    operation: str
    request: str
    why: str
    seen: tuple[str, ...] = ()


class Findings:
    """All that a run has found out so far, by the name of the case or the question's id."""

    def __init__(self) -> None:
        self.cases: dict[str, Outcome] = {}
        self.questions: dict[str, Given] = {}
        self.variants: dict[str, tuple[int, list[Failure]]] = {}
        """By operation: how many requests were sent, and which failed."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON; ``from_document`` reads that."""
        return {
            "cases": {name: list(outcome) for name, outcome in self.cases.items()},
            "questions": {name: list(given) for name, given in self.questions.items()},
            "variants": {
                name: [count, [list(failure) for failure in failures]]
                for name, (count, failures) in self.variants.items()
            },
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Findings:
        """Read what ``document`` returned, after JSON."""
        found = cls()
        for name, (status, statements, why, seen) in document["cases"].items():
            found.cases[name] = Outcome(status, tuple(statements), why, tuple(seen))
        for name, (answer, seen) in document["questions"].items():
            found.questions[name] = Given(answer, tuple(seen))
        for name, (count, failures) in document["variants"].items():
            found.variants[name] = (
                count,
                [
                    Failure(operation, request, why, tuple(seen))
                    for operation, request, why, seen in failures
                ],
            )
        return found
