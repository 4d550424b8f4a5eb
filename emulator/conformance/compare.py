"""Compare the reports of two runs: of two endpoints, releases or revisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from emulator.core.colors import BOLD, FAINT, GREEN, RED, YELLOW, paint
from emulator.core.one_line import one_line

from .outcome import FAILED, HELD
from .report import words
from .report.words import Report

_MEMBERS = {
    "endpoint": str,
    "revision": str,
    "started_at": str,
    "version": str,
    "complete": bool,
    "statements": list,
    "questions": list,
    "variants": list,
    "score": dict,
}
"""The members of a report, and what each is."""

_ENTRIES: dict[str, dict[str, Any]] = {
    "statements": {"id": str, "text": str, "status": str, "why": str},
    "questions": {"id": str, "question": str, "answer": (str, type(None))},
    "variants": {"operation": str, "requests": int, "failed": list},
}

_ADVICE = "give a file that a run wrote with --report NAME.json"

_NUMBERS = ("held", "failed", "percent")


class Change(NamedTuple):
    """What differs in one statement, question or operation. None: one report does not have it."""

    id: str
    text: str
    before: str | None
    after: str | None
    why: str = ""
    """Why a statement failed, where only one did."""


class Difference(NamedTuple):
    """What differs between two reports, and what each is a report of."""

    before: dict[str, Any]
    after: dict[str, Any]
    statements: list[Change]
    questions: list[Change]
    variants: list[Change]

    @property
    def is_any(self) -> bool:
        """Whether the endpoints differ; that the reports are of two endpoints does not count."""
        return bool(self.statements or self.questions or self.variants)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        changes = {name: [change._asdict() for change in getattr(self, name)] for name in _ENTRIES}
        return {"before": self.before, "after": self.after, **changes}


def read(path: str) -> dict[str, Any]:
    """Read a report that was written as JSON.

    Raises:
        ValueError: the file cannot be read, or is no report; the message names it.
    """
    try:
        report = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"cannot read {path!r}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path!r} is not JSON: {error}; {_ADVICE}") from None
    problem = _problem(report)
    if problem is not None:
        raise ValueError(f"{path!r} is no report: {problem}; {_ADVICE}")
    return dict(report)


def _problem(report: Any) -> str | None:
    """What keeps a document from being a report."""
    if not isinstance(report, dict):
        return "it is not an object"
    wrong = _wrong_member(report, _MEMBERS)
    if wrong is not None:
        return wrong
    for name, members in _ENTRIES.items():
        for number, entry in enumerate(report[name]):
            wrong = (
                _wrong_member(entry, members) if isinstance(entry, dict) else "it is not an object"
            )
            if wrong is not None:
                return f"{name}[{number}]: {wrong}"
    wrong = _wrong_member(report["score"], dict.fromkeys(_NUMBERS, (int, float)))
    return None if wrong is None else f"score: {wrong}"


def _wrong_member(found: Mapping[str, Any], members: Mapping[str, Any]) -> str | None:
    for name, kind in members.items():
        if name not in found:
            return f"{name} is missing"
        if not isinstance(found[name], kind):
            return f"{name} is of the wrong type"
    return None


def compare(before: Report, after: Report) -> Difference:
    """Return what differs between two reports.

    Statements that only ``after`` fails come first, then those that only ``before`` fails.
    """
    statements = _changes(before, after, "statements", _status)
    statements.sort(key=lambda each: (each.after != FAILED, each.before != FAILED))
    return Difference(
        _about(before),
        _about(after),
        statements,
        _changes(before, after, "questions", _answer),
        _changes(before, after, "variants", _failures),
    )


Entry = Mapping[str, Any]


def _changes(
    before: Report, after: Report, name: str, value: Callable[[Entry], str]
) -> list[Change]:
    """The entries of a list whose value differs, in their order; an id names an entry."""
    key = next(iter(_ENTRIES[name]))
    first, second = ({each[key]: each for each in report[name]} for report in (before, after))
    found = []
    for id_ in first | second:
        entries = (first.get(id_), second.get(id_))
        was, is_now = (None if each is None else value(each) for each in entries)
        if was != is_now:
            known = [each for each in entries if each is not None]
            text = known[-1].get("text") or known[-1].get("question") or ""
            why = next((each["why"] for each in known if each.get("status") == FAILED), "")
            found.append(Change(id_, text, was, is_now, why))
    return found


def _status(statement: Entry) -> str:
    return str(statement["status"])


def _answer(question: Entry) -> str:
    return "not asked" if question["answer"] is None else str(question["answer"])


def _failures(variant: Entry) -> str:
    """How many requests failed. How many were sent is no property of an endpoint."""
    return f"{len(variant['failed']):,} failed"


def _about(report: Report) -> dict[str, Any]:
    """What a report is of, and its score."""
    names = ("endpoint", "revision", "started_at", "version", "complete")
    score = {name: report["score"][name] for name in _NUMBERS}
    return {**{name: report[name] for name in names}, **score}


# For a terminal.


def in_words(difference: Difference, *, colored: bool = False) -> str:
    """Return a difference as lines for people to read."""

    def painted(text: str, color: str) -> str:
        return paint(text, color) if colored else text

    lines = [_report(name, getattr(difference, name)) for name in ("before", "after")]
    for name, title in _TITLES.items():
        changes: list[Change] = getattr(difference, name)
        if changes:
            lines += ["", painted(f"{title}: {len(changes):,}", BOLD)]
        for change in changes:
            lines.append(
                f"  {painted(one_line(change.id), _color(change))}  {one_line(change.text)}"
            )
            lines.append(f"    before: {_shown(change.before)}")
            lines.append(f"    after:  {_shown(change.after)}")
            if change.why:
                lines.append(f"    {painted(one_line(change.why), FAINT)}")
    if not difference.is_any:
        lines += ["", painted("No difference.", GREEN)]
    return "\n".join(lines)


_TITLES = {
    "statements": "Statements that differ",
    "questions": "Questions that are answered otherwise",
    "variants": "Operations whose generated requests fail otherwise",
}


def _report(name: str, about: Entry) -> str:
    stopped = "" if about["complete"] else ", stopped before its end"
    return (
        f"{name + ':':7}{words.percent(about):>7}  {one_line(about['endpoint'])}, revision "
        f"{one_line(about['revision'])}, {one_line(words.when(about['started_at']))}, "
        f"by {one_line(about['version'])}{stopped}"
    )


def _color(change: Change) -> str:
    if change.after == FAILED:
        return RED
    return GREEN if change.before == FAILED and change.after == HELD else YELLOW


def _shown(value: str | None) -> str:
    return "not in this report" if value is None else one_line(value)
