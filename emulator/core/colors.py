"""Colours on terminals, by the escape sequences that all of them understand."""

from __future__ import annotations

import os
from typing import TextIO

BOLD, FAINT, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


def wants_color(stream: TextIO | None) -> bool:
    """Whether what is written to ``stream`` may be coloured: it is a terminal, and the variable
    ``NO_COLOR`` is not set (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or stream is None:
        return False
    return stream.isatty()


def paint(text: str, color: str) -> str:
    """Return ``text`` in a colour, or bold or faint."""
    return f"\x1b[{color}m{text}\x1b[0m"
