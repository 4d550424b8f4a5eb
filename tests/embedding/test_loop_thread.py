"""The event loop of an emulator ends, whatever its tasks do."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from emulator.handles.loop_thread import LoopThread
from tests.support.waiting import wait_until


def test_a_task_that_heeds_no_cancellation_does_not_hold_up_the_end() -> None:
    before = set(threading.enumerate())
    thread = LoopThread("test")
    cancellations = 0

    async def heed_nothing() -> None:
        nonlocal cancellations
        while cancellations < 100:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                cancellations += 1

    async def start() -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(heed_nothing())

    task = thread.call(start())
    thread.end()

    assert cancellations > 1
    wait_until(lambda: set(threading.enumerate()) <= before, "its thread is gone")
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # As this test wants it.
    task.get_coro().close()


def test_a_cancellation_that_is_lost_is_repeated() -> None:
    thread = LoopThread("test")
    ended = threading.Event()

    async def lose_one() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.get_running_loop().create_future()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async def start() -> None:
        tasks.append(asyncio.get_running_loop().create_task(lose_one()))

    tasks: list[asyncio.Task[None]] = []
    thread.call(start())
    thread.end()

    assert ended.is_set()
