"""Work of which each piece may take only so long."""

from __future__ import annotations

import asyncio

import pytest

from emulator.core.background import TimeLimit
from tests.support.loop_time import LoopTime


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def heeds_nothing(may_end: asyncio.Event) -> None:
    while not may_end.is_set():
        try:
            await may_end.wait()
        except asyncio.CancelledError:
            continue


async def test_work_that_ends_in_time_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append("it")

    await TimeLimit(10).finish("it", work())
    assert done == ["it"]
    assert caplog.text == ""


async def test_an_error_of_the_work_is_raised() -> None:
    async def fail() -> None:
        raise OSError("the cause")

    with pytest.raises(OSError, match="the cause"):
        await TimeLimit(10).finish("it", fail())


async def test_work_that_takes_too_long_is_cancelled_and_named(
    loop_time: LoopTime, caplog: pytest.LogCaptureFixture
) -> None:
    with loop_time.hurrying(10):
        await TimeLimit(10).finish("the store", never())
    assert "Did not wait until the store was closed" in caplog.text


async def test_work_that_heeds_no_cancellation_is_given_up(loop_time: LoopTime) -> None:
    may_end = asyncio.Event()
    with loop_time.hurrying(10):
        await TimeLimit(10).finish("it", heeds_nothing(may_end))
    may_end.set()


async def test_the_limit_is_one_for_all_work_together(loop_time: LoopTime) -> None:
    limit = TimeLimit(10)
    assert 9 < limit.left <= 10
    loop_time.advance(9.5)
    assert limit.left < 1
    loop_time.advance(9.5)
    assert limit.left == 0
