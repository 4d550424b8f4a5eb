"""Patterns for names and keys: ``*`` stands for any text, slashes included, ``?`` for one
character, and everything else for itself."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` is what ``pattern`` stands for, in the same case.

    A regular expression would go through every way to part the text among the stars; only the last
    star ever has to take more.
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
    """Whether ``text`` may stand for something else than itself."""
    return "*" in text or "?" in text
