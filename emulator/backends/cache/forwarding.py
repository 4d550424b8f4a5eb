"""Base class of cache engines that wrap others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any

from emulator.backends.browsing import Browsed
from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint, JointCheckpoint
from emulator.core.object_info import ObjectInfo


class ForwardingCache(Cache):
    """Forwards every call to the engine of its cluster, or to all engines."""

    @abstractmethod
    def engine_of(self, cluster: str) -> Cache:
        """Return the engine that has the cluster's entries."""

    @abstractmethod
    def engines(self) -> Sequence[Cache]:
        """Return all wrapped engines."""

    # Not a coroutine itself: every Get calls this, and returning the engine's coroutine is cheaper.

    def get(self, key: CacheKey) -> Coroutine[Any, Any, CachedObject | None]:
        return self.engine_of(key.cluster).get(key)

    async def begin_write(self, key: CacheKey) -> str:
        return await self.engine_of(key.cluster).begin_write(key)

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await self.engine_of(key.cluster).end_write(key, lease, copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        await self.engine_of(key.cluster).keep(key, copy, lifetime=lifetime)

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        await self.engine_of(key.cluster).delete(key, up_to=up_to)

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        await self.engine_of(key.cluster).leave_open(key, lease)

    async def begin_fill(self, key: CacheKey) -> str | None:
        return await self.engine_of(key.cluster).begin_fill(key)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await self.engine_of(key.cluster).end_fill(key, lease, copy, lifetime=lifetime)

    def expires_entries(self, cluster: str) -> bool:
        return self.engine_of(cluster).expires_entries(cluster)

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:
        return await self.engine_of(key.cluster).expire(key, now)

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        for engine in self.engines():
            async for found in engine.expiring():
                yield found

    async def drop(self, cluster: str, namespace: str) -> None:
        await self.engine_of(cluster).drop(cluster, namespace)

    async def flush(self, cluster: str) -> None:
        await self.engine_of(cluster).flush(cluster)

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        return await self.engine_of(cluster).list(cluster, namespace)

    async def browse(self, cluster: str, namespace: str) -> Browsed:
        return await self.engine_of(cluster).browse(cluster, namespace)

    async def checkpoint(self) -> Checkpoint:
        return JointCheckpoint([await engine.checkpoint() for engine in self.engines()])

    async def check(self) -> None:
        for engine in self.engines():
            await engine.check()

    async def clear(self) -> None:
        for engine in self.engines():
            await engine.clear()

    async def close(self) -> None:
        for engine in self.engines():
            await engine.close()
