"""Cache engine in this process: dictionaries, without Valkey's commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.leases import Leases
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.copy_on_write import MASK, SHARDS, CopyOnWriteDict, Shards, let_go
from emulator.core.object_info import ObjectInfo, sharing
from emulator.core.slices import Pace, by_key

_Namespace = tuple[str, str]
"""A cluster's name and a namespace in it."""

_Held = Mapping[_Namespace, Shards[str, CachedObject]]


class MemoryCache(Cache):
    """Keeps the copies of each namespace in a dictionary."""

    name = "memory"

    def __init__(self) -> None:
        self._namespaces: dict[_Namespace, CopyOnWriteDict[str, CachedObject]] = {}
        self._leases = Leases()

    async def get(self, key: CacheKey) -> CachedObject | None:
        copies = self._namespaces.get(key[:2])
        return None if copies is None else copies.shards[hash(key.key) & MASK].get(key.key)

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
        if copies is not None and key.key in copies.shards[hash(key.key) & MASK]:
            return None
        return self._leases.begin_fill(key)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        del lifetime
        if self._leases.end_fill(key, lease) and copy is not None:
            metadata = _shared_metadata(copy.info.metadata.items())
            info = copy.info._replace(metadata=metadata)
            self._keep(key, CachedObject(info, copy.body))

    def _keep(self, key: CacheKey, copy: CachedObject) -> None:
        copies = self._namespaces.get(key[:2])
        if copies is None:
            copies = self._namespaces[key[:2]] = CopyOnWriteDict()
        copies.writable(key.key)[key.key] = copy

    def _remove(self, key: CacheKey) -> None:
        copies = self._namespaces.get(key[:2])
        if copies is not None and key.key in copies.shards[hash(key.key) & MASK]:
            del copies.writable(key.key)[key.key]

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:
        copy = await self.get(key)
        if copy is None:
            return None
        if copy.info.is_expired(now):
            self._remove(key)
        return copy.info

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        for (cluster, namespace), copies in list(self._namespaces.items()):
            for index in range(SHARDS):
                if copies.shards[index]:
                    yield [
                        (CacheKey(cluster, namespace, key), copy.info.expires_at)
                        for key, copy in copies.shards[index].items()
                        if copy.info.expires_at is not None
                    ]

    async def drop(self, cluster: str, namespace: str) -> None:
        self._leases.drop(cluster, namespace)
        copies = self._namespaces.pop((cluster, namespace), None)
        if copies is not None:
            copies.clear()

    async def flush(self, cluster: str) -> None:
        for place in [place for place in self._namespaces if place[0] == cluster]:
            self._namespaces.pop(place).clear()

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        copies = self._namespaces.get((cluster, namespace))
        if copies is None:
            return []
        listed: dict[str, ObjectInfo] = {}
        pace = Pace()
        for index in range(SHARDS):
            listed |= {key: copy.info for key, copy in copies.shards[index].items()}
            await pace.step()
        return await by_key(listed)

    async def checkpoint(self) -> Checkpoint:
        held = {place: copies.share() for place, copies in self._namespaces.items()}
        return HeldCheckpoint(held, self._restore, _forget)

    async def check(self) -> None:
        """Memory always works."""

    async def clear(self) -> None:
        self._leases.clear()
        for copies in self._namespaces.values():
            copies.clear()
        self._namespaces.clear()

    async def close(self) -> None:
        self._namespaces.clear()

    async def _restore(self, held: _Held) -> None:
        await self.clear()
        for place, copies in held.items():
            self._namespaces[place] = CopyOnWriteDict()
            self._namespaces[place].replace(copies)


def _forget(held: _Held) -> None:
    let_go([shard for shards in held.values() for shard in shards])


_shared_metadata = sharing(dict)
"""Metadata that a storage engine has read from somewhere is one object's own."""
