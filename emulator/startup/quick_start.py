"""Imports and garbage collection: a quick start, in a process of our own and in one that embeds an
emulator, and no long pauses after it."""

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


_THRESHOLDS = (2_000, 10, 100)
"""After how many new containers the youngest are collected; after how many of these collections
those that have survived one are, too; and after how many of those all are: 2 million containers."""


def collect_rarely() -> None:
    """Look at all containers for garbage only after 2 million new ones.

    It takes up to a second per million containers, in which nobody is served, and with Python's own
    thresholds happens a dozen times while 250 000 objects are stored. What a request leaves behind
    is young, and freed as before. Only for a process of our own.
    """
    gc.set_threshold(*_THRESHOLDS)


def import_aiohttp() -> None:
    """Import aiohttp without loading the certificates of all authorities, which its client module
    does twice. They are loaded when the client needs them."""
    if "aiohttp" in sys.modules:
        return
    from emulator.startup.late_certificates import certificates_when_needed

    with certificates_when_needed():
        importlib.import_module("aiohttp")
