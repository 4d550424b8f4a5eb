"""The cache as the service uses it: when it fails it costs speed, never a wrong answer (D34)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.clock import Clock
from emulator.model import ObjectInfo, Store

logger = logging.getLogger(__name__)


class CacheTier:
    """Stands between the service and a cache engine.

    An engine that cannot be read counts as one that has nothing. An engine that could not be
    told of a write may still have the old object, so until that entry is replaced it is not read.

    Args:
        max_object_bytes: bodies above this size are not cached (D20).
    """

    def __init__(self, engine: Cache, clock: Clock, *, max_object_bytes: int) -> None:
        self.max_object_bytes = max_object_bytes
        self._engine = engine
        self._clock = clock
        self._distrusted: set[CacheKey] = set()

    async def get(self, store: Store, key: str) -> CachedObject | None:
        """The copy of the object, expired or not, or None where there is none to rely on."""
        cache_key = _cache_key(store, key)
        if self._distrusted and cache_key in self._distrusted:
            return None
        try:
            return await self._engine.get(cache_key)
        except Exception:
            logger.warning("The cache cannot be read; storage answers", exc_info=True)
            return None

    async def put(self, store: Store, key: str, info: ObjectInfo, body: bytes) -> None:
        """Have this copy of the object. The caller holds the object's lock."""
        lifetime = None
        if info.expires_at is not None:
            lifetime = max(0, info.expires_at - self._clock.now())
        cache_key = _cache_key(store, key)
        await self._write(
            cache_key, self._engine.set(cache_key, CachedObject(info, body), lifetime=lifetime)
        )

    async def forget(self, store: Store, key: str) -> None:
        """Have no copy of the object. The caller holds the object's lock."""
        cache_key = _cache_key(store, key)
        await self._write(cache_key, self._engine.delete(cache_key))

    async def drop(self, store: Store) -> None:
        """Free what the store has cached. Nobody will ask for it again, whether it works or not."""
        try:
            await self._engine.drop(store.cluster_name, store.cache_namespace)
        except Exception:
            logger.warning("The cache of store %s cannot be freed", store.name, exc_info=True)
        self._distrusted = {
            key for key in self._distrusted if key.namespace != store.cache_namespace
        }

    async def _write(self, cache_key: CacheKey, change: Awaitable[None]) -> None:
        try:
            await change
        except Exception:
            logger.warning("The cache cannot be written; its entry is not used", exc_info=True)
            self._distrusted.add(cache_key)
        except BaseException:  # Cancelled: nobody knows how far the change has come.
            self._distrusted.add(cache_key)
            raise
        else:
            self._distrusted.discard(cache_key)


def _cache_key(store: Store, key: str) -> CacheKey:
    return CacheKey(store.cluster_name, store.cache_namespace, key)
