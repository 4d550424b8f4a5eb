"""Patterns for names and keys: ``*`` stands for any text, slashes included, ``?`` for one
character, and everything else for itself."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression for what ``pattern`` matches from end to end."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(each) or re.escape(each) for each in pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is what ``pattern`` stands for, in the same case."""
    return compiled(pattern).fullmatch(text) is not None


def is_pattern(text: str) -> bool:
    """Whether ``text`` may stand for something else than itself."""
    return "*" in text or "?" in text
