"""The parts of the documentation that are written from runs of the suite on the emulator.

``python -m tests.conformance.pages`` writes them; a test of the full suite holds them to the runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from emulator.conformance.outcome import HELD
from emulator.conformance.statements import DOCUMENTS, STATEMENTS, Document, Statement
from emulator.core.revisions import REVISIONS
from tests.support.environment import ROOT

from .own import Report, emulator_of, report_on

PAGE = ROOT / "docs" / "conformance.md"
LIST = ROOT / "docs" / "statements.md"

_BLOCK = re.compile(r"(<!-- score: begin[^\n]*-->\n).*?(<!-- score: end -->)", re.DOTALL)


def reports() -> dict[str, Report]:
    """The reports of a run in each revision."""
    return {revision: _report(revision) for revision in REVISIONS}


def _report(revision: str) -> Report:
    with emulator_of(revision) as emulator:
        return report_on(emulator)


def pages(found: Mapping[str, Report]) -> dict[Path, str]:
    """What the pages are to contain, given a report for each revision."""
    score = "\n".join(_scores(found))
    return {
        PAGE: _BLOCK.sub(rf"\1{score}\n\2", PAGE.read_text()),
        LIST: "\n".join(_list(found)) + "\n",
    }


def _scores(found: Mapping[str, Report]) -> Iterator[str]:
    """A row for each document: its statements, and what held in each revision."""
    columns = " | ".join(f"held in {each}" for each in found)
    yield f"| document | statements | {columns} | not shown |"
    yield f"|---|--:|{'--:|' * len(found)}--:|"
    for document in DOCUMENTS:
        yield _score(document.title, _of(document), found)
    yield _score("**all**", STATEMENTS, found)


def _of(document: Document) -> list[Statement]:
    return [each for each in STATEMENTS if each.id.startswith(f"{document.short_name}-")]


def _score(title: str, statements: Sequence[Statement], found: Mapping[str, Report]) -> str:
    held = [
        f"{sum(status == HELD for status in statuses.values())} of {len(statuses)}"
        for statuses in (_statuses(report, statements) for report in found.values())
    ]
    not_shown = sum(bool(each.not_shown) for each in statements)
    return f"| {title} | {len(statements)} | {' | '.join(held)} | {not_shown} |"


def _statuses(report: Report, statements: Sequence[Statement]) -> dict[str, str]:
    """The status of each of these that a black box can show, in the revision of the report."""
    showable = {each.id for each in statements if not each.not_shown}
    return {each["id"]: each["status"] for each in report["statements"] if each["id"] in showable}


def _list(found: Mapping[str, Report]) -> Iterator[str]:
    yield "# Statements"
    yield ""
    yield "Every statement of the documents, in our words, and whether the emulator keeps it in"
    yield "each revision (✓), or why a black box cannot show it. `make conformance` writes this"
    yield "page."
    for document in DOCUMENTS:
        yield from ("", f"## {document.title}", "")
        yield f"| id | section | statement | {' | '.join(found)} |"
        yield f"|---|---|---|{'---|' * len(found)}"
        for each in _of(document):
            yield _row(each, found)


def _row(statement: Statement, found: Mapping[str, Report]) -> str:
    cells = [_cell(statement, revision, report) for revision, report in found.items()]
    if statement.not_shown:
        cells = [f"not shown: {statement.not_shown}", *([""] * (len(found) - 1))]
    section = statement.source.partition(", ")[2]
    return f"| {statement.id} | {section} | {statement.text} | {' | '.join(cells)} |".replace(
        "*", "\\*"
    )


def _cell(statement: Statement, revision: str, report: Report) -> str:
    if revision not in statement.revisions:
        return ""
    (status,) = [each["status"] for each in report["statements"] if each["id"] == statement.id]
    return "✓" if status == HELD else str(status)


def main() -> None:
    for path, text in pages(reports()).items():
        path.write_text(text)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
