"""Write a report as Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.conformance.outcome import FAILED
from emulator.core.one_line import one_line

from . import words
from .words import Report

MAX_CHARACTERS = 60_000
"""GitHub refuses comments of more than 65 536."""

_SHOWN_LINES = 40
_SHOWN_CHARACTERS = 1000

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~<>&@])")
_BACKTICKS = re.compile("`+")


def comment(report: Report) -> str:
    """Return the report; what failed is cut where it would be too long for a comment."""
    text = "\n\n".join([_head(report), *_scores(report)])
    for title, entries in (
        ("What failed", _failures(report)),
        ("Questions that the endpoint answers otherwise", _answers(report)),
    ):
        if entries:
            text = _extended(f"{text}\n\n#### {title}", entries)
    return f"{text}\n"


def _extended(text: str, entries: Sequence[str]) -> str:
    """Add entries as long as there is room for them."""
    for number, entry in enumerate(entries):
        if len(text) + len(entry) > MAX_CHARACTERS:
            return f"{text}\n\n… and {len(entries) - number:,} more."
        text += f"\n\n{entry}"
    return text


def _head(report: Report) -> str:
    facts = " · ".join(
        f"{name} {_code(value) if name == 'Endpoint' else _plain(value)}"
        for name, value in words.about(report).items()
    )
    score = words.percent(report["score"])
    return f"### Conformance: {score}\n\n{words.verdict(report)}\n\n{facts}"


def _scores(report: Report) -> list[str]:
    documents = {
        document: words.total(headings.values())
        for document, headings in words.by_document(report).items()
    }
    return [_table("Kind", words.by_kind(report)), _table("Document", documents)]


def _table(name: str, parts: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [f"| {name} | Score | Held | Failed | Not shown |", "|---|--:|--:|--:|--:|"]
    for title, part in parts.items():
        counts = (f"{part[each]:,}" for each in ("held", "failed", "not_shown"))
        lines.append(f"| {' | '.join((_plain(title), words.percent(part), *counts))} |")
    return "\n".join(lines)


def _failures(report: Report) -> list[str]:
    statements = (
        _folded(each["id"], each["text"], each) for each in words.with_status(report, FAILED)
    )
    variants = (
        _folded(each["operation"], each["request"], each) for each in words.failed_variants(report)
    )
    return [*statements, *variants]


def _folded(name: str, text: str, found: Mapping[str, Any]) -> str:
    """One thing that failed. A block of HTML has no Markdown in it up to its first empty line."""
    title = f"<code>{_escaped(name)}</code> {_escaped(text)}"
    seen = found["seen"][:_SHOWN_LINES]
    block = _fenced([*found["why"].split("\n"), *([""] if seen else []), *seen])
    return f"<details><summary>{title}</summary>\n\n{block}\n\n</details>"


def _answers(report: Report) -> list[str]:
    return [
        f"- **{_plain(each['id'])}** {_plain(each['question'])}\n"
        f"  - endpoint: {_code(each['answer'])}\n"
        f"  - emulator: {_code(each['ours'])}"
        for each in words.differing(report)
    ]


# Texts of an endpoint are in code only, where nothing is a link, a picture or somebody's name.


def _cut(text: str) -> str:
    shown = one_line(text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _cut(text))


def _escaped(text: str) -> str:
    return html.escape(_cut(text))


def _code(text: str) -> str:
    fence = _longer_than_any([text], least=1)
    return f"{fence} {_cut(text)} {fence}"


def _fenced(lines: Sequence[str]) -> str:
    fence = _longer_than_any(lines, least=3)
    return "\n".join([f"{fence}text", *map(_cut, lines), fence])


def _longer_than_any(lines: Iterable[str], least: int) -> str:
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    return "`" * max(least, longest + 1)
