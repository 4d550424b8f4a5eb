"""One lock per object, held only while it is written or removed from the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class KeyLocks:
    """A lock for each key; only locks that somebody holds or waits for take memory."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def any_held(self) -> bool:
        """Whether anybody holds a lock."""
        return any(lock.locked() for lock in self._locks.values())

    def of(self, key: Hashable) -> asyncio.Lock:
        """Return the lock of ``key``: the same object as long as anybody refers to it."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
