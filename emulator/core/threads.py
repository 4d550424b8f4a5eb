"""Run blocking calls in threads, so that a slow disk does not block the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from emulator.core.background import to_its_end

_T = TypeVar("_T")


async def run(executor: Executor | None, work: Callable[[], _T]) -> _T:
    """Run ``work`` in a thread of ``executor``, or of the event loop's default executor.

    A thread cannot be stopped. So the cancellation of the caller is raised only when the work is
    done.
    """
    return await to_its_end(asyncio.get_running_loop().run_in_executor(executor, work))


async def end(executor: Executor) -> None:
    """Wait until the threads of ``executor`` have ended: in another thread, since they may hang."""
    executor.shutdown(wait=False)
    await asyncio.get_running_loop().run_in_executor(None, executor.shutdown)
