"""The document of a run: every statement with its status, the questions, the variants, a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from emulator.core.version import __version__

from .outcome import FAILED, HELD, NOT_SHOWN, UNCLEAR, Findings, Outcome
from .statements.statement import Statement

_SEEN = 6
"""How many lines of a statement that held are kept: enough to see on what it rests."""

DOCUMENTED = "documented"


class Asked(NamedTuple):
    """A question as the document needs it."""

    id: str
    question: str
    kind: str
    ours: str
    """The emulator's answer in this revision."""
    not_settled: str
    """Why a black box cannot settle it; empty where it can."""
    also: tuple[str, ...] = ()
    """The emulator's answers with other options."""


class About(NamedTuple):
    """What was tested, and when."""

    endpoint: str
    revision: str
    started_at: str
    complete: bool


def document(
    about: About, statements: Iterable[Statement], asked: Iterable[Asked], findings: Findings
) -> dict[str, Any]:
    """Return the JSON report of a run."""
    by_statement = _by_statement(findings)
    rows = [
        _row(statement, by_statement.get(statement.id, []))
        for statement in statements
        if about.revision in statement.revisions
    ]
    questions = [_question(each, findings) for each in asked]
    return {
        **about._asdict(),
        "version": __version__,
        "statements": rows,
        "questions": questions,
        "variants": [
            {
                "operation": operation,
                "requests": count,
                "failed": [{**each._asdict(), "seen": list(each.seen)} for each in failures],
            }
            for operation, (count, failures) in sorted(findings.variants.items())
        ],
        "score": _score(rows, questions, findings),
    }


def holds(report: Mapping[str, Any]) -> bool:
    """Whether all that a black box can show was shown to hold."""
    score = report["score"]
    is_shown = any(score[name] for name in ("held", "variants"))
    is_shown = is_shown or any(each["same"] for each in report["questions"])
    return is_shown and not score["failed"] and not score["variants_failed"]


def _by_statement(findings: Findings) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in findings.cases.values():
        for identity in outcome.statements:
            found.setdefault(identity, []).append(outcome)
    return found


def _row(statement: Statement, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    failed = [outcome for outcome in outcomes if outcome.status == FAILED]
    shown = [outcome for outcome in outcomes if outcome.status == HELD]
    row: dict[str, Any] = {"id": statement.id, "text": statement.text, "source": statement.source}
    if failed:
        why = " ".join(dict.fromkeys(outcome.why for outcome in failed))
        return {**row, "status": FAILED, "why": why, "seen": _lines(failed, None)}
    # A statement of several cases holds only if none of them was skipped.
    if shown and len(shown) == len(outcomes):
        return {**row, "status": HELD, "why": "", "seen": _lines(shown, _SEEN)}
    reasons = [outcome.why for outcome in outcomes if outcome.status == NOT_SHOWN]
    why = statement.not_shown or next(iter(reasons), "No case of it was run.")
    return {**row, "status": NOT_SHOWN, "why": why, "seen": []}


def _lines(outcomes: Iterable[Outcome], most: int | None) -> list[str]:
    return [line for outcome in outcomes for line in outcome.seen][:most]


def _question(asked: Asked, findings: Findings) -> dict[str, Any]:
    given = findings.questions.get(asked.id)
    is_clear = given is not None and given.answer != UNCLEAR
    return {
        "id": asked.id,
        "question": asked.question,
        "kind": asked.kind,
        "ours": asked.ours,
        "answer": None if given is None else given.answer,
        "same": given.answer in (asked.ours, *asked.also) if given and is_clear else None,
        "why": asked.not_settled or ("" if given else "It was not asked."),
        "seen": [] if given is None else list(given.seen),
    }


def _score(
    rows: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]], findings: Findings
) -> dict[str, Any]:
    sections: dict[str, list[str]] = {}
    for row in rows:
        sections.setdefault(row["source"], []).append(row["status"])
    kinds = {DOCUMENTED: _part([row["status"] for row in rows])}
    for kind in ("inferred", "chosen"):
        kinds[kind] = _part([_as_status(each) for each in questions if each["kind"] == kind])
    failures = [failure for _, failed in findings.variants.values() for failure in failed]
    return {
        **_part([row["status"] for row in rows]),
        "by_section": {source: _part(found) for source, found in sections.items()},
        "by_kind": kinds,
        "variants": sum(count for count, _ in findings.variants.values()),
        "variants_failed": len(failures),
    }


def _as_status(question: Mapping[str, Any]) -> str:
    if question["same"] is None:
        return NOT_SHOWN
    return HELD if question["same"] else FAILED


def _part(statuses: Sequence[str]) -> dict[str, Any]:
    count = Counter(statuses)
    return scored(count[HELD], count[FAILED], count[NOT_SHOWN])


def scored(held: int, failed: int, not_shown: int) -> dict[str, Any]:
    """Return the score of a part, of so many statements."""
    shown = held + failed
    return {
        "held": held,
        "failed": failed,
        "not_shown": not_shown,
        "percent": round(100 * held / shown, 1) if shown else 0.0,
    }
