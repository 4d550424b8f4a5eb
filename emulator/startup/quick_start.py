"""Speed up the start, in a process of our own and in one that embeds an emulator."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without_collections() -> Iterator[None]:
    """Collect no garbage inside the block. Afterwards it is collected as before, if it was."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def keeping_all() -> Iterator[None]:
    """Collect no garbage inside the block, and never what exists at its end: modules and their
    definitions, all of which stay. Only for a process of our own, since it does not ask whose they
    are."""
    with without_collections():
        yield
        gc.freeze()


def import_aiohttp() -> None:
    """Import aiohttp without loading the certificates of all authorities, which its client module
    does twice. They are loaded when the client needs them."""
    if "aiohttp" in sys.modules:
        return
    from emulator.startup.late_certificates import certificates_when_needed

    with certificates_when_needed():
        importlib.import_module("aiohttp")
