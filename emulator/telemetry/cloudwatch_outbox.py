"""What waits to be delivered to one place in CloudWatch, and is sent behind all requests."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from botocore.exceptions import ParamValidationError

from emulator.aws.errors import AnswerError
from emulator.core.background import in_background
from emulator.core.failures import EngineUnavailableError
from emulator.core.rate_limited_log import RateLimitedLogger

logger = logging.getLogger(__name__)

T = TypeVar("T")

_FINAL = ("InvalidParameter", "MissingRequiredParameter", "Validation")
"""How the names of refusals begin that the same call would meet again."""

_TOO_LARGE = 413


class UndeliverableError(EngineUnavailableError):
    """It makes no sense to try again."""


class Outbox(ABC, Generic[T]):
    """Waiting items, sent by one task at a time, the oldest first, until none is left or CloudWatch
    cannot take them. Those are kept. An item may arrive twice where an answer was lost.

    Args:
        contents: what it holds, as warnings name it.
    """

    def __init__(self, contents: str, log: RateLimitedLogger) -> None:
        self._contents = contents
        self._log = log
        self._queue: deque[T] = deque()
        self._on_the_way: Sequence[T] = ()
        self._sending: asyncio.Task[None] | None = None
        self._dropped = 0
        self._stopped = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self._queue or self._on_the_way)

    @property
    def waiting(self) -> int:
        """How many items are not delivered, those included that are on their way."""
        return len(self._queue) + len(self._on_the_way)

    @property
    def droppable(self) -> int:
        """How many of them are not on their way."""
        return len(self._queue)

    def drop(self, count: int) -> None:
        """Give up so many of the oldest of these. The next attempt to send tells of it."""
        for _ in range(count):
            self._queue.popleft()
        self._dropped += count

    def begin(self) -> asyncio.Task[None]:
        """The one task that sends what waits."""
        if self._dropped:
            logger.warning(
                "%s: %d were dropped, the oldest, since too many wait",
                self._contents,
                self._dropped,
            )
            self._dropped = 0
        if self._sending is None or self._sending.done():
            self._sending = in_background(self._deliver())
        return self._sending

    async def flush(self) -> None:
        """Send all that waits now. What cannot be delivered after one attempt goes on waiting."""
        if self._sending is not None:
            await asyncio.wait({self._sending})  # It may have failed before CloudWatch was well.
        if not self._stopped:
            await asyncio.wait({self.begin()})

    async def stop(self) -> None:
        """Send nothing any more."""
        self._stopped = True
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})

    @abstractmethod
    def _next(self) -> Sequence[T]:
        """Take out of the queue what can go in one call; nothing where nothing is left."""

    @abstractmethod
    async def _send(self, batch: Sequence[T]) -> None:
        """Send it.

        Raises:
            UndeliverableError: it cannot be delivered, now or later.
            EngineUnavailableError: it cannot be delivered now.
        """

    async def _deliver(self) -> None:
        # Where a call ends as this is cancelled, Python before 3.12 may forget the latter.
        while not self._stopped and (batch := self._next()):
            self._on_the_way = batch
            try:
                await self._send(batch)
            except asyncio.CancelledError:
                self._put_back()
                raise
            except Exception as error:
                if _may_go_later(error):
                    self._put_back()
                    self._log.warn(f"{self._contents} have to wait", error)
                    return
                self._log.warn(f"{self._contents}: {len(batch)} are lost", error)
            self._on_the_way = ()

    def _put_back(self) -> None:
        self._queue.extendleft(reversed(self._on_the_way))
        self._on_the_way = ()


def _may_go_later(error: Exception) -> bool:
    if isinstance(error, AnswerError):
        return error.status != _TOO_LARGE and not error.code.startswith(_FINAL)
    if isinstance(error.__cause__, ParamValidationError):  # The library itself did not send it.
        return False
    return isinstance(error, EngineUnavailableError) and not isinstance(error, UndeliverableError)
