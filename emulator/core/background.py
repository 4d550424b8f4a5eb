"""Start tasks that do not belong to a request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from time import perf_counter_ns
from typing import Any, TypeVar

T = TypeVar("T")

_TURN_NANOSECONDS = 5_000_000
"""How long work in the event loop may go on before others have their turn."""

_ticks = perf_counter_ns
"""Real time, whatever a test replaces in the module ``time``."""


def in_background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start ``work`` as a task with an empty context: a tier fault that applies to one request
    must not apply to background work that this request starts."""
    task: asyncio.Task[T] = Context().run(asyncio.get_running_loop().create_task, work)
    return task


class Pace:
    """Lets the event loop have its turn during long work: call ``step`` often."""

    def __init__(self) -> None:
        self._since = _ticks()

    async def step(self) -> None:
        """Let others run if that was long ago."""
        if _ticks() - self._since > _TURN_NANOSECONDS:
            await asyncio.sleep(0)
            self._since = _ticks()


async def to_its_end(work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Await ``work``, which goes on if the caller is cancelled. The cancellation is raised only
    when the work is done: whatever the caller does next happens after it."""
    future = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not future.cancelled():
            future.exception()  # Mark it as retrieved: nobody else will look at it.
        raise cancelled
    return future.result()
