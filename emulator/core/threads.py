"""Run blocking calls in threads, so that a slow disk does not block the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

_T = TypeVar("_T")


async def run(executor: Executor | None, work: Callable[[], _T]) -> _T:
    """Run ``work`` in a thread of ``executor``, or of the event loop's default executor.

    A thread cannot be stopped. So the cancellation of the caller is raised only when the work is
    done: whatever the caller does next happens after it.
    """
    future = asyncio.get_running_loop().run_in_executor(executor, work)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()  # Mark it as retrieved: nobody else will look at it.
        raise cancelled
    return future.result()
