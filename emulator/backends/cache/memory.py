"""Cache engine in this process: dictionaries, without Valkey's commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial

from emulator.backends.browsing import Browsed
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.local import LocalCache
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.copy_on_write import MASK, SHARDS, CopyOnWriteDict, Shards, let_go_all
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import Pace, by_key

_Namespace = tuple[str, str]
"""A cluster's name and a namespace in it."""

_Held = Mapping[_Namespace, Shards[str, CachedObject]]


class MemoryCache(LocalCache):
    """Keeps the copies of each namespace in a dictionary."""

    name = "memory"

    def __init__(self) -> None:
        super().__init__()
        self._namespaces: dict[_Namespace, CopyOnWriteDict[str, CachedObject]] = {}

    def get_now(self, key: CacheKey) -> CachedObject | None:
        copies = self._namespaces.get(key[:2])
        return None if copies is None else copies.shards[hash(key.key) & MASK].get(key.key)

    def has(self, key: CacheKey) -> bool:
        return self.get_now(key) is not None

    def store(self, key: CacheKey, copy: CachedObject, lifetime: int | None) -> None:
        del lifetime  # `expire` removes what has expired.
        copies = self._namespaces.get(key[:2])
        if copies is None:
            copies = self._namespaces[key[:2]] = CopyOnWriteDict()
        copies.writable(key.key)[key.key] = copy

    def remove(self, key: CacheKey) -> None:
        copies = self._namespaces.get(key[:2])
        if copies is not None and key.key in copies.shards[hash(key.key) & MASK]:
            del copies.writable(key.key)[key.key]

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

    async def browse(self, cluster: str, namespace: str) -> Browsed:
        find, place = partial(self._info_of, cluster, namespace), (cluster, namespace)
        copies = self._namespaces.get(place)
        if copies is None:
            return Browsed((), find, lambda: place not in self._namespaces)
        is_unchanged = copies.watched()
        keys: list[str] = []
        pace = Pace()
        for index in range(SHARDS):
            keys += copies.shards[index]
            await pace.step()
        return Browsed(keys, find, lambda: self._namespaces.get(place) is copies and is_unchanged())

    async def checkpoint(self) -> Checkpoint:
        held = {place: copies.share() for place, copies in self._namespaces.items()}
        return HeldCheckpoint(held, self._restore, let_go_all)

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
