"""The questions as reports show them."""

from __future__ import annotations

from emulator.conformance.results import Asked


def asked(revision: str) -> list[Asked]:
    """Return all questions, with our answers in this revision."""
    del revision
    return []
