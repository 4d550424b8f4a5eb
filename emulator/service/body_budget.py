"""Budget of bytes for the bodies of uploads that are held in memory at once (D123).

An upload reserves what it is going to hold before its body is read. One that finds no room waits,
and its socket is not read meanwhile.

An upload that has begun can always finish. One of known length reserves all of it at once. One of
unknown length grows in steps, and if there is no room for a step, one such upload at a time may
exceed the budget until its end. So whoever waits, waits for an upload that does not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

FREE_BYTES = 64 * 1024
"""Bodies up to this size need no room: aiohttp buffers more than that for every connection."""

STEP_BYTES = 1024 * 1024
"""How much an upload of unknown length reserves at a time."""

Lost = Callable[[], Awaitable[None]]
"""Returns once all of a body is here; raises ``ServiceError`` if the rest of it will not come."""


class BodyBudget:
    """Shares out ``limit`` bytes, in the order in which uploads ask.

    A body that is larger than the limit is received while no other is held.
    """

    def __init__(self, limit: int) -> None:
        self._limit = max(1, limit)
        self._held = 0
        self._arriving: deque[_Waiting] = deque()
        self._growing: deque[_Waiting] = deque()
        self._favoured: Reservation | None = None

    @property
    def held(self) -> int:
        """How many bytes are reserved."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many uploads wait for room."""
        return len(self._arriving) + len(self._growing)

    async def reserve(
        self, size: int | None, *, streamed: int | None = None, lost: Lost | None = None
    ) -> Reservation:
        """Reserve room for ``size`` bytes of a body, or for one of unknown length if that is None.
        The caller releases it. ``streamed`` is what is held of a body once it is forwarded as it
        arrives; None for all of it.

        Raises:
            ServiceError: what ``lost`` raises, if that happens before there is room.
        """
        reservation = Reservation(self, streamed, lost, is_growing=size is None)
        amount = 0 if size is None else min(size, self._limit)
        if amount and (self.waiting or self._held + amount > self._limit):
            await self._wait(self._arriving, reservation, amount)
        else:
            self._take(reservation, amount)
        return reservation

    async def grow(self, reservation: Reservation, amount: int) -> None:
        """Reserve ``amount`` bytes more for an upload of unknown length."""
        is_free = not self._growing and self._held + amount <= self._limit
        if is_free or reservation is self._favoured:
            self._take(reservation, amount)
        else:
            await self._wait(self._growing, reservation, amount)

    def give_back(self, reservation: Reservation, amount: int) -> None:
        """Give back ``amount`` bytes of a reservation."""
        reservation.size -= amount
        self._held -= amount
        favoured = self._favoured
        if favoured is not None:
            has_room = self._held <= self._limit and not favoured.is_growing
            if has_room or not favoured.size:
                self._favoured = None
        self._grant()

    def _take(self, reservation: Reservation, amount: int) -> None:
        reservation.size += amount
        self._held += amount

    async def _wait(self, queue: deque[_Waiting], reservation: Reservation, amount: int) -> None:
        granted = asyncio.get_running_loop().create_future()
        waiting = _Waiting(reservation, amount, granted)
        queue.append(waiting)
        self._grant()
        try:
            await _unless_lost(granted, reservation.lost)
        except BaseException:
            if granted.done():
                self.give_back(reservation, amount)
            else:
                queue.remove(waiting)
                self._grant()
            raise

    def _grant(self) -> None:
        """Let those go on for whom there is room. Uploads that hold a part of a body come first."""
        while self._growing:
            waiting = self._growing[0]
            if self._held + waiting.amount > self._limit:
                if self._favoured is not None:
                    return
                self._favoured = waiting.reservation
            self._let_go_on(self._growing)
        while self._arriving and self._held + self._arriving[0].amount <= self._limit:
            self._let_go_on(self._arriving)

    def _let_go_on(self, queue: deque[_Waiting]) -> None:
        waiting = queue.popleft()
        self._take(waiting.reservation, waiting.amount)
        waiting.granted.set_result(None)


class Reservation:
    """The room of one upload. Releasing it twice is allowed."""

    def __init__(
        self, budget: BodyBudget, streamed: int | None, lost: Lost | None, *, is_growing: bool
    ) -> None:
        self.size = 0
        self.lost = lost
        self._budget = budget
        self._streamed = streamed
        self.is_growing = is_growing

    async def cover(self, size: int) -> None:
        """Wait until there is room for ``size`` bytes, if the length of the body is unknown.

        Raises:
            ServiceError: the rest of the body will not come.
        """
        if self.is_growing and size > self.size + FREE_BYTES:
            await self._budget.grow(self, max(STEP_BYTES, size - self.size))

    async def stream(self) -> None:
        """From now on the body is forwarded as it arrives: adapt the room to what is still held.

        Raises:
            ServiceError: the rest of the body will not come.
        """
        if self._streamed is not None:
            await self.cover(self._streamed)
            self.is_growing = False
            self._keep(self._streamed)

    def release(self) -> None:
        """Give all of it back."""
        self._keep(0)

    def _keep(self, size: int) -> None:
        if self.size > size:
            self._budget.give_back(self, self.size - size)


@dataclass(slots=True, eq=False)
class _Waiting:
    reservation: Reservation
    amount: int
    granted: asyncio.Future[None]


async def _unless_lost(granted: asyncio.Future[None], lost: Lost | None) -> None:
    """Wait for ``granted``, or raise what ``lost`` does."""
    if lost is None:
        await asyncio.wait({granted})  # Unlike await, this does not cancel it.
        return
    watch = asyncio.ensure_future(lost())
    try:
        await asyncio.wait({granted, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not granted.done():
            await watch
            await asyncio.wait({granted})
    finally:
        watch.add_done_callback(_mark_retrieved)
        watch.cancel()


def _mark_retrieved(watch: asyncio.Future[None]) -> None:
    """Prevent asyncio's warning about an exception that nobody reads."""
    if not watch.cancelled():
        watch.exception()
