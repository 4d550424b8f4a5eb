"""One lock per object, held only while somebody writes it or fills the cache from it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from emulator.core.failures import EngineUnavailableError


class KeyLocks:
    """A lock for each key in use; a key that nobody holds or waits for takes no memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._open = asyncio.Event()
        self._open.set()

    def any_held(self) -> bool:
        """Whether anybody holds a lock."""
        return any(lock.locked() for lock in self._locks.values())

    def of(self, key: Hashable) -> asyncio.Lock:
        """The lock of ``key``, the same object for as long as anyone has it."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def acquire(self, key: Hashable, patience: float | None = None) -> asyncio.Lock:
        """The lock of ``key``, acquired within ``patience`` seconds, if that is given. The caller
        releases it.

        Raises:
            EngineUnavailableError: others have held it for too long.
        """
        if patience is not None:
            try:
                return await asyncio.wait_for(self.acquire(key), patience)
            except asyncio.TimeoutError:
                raise EngineUnavailableError(
                    f"other writers of the object have held it up for {patience:g} s"
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
        """Let nobody acquire a lock inside the block; those that are held stay so."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()
