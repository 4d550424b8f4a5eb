"""Which cases of a run are asked for, by ``--only``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

STATEMENTS, QUESTIONS, VARIANTS = "statements", "questions", "variants"
PARTS = (STATEMENTS, QUESTIONS, VARIANTS)


def is_selected(only: Sequence[str], part: str, ids: Iterable[str]) -> bool:
    """Whether a case of this part, about these statements or questions, is asked for.

    ``only`` has parts, and patterns of ids as in a shell; empty for all.
    """
    if not only or part in only:
        return True
    return any(fnmatchcase(each.upper(), pattern.upper()) for each in ids for pattern in only)


def unknown(only: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return the patterns that are no part and match no id."""
    return [
        pattern for pattern in only if pattern not in PARTS and not is_selected((pattern,), "", ids)
    ]
