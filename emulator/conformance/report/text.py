"""Write the summary of a report for a terminal: the score, and what failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.conformance.outcome import FAILED
from emulator.core.colors import BOLD, FAINT, GREEN, RED, YELLOW, paint
from emulator.core.one_line import one_line

from . import words
from .words import Report

_BAR = 24
"""How many characters wide a bar is."""

_SHOWN_FAILURES = 20
_SHOWN_CHARACTERS = 300


def summary(report: Report, *, colored: bool = False) -> str:
    """Return the summary, a few lines and one or two for each thing that failed."""
    paper = _Paper(colored)
    score = report["score"]
    color = GREEN if score["held"] and not score["failed"] else RED
    lines = [
        f"{paper.paint(words.percent(score), BOLD, color)}  {words.verdict(report)}",
        paper.paint(" · ".join(one_line(value) for value in words.about(report).values()), FAINT),
        "",
    ]
    for kind, part in score["by_kind"].items():
        if sum(part[each] for each in ("held", "failed", "not_shown")):
            lines.append(paper.row(kind, part))
    return "\n".join([*lines, *_failures(report, paper), *_questions(report, paper)]) + "\n"


class _Paper:
    """What is written on, with colours or without."""

    def __init__(self, colored: bool) -> None:
        self._colored = colored

    def paint(self, text: str, *colors: str) -> str:
        return paint(text, ";".join(colors)) if self._colored and text else text

    def row(self, name: str, part: Mapping[str, Any]) -> str:
        """A part of the score: its name, its bar, its figures."""
        shown = part["held"] + part["failed"]
        # No bar is full where something failed, and none is empty where something held.
        full = _BAR * part["held"] // shown if shown else 0
        bar = self.paint("█" * full, GREEN) + self.paint(
            "░" * (_BAR - full), RED if part["failed"] else FAINT
        )
        rest = f", {part['not_shown']:,} not shown" if part["not_shown"] else ""
        figures = f"{part['held']:,} of {shown:,}{rest}"
        return f"  {one_line(name):10}  {bar}  {words.percent(part):>6}  {figures}"


def _failures(report: Report, paper: _Paper) -> list[str]:
    failed = [(each["id"], each["text"], each["why"]) for each in words.with_status(report, FAILED)]
    failed += [
        (each["operation"], each["request"], each["why"]) for each in words.failed_variants(report)
    ]
    if not failed:
        return []
    lines = ["", paper.paint("Failed", BOLD)]
    for name, text, why in failed[:_SHOWN_FAILURES]:
        lines.append(f"  {paper.paint(_cut(name), RED)}  {_cut(text)}")
        lines.append(f"    {_cut(why)}")
    if len(failed) > _SHOWN_FAILURES:
        lines.append(f"  … and {len(failed) - _SHOWN_FAILURES:,} more")
    return lines


def _questions(report: Report, paper: _Paper) -> list[str]:
    different = words.differing(report)
    if not different:
        return []
    ids = ", ".join(_cut(each["id"]) for each in different)
    count = words.counted(len(different), "question")
    return ["", f"{paper.paint(f'{count} answered otherwise', YELLOW)} than by the emulator: {ids}"]


def _cut(text: str) -> str:
    shown = one_line(text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
