"""What a start leaves out in a process that is the emulator's own: about a sixth of its time."""

from __future__ import annotations

import contextlib
import gc
import importlib
import ssl
from collections.abc import Iterator


@contextlib.contextmanager
def without_collections() -> Iterator[None]:
    """Look for no garbage meanwhile, nor ever again among what is there at the end: modules and
    what they define, all of which stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def import_aiohttp(*, calls_aws: bool) -> None:
    """Import aiohttp, whose client reads the certificates of all authorities when it is imported,
    twice, unless something will be its client: what calls AWS's services is. TLS to a Valkey has
    contexts of its own."""
    with contextlib.nullcontext() if calls_aws else _no_certificates():
        importlib.import_module("aiohttp")


@contextlib.contextmanager
def _no_certificates() -> Iterator[None]:
    name = "set_default_verify_paths"  # A method of the C class that SSLContext is derived from.
    setattr(ssl.SSLContext, name, lambda _: None)
    try:
        yield
    finally:
        delattr(ssl.SSLContext, name)
