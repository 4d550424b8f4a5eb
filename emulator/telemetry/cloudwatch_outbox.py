"""Queue for one destination in CloudWatch, sent in the background."""

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
"""Codes of refusals that a retry would meet again begin like this."""

_TOO_LARGE = 413


class UndeliverableError(EngineUnavailableError):
    """The delivery failed, and a retry makes no sense."""


class Outbox(ABC, Generic[T]):
    """Queued items, sent by one task at a time, the oldest first, until none is left or CloudWatch
    cannot take them; then they stay queued. An item may arrive twice if an answer was lost.

    Args:
        contents: the name of its contents in warnings.
    """

    def __init__(self, contents: str, log: RateLimitedLogger) -> None:
        self.contents = contents
        self.idle_rounds = 0
        """In how many rounds there has been nothing to deliver."""
        self._log = log
        self._queue: deque[T] = deque()
        self._in_flight: Sequence[T] = ()
        self._sending: asyncio.Task[None] | None = None
        self._dropped = 0
        self._stopped = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to deliver."""
        return not (self._queue or self._in_flight)

    @property
    def waiting(self) -> int:
        """The number of items that are not delivered, including those being sent."""
        return len(self._queue) + len(self._in_flight)

    @property
    def droppable(self) -> int:
        """The number of queued items, without those being sent."""
        return len(self._queue)

    def drop(self, count: int) -> None:
        """Drop the oldest ``count`` queued items. The next attempt to send logs a warning."""
        for _ in range(count):
            self._queue.popleft()
        self._dropped += count

    def begin(self) -> asyncio.Task[None]:
        """Start the task that sends all items, unless it runs; return it."""
        if self._dropped:
            logger.warning(
                "%s: the oldest %d were dropped, since too many are queued",
                self.contents,
                self._dropped,
            )
            self._dropped = 0
        if self._sending is None or self._sending.done():
            self._sending = in_background(self._deliver())
        return self._sending

    async def flush(self) -> None:
        """Try once to send all that is queued now. What cannot be delivered stays queued."""
        if self._sending is not None:
            await asyncio.wait({self._sending})  # It may fail, although CloudWatch works again.
        if not self._stopped:
            await asyncio.wait({self.begin()})

    async def stop(self) -> None:
        """Stop sending."""
        self._stopped = True
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})

    @abstractmethod
    def _next(self) -> Sequence[T]:
        """Take a batch for one call from the queue; it is empty if nothing is left."""

    @abstractmethod
    async def _send(self, batch: Sequence[T]) -> None:
        """Send a batch.

        Raises:
            UndeliverableError: it can never be delivered.
            EngineUnavailableError: it cannot be delivered now.
        """

    async def _deliver(self) -> None:
        # _stopped: if a call ends just when the task is cancelled, Python before 3.12 may lose the
        # cancellation.
        while not self._stopped and (batch := self._next()):
            self._in_flight = batch
            try:
                await self._send(batch)
            except asyncio.CancelledError:
                self._put_back()
                raise
            except Exception as error:
                if _can_be_retried(error):
                    self._put_back()
                    self._log.warn(f"{self.contents} are delayed", error)
                    return
                self._log.warn(f"{self.contents}: {len(batch)} are lost", error)
            self._in_flight = ()

    def _put_back(self) -> None:
        self._queue.extendleft(reversed(self._in_flight))
        self._in_flight = ()


def _can_be_retried(error: Exception) -> bool:
    if isinstance(error, AnswerError):
        return error.status != _TOO_LARGE and not error.code.startswith(_FINAL)
    if isinstance(error.__cause__, ParamValidationError):  # The library refuses to send it.
        return False
    return isinstance(error, EngineUnavailableError) and not isinstance(error, UndeliverableError)
