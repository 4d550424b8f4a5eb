"""Type of one normative statement of a document."""

from __future__ import annotations

from typing import NamedTuple

FIRST = "2026-02-05"
SECOND = "2026-08-12"
BOTH = (FIRST, SECOND)


class Statement(NamedTuple):
    """One sentence that an endpoint keeps or breaks; its id never changes."""

    id: str
    text: str
    source: str
    revisions: tuple[str, ...] = BOTH
    not_shown: str = ""
    """Why a black box cannot show it; empty when a case shows it."""
