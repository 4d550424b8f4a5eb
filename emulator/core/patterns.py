"""Match names and keys against patterns: ``*`` is any text, slashes included, ``?`` is any one
character, and everything else is itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_KEPT_PATTERNS = 256


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches ``pattern``; case matters.

    It takes one step for each character of ``text``, whatever the pattern is: a regular expression
    would try every way to divide the text among the stars.
    """
    if not is_pattern(pattern):
        return pattern == text
    automaton = _automaton(pattern)
    places = 1  # A bit for each place in the pattern that the text so far may lead to.
    for character in text:
        taken = places & automaton.takes.get(character, automaton.takes_any)
        places = taken << 1 | places & automaton.stars
        if not places:
            return False
    return bool(places & automaton.end)


def is_pattern(text: str) -> bool:
    """Whether ``text`` contains ``*`` or ``?``, and so may match other texts than itself."""
    return "*" in text or "?" in text


class _Automaton(NamedTuple):
    """A pattern as sets of places, each a bit: the Nth lies before the Nth sign that is no star.

    ``takes`` has the places where a character leads to the next one, ``takes_any`` those where any
    other does, ``stars`` those where any text may be skipped, and ``end`` is the last place.
    """

    takes: Mapping[str, int]
    takes_any: int
    stars: int
    end: int


@lru_cache(_KEPT_PATTERNS)
def _automaton(pattern: str) -> _Automaton:
    place, takes_any, stars = 1, 0, 0
    takes: dict[str, int] = {}
    for sign in pattern:
        if sign == "*":
            stars |= place
            continue
        if sign == "?":
            takes_any |= place
        else:
            takes[sign] = takes.get(sign, 0) | place
        place <<= 1
    return _Automaton(
        {sign: places | takes_any for sign, places in takes.items()}, takes_any, stars, place
    )
