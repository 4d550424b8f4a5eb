"""Cache engine in this process: dictionaries, without Valkey's commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.leases import Leases
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.copy_on_write import CopyOnWriteDict
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import by_key, slices

_SLICE_COPIES = 1000

_Namespace = tuple[str, str]
"""A cluster's name and a namespace in it."""


class MemoryCache(Cache):
    """Keeps the copies of each namespace in a dictionary."""

    name = "memory"

    def __init__(self) -> None:
        self._namespaces: dict[_Namespace, CopyOnWriteDict[str, CachedObject]] = {}
        self._leases = Leases()

    async def get(self, key: CacheKey) -> CachedObject | None:
        copies = self._namespaces.get(key[:2])
        return None if copies is None else copies.entries.get(key.key)

    async def begin_write(self, key: CacheKey) -> str:
        return self._leases.begin_write(key)

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        del lifetime  # `expire` removes what has expired.
        if self._leases.end_write(key, lease) and copy is not None:
            self._keep(key, copy)
        else:
            self._remove(key)

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        self._leases.end_write(key, lease)
        self._remove(key)

    async def begin_fill(self, key: CacheKey) -> str | None:
        copies = self._namespaces.get(key[:2])
        if copies is not None and key.key in copies.entries:
            return None
        return self._leases.begin_fill(key)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        del lifetime
        if self._leases.end_fill(key, lease) and copy is not None:
            self._keep(key, copy)

    def _keep(self, key: CacheKey, copy: CachedObject) -> None:
        copies = self._namespaces.get(key[:2])
        if copies is None:
            copies = self._namespaces[key[:2]] = CopyOnWriteDict()
        copies.writable()[key.key] = copy

    def _remove(self, key: CacheKey) -> None:
        copies = self._namespaces.get(key[:2])
        if copies is not None and key.key in copies.entries:
            del copies.writable()[key.key]

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:
        copy = await self.get(key)
        if copy is None:
            return None
        if copy.info.is_expired(now):
            self._remove(key)
        return copy.info

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        for (cluster, namespace), copies in list(self._namespaces.items()):
            keys = list(copies.entries)
            for start in range(0, len(keys), _SLICE_COPIES):
                entries = copies.entries
                yield [
                    (CacheKey(cluster, namespace, key), entries[key].info.expires_at or 0)
                    for key in keys[start : start + _SLICE_COPIES]
                    if key in entries and entries[key].info.expires_at is not None
                ]

    async def drop(self, cluster: str, namespace: str) -> None:
        self._leases.drop(cluster, namespace)
        self._namespaces.pop((cluster, namespace), None)

    async def flush(self, cluster: str) -> None:
        for place in [place for place in self._namespaces if place[0] == cluster]:
            del self._namespaces[place]

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        copies = self._namespaces.get((cluster, namespace))
        if copies is None:
            return []
        listed: dict[str, ObjectInfo] = {}
        async for some in slices(list(copies.entries.items())):
            listed |= {key: copy.info for key, copy in some}
        return await by_key(listed)

    async def checkpoint(self) -> Checkpoint:
        held = {place: copies.share() for place, copies in self._namespaces.items()}
        return HeldCheckpoint(held, self._restore)

    async def check(self) -> None:
        """Memory always works."""

    async def clear(self) -> None:
        self._leases.clear()
        self._namespaces.clear()

    async def close(self) -> None:
        self._namespaces.clear()

    async def _restore(self, held: Mapping[_Namespace, dict[str, CachedObject]]) -> None:
        self._leases.clear()
        self._namespaces.clear()
        for place, copies in held.items():
            self._namespaces[place] = CopyOnWriteDict()
            self._namespaces[place].replace(copies)
