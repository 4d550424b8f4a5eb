"""One lock per object, held only while it is written or removed from the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from emulator.core.event_loop import wait_for
from emulator.core.failures import EngineUnavailableError


class KeyLocks:
    """A lock for each key; only locks that somebody holds or waits for take memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._open = asyncio.Event()
        self._open.set()

    def any_held(self) -> bool:
        """Whether anybody holds a lock."""
        return any(lock.locked() for lock in self._locks.values())

    def of(self, key: Hashable) -> asyncio.Lock:
        """Return the lock of ``key``: the same object as long as anybody refers to it."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def acquire(self, key: Hashable, patience: float | None = None) -> asyncio.Lock:
        """Acquire the lock of ``key`` within ``patience`` seconds, if given; return it. The caller
        releases it.

        Raises:
            EngineUnavailableError: others have held it for too long.
        """
        if patience is not None:
            try:
                return await wait_for(self.acquire(key), patience)
            except asyncio.TimeoutError:
                raise EngineUnavailableError(
                    f"other writers of the object did not finish within {patience:g} s"
                ) from None
        lock = self._locks.setdefault(key, asyncio.Lock())
        while True:
            await self._open.wait()
            await lock.acquire()
            if self._open.is_set():
                return lock
            lock.release()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let nobody acquire a lock inside the block; locks that are held are not affected."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()
