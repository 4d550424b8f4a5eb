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

_COLORS = {"ok": GREEN, "warn": YELLOW, "bad": RED, "none": FAINT}
"""By grade."""

_SHOWN_FAILURES = 20
_SHOWN_CHARACTERS = 300


def summary(report: Report, *, colored: bool = False) -> str:
    """Return the summary, a few lines and one or two for each thing that failed."""
    paper = _Paper(colored)
    score = report["score"]
    figure = paper.paint(words.percent(score), BOLD, _COLORS[words.grade(report)])
    facts = " · ".join(map(one_line, words.about(report).values()))
    lines = [f"{figure}  {words.verdict(report)}", paper.paint(facts, FAINT), ""]
    lines += [paper.row(kind, part) for kind, part in words.by_kind(report).items()]
    return "\n".join([*lines, *_failures(report, paper), *_questions(report, paper)])


class _Paper:
    """What is written on, with colours or without."""

    def __init__(self, colored: bool) -> None:
        self._colored = colored

    def paint(self, text: str, *colors: str) -> str:
        return paint(text, ";".join(colors)) if self._colored and text else text

    def row(self, name: str, part: Mapping[str, Any]) -> str:
        """A part of the score: its name, its bar, its figures."""
        shown = part["held"] + part["failed"]
        # No bar is full where something failed.
        full = _BAR * part["held"] // shown if shown else 0
        bar = self.paint("█" * full, GREEN) + self.paint(
            "░" * (_BAR - full), RED if part["failed"] else FAINT
        )
        score = f"{words.percent(part):>6}  {words.figures(part)}"
        return f"  {one_line(name):10}  {bar}  {score}"


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
