"""Momento Object Store on your machine: an emulator for development and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.core.version import __version__

if TYPE_CHECKING:
    from emulator.embedding import Emulator as Emulator

__all__ = ["Emulator", "__version__"]


def __getattr__(name: str) -> Any:
    # Only who embeds an emulator pays for the import of one: commands need no server.
    if name == "Emulator":
        from emulator.embedding import Emulator

        return Emulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
