"""Inputs that once broke a target, kept in `fixtures/fuzz/`."""

from __future__ import annotations

from pathlib import Path

NAMES = ("http", "router", "json", "seed")
"""The targets."""

FOUND = Path(__file__).parents[2] / "fixtures" / "fuzz"
"""Has a folder for each target."""


def found(name: str) -> list[bytes]:
    """Return what was found for the target ``name``."""
    return [path.read_bytes() for path in sorted((FOUND / name).glob("*")) if path.is_file()]
