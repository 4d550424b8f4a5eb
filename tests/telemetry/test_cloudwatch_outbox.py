"""What an outbox sends, and when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.telemetry.cloudwatch_outbox import Outbox


class Numbers(Outbox[int]):
    """Sends one number at a time, and waits for each answer with a limit, as calls to AWS do."""

    def __init__(self, count: int) -> None:
        super().__init__("numbers", RateLimitedLogger(logging.getLogger(__name__)))
        self._queue.extend(range(count))
        self.sent: list[int] = []
        self.asked: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    def _next(self) -> Sequence[int]:
        return [self._queue.popleft()] if self._queue else []

    async def _send(self, batch: Sequence[int]) -> None:
        self.sent += batch
        await asyncio.wait_for(self._answer(), 30)

    async def _answer(self) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked.put_nowait(answer)
        await answer


async def test_an_outbox_that_is_stopped_as_an_answer_comes_sends_no_more() -> None:
    outbox = Numbers(10)
    outbox.begin()
    answer = await outbox.asked.get()
    answer.set_result(None)
    await asyncio.wait_for(outbox.stop(), 10)
    assert outbox.sent == [0]
    assert outbox.waiting in (9, 10)  # The answer was heard or not.


async def test_an_outbox_that_is_not_stopped_sends_all_in_order() -> None:
    outbox = Numbers(3)
    sending = outbox.begin()
    for number in range(3):
        answer = await outbox.asked.get()
        assert outbox.sent == list(range(number + 1))
        answer.set_result(None)
    await sending
    assert outbox.is_empty
