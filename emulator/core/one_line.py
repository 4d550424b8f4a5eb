"""Escape characters that could end a line of a log, or change how a terminal shows it."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters (C0, DEL, C1), line and paragraph separators, those that change the direction
of a text, and lone surrogates."""


def one_line(text: str) -> str:
    """Return ``text`` with every character that is not printable as an escape sequence of Python,
    for people to read."""
    if text.isprintable():
        return text
    # Not by the codec of these sequences: that is a module, which is loaded when it is first used,
    # and clients may have taken every descriptor by then.
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def json_in_one_line(document: str) -> str:
    """Return JSON with control characters, and others that change lines or the direction of a text,
    as escape sequences of JSON. An encoder leaves some as they are; those are in strings only."""
    return document if document.isprintable() else _CONTROL.sub(_in_json, document)


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
