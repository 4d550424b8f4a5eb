"""Write the score of a report as a badge, for a README."""

from __future__ import annotations

from . import words
from .elements import as_xml, element
from .words import Report

_LABEL = "conformance"

_CHARACTER_WIDTH, _PADDING = 7, 8
"""In pixels. A text is stretched to its width, so that no font is too wide."""

_COLORS = {"ok": "#0b6a48", "warn": "#825000", "bad": "#b0261e", "none": "#566070"}
"""By grade. White on each has a contrast of more than 4.5."""


def badge(report: Report) -> str:
    """Return the badge, as SVG that needs no font or style."""
    score = words.percent(report["score"])
    left = _width(_LABEL)
    width = left + _width(score)
    text = f"{_LABEL}: {score}"
    parts = (
        element("title", text),
        element("clipPath", element("rect", width=width, height=20, rx=4), id="round"),
        element(
            "g",
            element("rect", width=left, height=20, fill="#2b3440"),
            element(
                "rect", x=left, width=width - left, height=20, fill=_COLORS[words.grade(report)]
            ),
            clip_path="url(#round)",
        ),
        element(
            "g",
            element("text", _LABEL, x=_PADDING, y=14, textLength=left - 2 * _PADDING),
            element("text", score, x=left + _PADDING, y=14, textLength=width - left - 2 * _PADDING),
            fill="#ffffff",
            font_family="system-ui, Verdana, 'DejaVu Sans', sans-serif",
            font_size=12,
            aria_hidden="true",
        ),
    )
    root = element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} 20",
        width=width,
        height=20,
        role="img",
        aria_label=text,
    )
    return f"{as_xml(root)}\n"


def _width(text: str) -> int:
    return _CHARACTER_WIDTH * len(text) + 2 * _PADDING
