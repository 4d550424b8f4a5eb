"""Escape characters that could end a line of a log, or change how a terminal shows it."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters (C0, DEL, C1), line and paragraph separators, and lone surrogates."""


def one_line(text: str) -> str:
    """Return ``text`` with every such character as an escape sequence of Python."""
    return text if text.isprintable() else _CONTROL.sub(_in_python, text)


def json_in_one_line(document: str) -> str:
    """Return JSON with every such character as an escape sequence of JSON. An encoder leaves some
    as they are; those are in strings only."""
    return document if document.isprintable() else _CONTROL.sub(_in_json, document)


def _in_python(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
