"""One lock per object, held only while it is written or removed from the cache."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager

from emulator.core.event_loop import wait_for
from emulator.core.failures import EngineUnavailableError


class KeyLocks:
    """A lock for each key; only locks that somebody holds take memory.

    Whoever waits for a lock gets it in the order of coming.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, deque[asyncio.Future[None]] | None] = {}
        """Who waits for each lock that is held: None where nobody has."""
        self._open = asyncio.Event()
        self._open.set()
        self._is_open = True

    def any_held(self) -> bool:
        """Whether anybody holds a lock."""
        return bool(self._held)

    def is_held(self, key: Hashable) -> bool:
        """Whether anybody holds the lock of ``key``."""
        return key in self._held

    def acquire_now(self, key: Hashable) -> bool:
        """Acquire the lock of ``key`` if that takes no waiting; return whether it was acquired. The
        caller releases it."""
        if key in self._held or not self._is_open:
            return False
        self._held[key] = None
        return True

    async def acquire(self, key: Hashable, patience: float | None = None) -> None:
        """Acquire the lock of ``key`` within ``patience`` seconds, if given. The caller releases
        it.

        Raises:
            EngineUnavailableError: others have held it for too long.
        """
        if self.acquire_now(key):
            return
        if patience is None:
            await self._acquire_while_open(key)
            return
        try:
            await wait_for(self._acquire_while_open(key), patience)
        except asyncio.TimeoutError:
            raise EngineUnavailableError(
                f"other writers of the object did not finish within {patience:g} s"
            ) from None

    def release(self, key: Hashable) -> None:
        """Release the lock of ``key``; the first who waits for it has it then."""
        waiting = self._held[key]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():  # Else it was cancelled.
                turn.set_result(None)
                return
        del self._held[key]

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the lock of ``key`` inside the block, also while locks are held back."""
        await self._wait(key)
        try:
            yield
        finally:
            self.release(key)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let nobody acquire a lock inside the block; locks that are held are not affected."""
        self._is_open = False
        self._open.clear()
        try:
            yield
        finally:
            self._is_open = True
            self._open.set()

    async def _acquire_while_open(self, key: Hashable) -> None:
        while True:
            await self._open.wait()
            await self._wait(key)
            if self._is_open:
                return
            self.release(key)

    async def _wait(self, key: Hashable) -> None:
        if key not in self._held:
            self._held[key] = None
            return
        waiting = self._held[key]
        if waiting is None:
            waiting = self._held[key] = deque()
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.release(key)  # It has become ours meanwhile.
            raise
