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
        from emulator.startup.quick_start import import_aiohttp, without_collections

        with without_collections():
            import_aiohttp()
            from emulator.embedding import Emulator

        globals()[name] = Emulator  # The next time nothing is looked for.
        return Emulator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
