"""Start tasks that do not belong to a request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


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
