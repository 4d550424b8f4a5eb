"""Base class of the cache engines in this process, which wait for nothing."""

from __future__ import annotations

from abc import abstractmethod

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.leases import Leases
from emulator.core.object_info import ObjectInfo, sharing


class LocalCache(Cache):
    """Keeps copies and leases in this process. So every call can also be made without waiting."""

    def __init__(self) -> None:
        self._leases = Leases()

    @abstractmethod
    def get_now(self, key: CacheKey) -> CachedObject | None:
        """Return the copy at ``key``, or None if there is none."""

    @abstractmethod
    def has(self, key: CacheKey) -> bool:
        """Whether there is a copy at ``key``."""

    @abstractmethod
    def store(self, key: CacheKey, copy: CachedObject, lifetime: int | None) -> None:
        """Replace the copy at ``key``, whoever has a lease. ``lifetime`` is as in ``end_write``."""

    @abstractmethod
    def remove(self, key: CacheKey) -> None:
        """Remove the copy at ``key``, if there is one."""

    def _info_of(self, cluster: str, namespace: str, key: str) -> ObjectInfo | None:
        """Return what is known of a copy, or None if there is none."""
        copy = self.get_now(CacheKey(cluster, namespace, key))
        return None if copy is None else copy.info

    def begin_write_now(self, key: CacheKey) -> str:
        """Take a write lease, before the object at ``key`` is changed in storage."""
        return self._leases.begin_write(key)

    def end_write_now(
        self, key: CacheKey, lease: str, copy: CachedObject | None, lifetime: int | None
    ) -> None:
        """End a write lease, as ``end_write`` does."""
        if self._leases.end_write(key, lease) and copy is not None:
            self.store(key, copy, lifetime)
        else:
            self.remove(key)

    async def get(self, key: CacheKey) -> CachedObject | None:
        return self.get_now(key)

    async def begin_write(self, key: CacheKey) -> str:
        return self.begin_write_now(key)

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        self.end_write_now(key, lease, copy, lifetime)

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        self._leases.end_write(key, lease)
        self.remove(key)

    async def begin_fill(self, key: CacheKey) -> str | None:
        return None if self.has(key) else self._leases.begin_fill(key)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if self._leases.end_fill(key, lease) and copy is not None:
            metadata = _shared_metadata(copy.info.metadata.items())
            info = copy.info._replace(metadata=metadata)
            self.store(key, CachedObject(info, copy.body), lifetime)

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:
        copy = self.get_now(key)
        if copy is None:
            return None
        if copy.info.is_expired(now):
            self.remove(key)
        return copy.info


_shared_metadata = sharing(dict)
"""What a storage engine has read from somewhere is one object's own."""
