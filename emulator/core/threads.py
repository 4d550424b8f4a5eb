"""Blocking calls in threads, so that a slow disk stops nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

_T = TypeVar("_T")


async def run(executor: Executor | None, work: Callable[[], _T]) -> _T:
    """Do ``work`` in a thread of ``executor``, or of the event loop's own.

    A thread cannot be stopped. So a caller that is cancelled is told so only when the work is
    done: what the caller does next never overtakes it.
    """
    future = asyncio.get_running_loop().run_in_executor(executor, work)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()  # Nobody will ask for it any more.
        raise cancelled
    return future.result()
