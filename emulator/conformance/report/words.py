"""What every form of a report says in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from emulator.conformance.outcome import NOT_SHOWN
from emulator.conformance.results import scored

Report = Mapping[str, Any]
"""The document of a run; see ``results.document``."""

KINDS = {
    "documented": "what the documents state",
    "inferred": "what the emulator infers from them",
    "chosen": "what no document says",
}
"""The kinds of a score, and what is counted in each."""

_NEEDS = re.compile(r"It needs (--[a-z-]+)\.")
"""The reason why a case was not run for want of an option."""

_FAIR_PERCENT = 90
"""A lower score is bad."""


def percent(part: Mapping[str, Any]) -> str:
    """Return the score of a part as text; a dash where nothing was shown.

    A part in which something failed never has 100 %, however large it is.
    """
    if not part["held"] + part["failed"]:
        return "-"
    value = min(part["percent"], 99.9) if part["failed"] else part["percent"]
    return f"{value:.4g} %"


def verdict(report: Report) -> str:
    """Return in a sentence or two what the run has shown."""
    score = report["score"]
    held, failed = score["held"], score["failed"]
    shown = held + failed
    if not shown:
        said = "No statement was shown."
    elif shown == 1:
        said = f"The 1 statement that was shown {'does not hold' if failed else 'holds'}."
    elif failed:
        verb = "does" if failed == 1 else "do"
        said = f"Of {shown:,} statements that were shown, {held:,} hold and {failed:,} {verb} not."
    else:
        said = f"All {counted(shown, 'statement')} that were shown hold."
    if score["variants_failed"]:
        said += (
            f" Not answered as the contract allows: {score['variants_failed']:,} of "
            f"{counted(score['variants'], 'generated request')}."
        )
    elif score["variants"]:
        said += f" All {counted(score['variants'], 'generated request')} were answered as allowed."
    said += _more(report)
    return said if report["complete"] else f"The run was stopped before its end. {said}"


def _more(report: Report) -> str:
    """Say how many statements options would show that were not given."""
    why = [str(each["why"]) for each in report["statements"] if each["status"] == NOT_SHOWN]
    needed = [found[1] for found in map(_NEEDS.fullmatch, why) if found]
    if not needed:
        return ""
    return f" {len(needed):,} more can be shown with {', '.join(sorted({*needed}))}."


def grade(report: Report) -> str:
    """Return how good a score is: ``ok`` where all holds, ``warn``, ``bad``, or ``none``."""
    score = report["score"]
    if not score["held"] + score["failed"]:
        return "none"
    if score["percent"] < _FAIR_PERCENT:
        return "bad"
    is_whole = report["complete"] and not score["failed"] + score["variants_failed"]
    return "ok" if is_whole else "warn"


def figures(part: Mapping[str, Any]) -> str:
    """Return how many statements of a part hold, of how many."""
    shown, rest = part["held"] + part["failed"], part["not_shown"]
    held = f"{part['held']:,} of {shown:,}"
    if not rest:
        return held
    return f"{held}, {rest:,} not shown" if shown else f"{rest:,} not shown"


def about(report: Report) -> dict[str, str]:
    """Return what was tested, when, and by what, each with its name."""
    return {
        "Endpoint": report["endpoint"],
        "Revision": report["revision"],
        "Date": when(report["started_at"]),
        "Suite": f"momento-objectstore-emulator {report['version']}",
    }


def when(started_at: str) -> str:
    """Return an instant in ISO 8601 to the minute, for people to read."""
    try:
        found = datetime.fromisoformat(started_at.replace("Z", "+00:00"))
    except ValueError:
        return started_at
    return f"{found:%Y-%m-%d %H:%M} UTC"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural unless it is 1."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def with_status(report: Report, status: str) -> list[Mapping[str, Any]]:
    """Return the statements with a status, in the order of the documents."""
    return [each for each in report["statements"] if each["status"] == status]


def differing(report: Report) -> list[Mapping[str, Any]]:
    """Return the questions that the endpoint answers otherwise than the emulator."""
    return [each for each in report["questions"] if each["same"] is False]


def failed_variants(report: Report) -> list[Mapping[str, Any]]:
    """Return the generated requests that failed, of all operations."""
    return [failure for variant in report["variants"] for failure in variant["failed"]]


def by_kind(report: Report) -> dict[str, Mapping[str, Any]]:
    """Return the scores of the kinds of which there is anything."""
    kinds: Mapping[str, Mapping[str, Any]] = report["score"]["by_kind"]
    counts = ("held", "failed", "not_shown")
    return {kind: part for kind, part in kinds.items() if any(part[each] for each in counts)}


def by_document(report: Report) -> dict[str, dict[str, Any]]:
    """Return the scores of the sections, by document and section."""
    found: dict[str, dict[str, Any]] = {}
    for source, part in report["score"]["by_section"].items():
        found.setdefault(document_of(source), {})[source] = part
    return found


def document_of(source: str) -> str:
    """Return the document that a section belongs to."""
    return source.partition(", ")[0]


def heading_of(source: str) -> str:
    """Return the heading of a section."""
    return source.partition(", ")[2] or source


def total(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the score of several parts together."""
    counts = ((part["held"], part["failed"], part["not_shown"]) for part in parts)
    return scored(*map(sum, zip(*counts, strict=True)))
