"""Caches of several clusters, each in an engine of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint
from emulator.core.model import ObjectInfo


class CacheByCluster(Cache):
    """Asks the engine of the cluster that a copy is in.

    Args:
        default: has the clusters that are not named.
        named: the engines of the others, by the cluster's name.
    """

    def __init__(self, default: Cache, named: Mapping[str, Cache]) -> None:
        self.name = default.name
        self._default = default
        self._named = named

    async def get(self, key: CacheKey) -> CachedObject | None:
        return await self._of(key.cluster).get(key)

    async def begin_write(self, key: CacheKey) -> str:
        return await self._of(key.cluster).begin_write(key)

    async def end_write(
        self, key: CacheKey, turn: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await self._of(key.cluster).end_write(key, turn, copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        await self._of(key.cluster).keep(key, copy, lifetime=lifetime)

    async def leave_open(self, key: CacheKey, turn: str) -> None:
        await self._of(key.cluster).leave_open(key, turn)

    async def begin_fill(self, key: CacheKey) -> str | None:
        return await self._of(key.cluster).begin_fill(key)

    async def end_fill(
        self, key: CacheKey, turn: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await self._of(key.cluster).end_fill(key, turn, copy, lifetime=lifetime)

    async def drop(self, cluster: str, namespace: str) -> None:
        await self._of(cluster).drop(cluster, namespace)

    async def flush(self, cluster: str) -> None:
        await self._of(cluster).flush(cluster)

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        return await self._of(cluster).list(cluster, namespace)

    async def checkpoint(self) -> Checkpoint:
        return _Checkpoints([await engine.checkpoint() for engine in self._engines()])

    async def check(self) -> None:
        for engine in self._engines():
            await engine.check()

    async def clear(self) -> None:
        for engine in self._engines():
            await engine.clear()

    async def close(self) -> None:
        for engine in self._engines():
            await engine.close()

    def _of(self, cluster: str) -> Cache:
        return self._named.get(cluster, self._default)

    def _engines(self) -> Sequence[Cache]:
        return (self._default, *self._named.values())


class _Checkpoints(Checkpoint):
    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._checkpoints = checkpoints

    async def restore(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.restore()

    async def discard(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.discard()
