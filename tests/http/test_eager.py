"""A coroutine that runs at once, and in a task from where it has to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from emulator.http.eager import Rest, begin

WHERE: ContextVar[str] = ContextVar("WHERE", default="outside")


class Task:
    """A task that awaits what is left of a coroutine once it is told to."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._left: asyncio.Future[Rest | None] = self._loop.create_future()
        self.task = self._loop.create_task(self._go_on())

    async def begin(self, coroutine: Coroutine[Any, Any, None]) -> bool:
        """Begin as a connection does: in a callback, where no task runs."""
        ended: asyncio.Future[bool] = self._loop.create_future()

        def begin_now() -> None:
            try:
                rest = begin(coroutine, self.task, self._loop)
                ended.set_result(rest is None)
                self._left.set_result(rest)
            except Exception as error:
                ended.set_exception(error)

        self._loop.call_soon(begin_now)
        return await ended

    async def _go_on(self) -> None:
        rest = await self._left
        assert rest is not None
        await rest


async def test_what_waits_for_nothing_has_ended_at_once() -> None:
    steps = []

    async def work() -> None:
        steps.append(1)

    task = Task()
    assert await task.begin(work())
    assert steps == [1]
    task.task.cancel()


async def test_all_of_it_runs_in_the_task_and_in_one_context() -> None:
    may_go_on, seen = asyncio.Event(), []

    async def work() -> None:
        seen.append((asyncio.current_task(), WHERE.get()))
        WHERE.set("inside")
        await may_go_on.wait()
        seen.append((asyncio.current_task(), WHERE.get()))
        await asyncio.sleep(0)
        seen.append((asyncio.current_task(), WHERE.get()))

    task = Task()
    assert not await task.begin(work())
    assert WHERE.get() == "outside"
    may_go_on.set()
    await task.task
    assert seen == [(task.task, "outside"), (task.task, "inside"), (task.task, "inside")]
    assert WHERE.get() == "outside"


async def test_a_time_limit_that_begins_at_once_ends_what_waits() -> None:
    async def work() -> None:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)

    task = Task()
    assert not await task.begin(work())
    with pytest.raises(asyncio.TimeoutError):
        await task.task


async def test_a_cancelled_task_ends_what_waits_where_it_waits() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    task = Task()
    assert not await task.begin(work())
    await asyncio.sleep(0)
    task.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task.task
    assert ended == ["cancelled"]


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_is_that_of_whoever_runs_it(waits: bool) -> None:
    async def work() -> None:
        if waits:
            await asyncio.sleep(0)
        raise ValueError("why")

    task = Task()
    if waits:
        assert not await task.begin(work())
        with pytest.raises(ValueError, match="why"):
            await task.task
    else:
        with pytest.raises(ValueError, match="why"):
            await task.begin(work())
        task.task.cancel()


async def test_after_it_no_task_runs() -> None:
    running = []

    async def work() -> None:
        await asyncio.sleep(0)

    task = Task()
    await task.begin(work())
    asyncio.get_running_loop().call_soon(lambda: running.append(asyncio.current_task()))
    await task.task
    assert running == [None]
