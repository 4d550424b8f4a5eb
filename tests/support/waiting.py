"""Waiting for what happens elsewhere: asked for again and again, until it is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

SECONDS = 20.0
"""How long a test waits at the most; a busy machine never takes that long."""

_PAUSE_SECONDS = 0.002


def wait_until(
    happened: Callable[[], object],
    what: str = "what the test waits for",
    *,
    seconds: float = SECONDS,
) -> None:
    """Wait until ``happened``.

    Raises:
        AssertionError: it has not in that many seconds.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not after {seconds} seconds: {what}"
        time.sleep(_PAUSE_SECONDS)


async def wait_until_async(
    happened: Callable[[], object], what: str = "what the test waits for"
) -> None:
    """Wait until ``happened``, while the event loop goes on. It is asked in a thread, so it may ask
    a server.

    Raises:
        AssertionError: it has not in `SECONDS`.
    """
    deadline = time.monotonic() + SECONDS
    while not await asyncio.to_thread(happened):
        assert time.monotonic() < deadline, f"not after {SECONDS} seconds: {what}"
        await asyncio.sleep(_PAUSE_SECONDS)
