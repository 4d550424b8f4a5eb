"""One lock per object, held only while somebody writes it or fills the cache from it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class KeyLocks:
    """A lock for each key in use; a key that nobody holds or waits for takes no memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def any_held(self) -> bool:
        """Whether anybody holds a lock."""
        return any(lock.locked() for lock in self._locks.values())

    def of(self, key: Hashable) -> asyncio.Lock:
        """The lock of ``key``, the same object for as long as anyone has it."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
