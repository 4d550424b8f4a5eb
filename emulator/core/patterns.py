"""Match names and keys against patterns: ``*`` is any text, slashes included, ``?`` is any one
character, and everything else is itself."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches ``pattern``; case matters.

    No regular expression: it would try every way to divide the text among the stars, while it is
    enough to let the last star take more.
    """
    if not is_pattern(pattern):
        return pattern == text
    at = in_pattern = 0
    star, taken = -1, 0
    while at < len(text):
        sign = pattern[in_pattern] if in_pattern < len(pattern) else ""
        if sign == "*":
            star, taken = in_pattern, at
            in_pattern += 1
        elif sign and sign in ("?", text[at]):
            in_pattern, at = in_pattern + 1, at + 1
        elif star >= 0:
            taken += 1
            in_pattern, at = star + 1, taken
        else:
            return False
    return not pattern[in_pattern:].strip("*")


def is_pattern(text: str) -> bool:
    """Whether ``text`` contains ``*`` or ``?``, and so may match other texts than itself."""
    return "*" in text or "?" in text
