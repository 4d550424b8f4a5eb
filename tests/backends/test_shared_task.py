"""Work that runs once for all callers that want it at the same time."""

from __future__ import annotations

import asyncio
from itertools import count

from emulator.backends.valkey.server import SharedTask


async def test_callers_at_the_same_time_share_the_work() -> None:
    runs = count(1)

    async def work() -> int:
        await asyncio.sleep(0)
        return next(runs)

    shared = SharedTask(work)
    assert await asyncio.gather(*(shared.result() for _ in range(3))) == [1, 1, 1]
    assert await shared.result() == 2


async def test_work_that_has_just_ended_is_not_shared() -> None:
    """Whoever runs between its end and the next turn of the loop begins anew."""
    loop, runs = asyncio.get_running_loop(), count(1)
    may_end = loop.create_future()

    async def work() -> int:
        await may_end
        return next(runs)

    shared = SharedTask(work)
    first = asyncio.ensure_future(shared.result())
    await asyncio.sleep(0)
    may_end.set_result(None)
    waited: list[bool] = []
    loop.call_soon(lambda: waited.append(_has_to_wait(shared)))
    assert await first == 1
    assert waited == [True]


def _has_to_wait(shared: SharedTask[int]) -> bool:
    """Whether a caller that runs now gets no result at once."""
    caller = shared.result()
    try:
        caller.send(None)
    except StopIteration:
        return False
    caller.close()
    return True
