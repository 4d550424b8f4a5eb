"""Tasks that do not belong to a request: start one, or let one take only so long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)

_LEAST_SECONDS = 0.05
"""How long each piece of work may take, even if there is no time left."""


def in_background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start ``work`` as a task with an empty context: a tier fault that applies to one request
    must not apply to background work that this request starts."""
    task: asyncio.Task[T] = Context().run(asyncio.get_running_loop().create_task, work)
    return task


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


class TimeLimit:
    """Limits how long several pieces of work take in all, to about ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + seconds

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return max(0.0, self._ends_at - self._loop.time())

    async def finish(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work``. If that takes too long, cancel it, log a warning that names ``what``, and
        return, even if it does not heed the cancellation."""
        task = asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=max(_LEAST_SECONDS, self.left))
        if task.done():
            task.result()
            return
        task.cancel()
        logger.warning("Did not wait until %s was closed: it takes too long", what)
