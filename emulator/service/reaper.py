"""Frees what has expired, soon after its time has come on the emulator's clock (D115)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol

from emulator.core.background import in_background
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.event_loop import sleep
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.service.expiry_index import ExpiryIndex

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""The time between two looks, in real time, while anything expires."""

RETRY_MICROSECONDS = 60 * MICROSECONDS
"""How long an object stays that could not be freed, on the emulator's clock."""

READ_AGAIN_SECONDS = 60.0
"""How long after a failure an engine is asked again what expires, in real time."""

SLICE_NANOSECONDS = 3_000_000
"""How long the event loop is held at a time."""

TAKEN_AT_ONCE = 50
"""How many places are taken from an index at a time."""

RELEASED_AT_ONCE = 2000
"""How many entries of a replaced index are let go at a time."""


class _Engine(Protocol):
    def expiring(self) -> AsyncGenerator[Sequence[tuple[Any, int]], None]:
        """Yield what expires, in slices, with the instants."""


class Tier(Protocol):
    """A tier whose expired objects can be freed."""

    expiry: ExpiryIndex[Any]

    @property
    def engine(self) -> _Engine:
        """The engine that has the objects."""

    async def reap(self, place: Any, now: int) -> bool:
        """Free the object at ``place`` if it has expired at ``now`` (epoch microseconds), and bring
        the index up to date. Return False if that has to wait."""


class Reaper:
    """Frees the expired objects of the tiers, in slices between the requests.

    While nothing expires it does nothing, and has no timer. Otherwise it looks once a second of
    real time while the clock runs, and at once when the clock is moved.

    Args:
        changing: a lock, held while anything else changes the tiers without the service.
    """

    def __init__(self, clock: Clock, tiers: Sequence[Tier], changing: asyncio.Lock) -> None:
        self._clock = clock
        self._tiers = tiers
        self._changing = changing
        self._log = RateLimitedLogger(logger)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._postponed: list[tuple[Tier, Any, int]] = []

    def start(self) -> None:
        """Begin to free what expires, and what has expired already."""
        self._loop = asyncio.get_running_loop()
        self._clock.watchers.append(self._clock_moved)
        for tier in self._tiers:
            tier.expiry.on_change = self._arm
        self._wake()

    async def close(self) -> None:
        """Stop."""
        if self._loop is None:
            return
        self._loop = None
        self._clock.watchers.remove(self._clock_moved)
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def settle(self) -> None:
        """Wait until everything is freed that has expired by now."""
        while self._task is not None:
            await asyncio.wait({self._task})
        self._wake()
        if self._task is not None:
            await asyncio.wait({self._task})

    def _is_idle(self) -> bool:
        return all(tier.expiry.is_idle for tier in self._tiers)

    def _has_work(self) -> bool:
        now = self._clock.now()
        return any(tier.expiry.has_work(now) for tier in self._tiers)

    def _arm(self) -> None:
        """Look in a second, unless that is planned already or nothing can have changed by then."""
        if self._loop is None or self._timer is not None or self._task is not None:
            return
        if not self._clock.frozen or self._has_work():
            self._timer = self._loop.call_later(LOOK_SECONDS, self._wake)

    def _clock_moved(self) -> None:
        """Look at once. Any thread may call this."""
        loop = self._loop
        if loop is not None and not self._is_idle():
            with contextlib.suppress(RuntimeError):  # The loop has been closed.
                loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """Look now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._loop is None or self._task is not None or self._is_idle():
            return
        if self._has_work():
            self._task = in_background(self._run())
        else:
            self._arm()

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception:
            logger.exception("Expired objects cannot be freed")
        finally:
            self._task = None
            for tier, place, at in self._postponed:
                tier.expiry.suspect(place, at)
            self._postponed.clear()
            if not self._is_idle():
                self._arm()

    async def _work(self) -> None:
        while True:
            unread = next((tier for tier in self._tiers if tier.expiry.unread), None)
            if unread is not None:
                await self._read(unread)
            elif not await self._free_some():
                return
            await sleep(0)

    async def _read(self, tier: Tier) -> None:
        """Index what expires in the engine."""
        expiry = tier.expiry
        expiry.unread, generation = False, expiry.generation
        async with contextlib.aclosing(tier.engine.expiring()) as slices:
            try:
                async for found in slices:
                    if expiry.generation != generation:
                        return  # The engine has other objects by now.
                    for place, at in found:
                        if place not in expiry.due:
                            expiry.note(place, at)
                    await self._free_some()
                    await sleep(0)
            except Exception as error:
                if expiry.generation == generation:
                    self._log.warn("Not all that expires can be found", error)
                    self._read_later(tier)

    def _read_later(self, tier: Tier) -> None:
        """Index what expires in the engine again in a minute, unless it has other objects then."""
        generation = tier.expiry.generation

        def read() -> None:
            if self._loop is not None and tier.expiry.generation == generation:
                tier.expiry.unread = True
                self._wake()

        asyncio.get_running_loop().call_later(READ_AGAIN_SECONDS, read)

    async def _free_some(self) -> bool:
        """Free expired objects for a moment; return whether there are more."""
        async with self._changing:
            now, end = self._clock.now(), self._clock.ticks() + SLICE_NANOSECONDS
            for tier in self._tiers:
                if tier.expiry.release(RELEASED_AT_ONCE):
                    return True
                while places := tier.expiry.take(now, TAKEN_AT_ONCE):
                    for place in places:
                        await self._reap(tier, place, now)
                    if self._clock.ticks() >= end:
                        return True
        return False

    async def _reap(self, tier: Tier, place: Any, now: int) -> None:
        try:
            if await tier.reap(place, now):
                return
            again = now
        except Exception as error:
            self._log.warn("An expired object cannot be freed", error)
            again = now + RETRY_MICROSECONDS
        self._postponed.append((tier, place, again))
