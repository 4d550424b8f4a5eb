"""End the time to live of an object now, in every tier that has it."""

from __future__ import annotations

import asyncio

from emulator.backends.cache.base import CachedObject
from emulator.backends.storage.base import Storage, StoredObject
from emulator.core.clock import Clock
from emulator.core.errors import ObjectNotFoundError
from emulator.core.model import Store
from emulator.core.object_info import Location
from emulator.service.cache_tier import CacheTier
from emulator.service.objects import Objects
from emulator.service.stores import Stores

_INLINE_BYTES = 64 * 1024
"""A body up to this size is written again in one piece."""


class Expiry:
    """Lets objects expire.

    Args:
        changing: a lock, held while a tier is changed, so that the whole state does not change.
    """

    def __init__(
        self,
        stores: Stores,
        objects: Objects,
        cache: CacheTier,
        clock: Clock,
        changing: asyncio.Lock,
    ) -> None:
        self._stores = stores
        self._objects = objects
        self._cache = cache
        self._clock = clock
        self._changing = changing

    async def expire(self, store_name: str, key: str) -> None:
        """Set the end of an object's time to live to this moment. One that has expired stays as it
        is.

        Raises:
            StoreNotFoundError: there is no such store.
            ObjectNotFoundError: neither tier has the object.
        """
        async with self._changing:
            store = await self._stores.get(store_name)
            location = store.location(key)
            async with self._objects.lock(location):
                is_stored = await self._in_storage(store, location)
                is_cached = await self._in_cache(store, key)
                if is_stored and not is_cached:
                    # A Get that has read it from storage before must not cache it as it was.
                    await self._cache.forget(store, key)
        if not is_stored and not is_cached:
            raise ObjectNotFoundError

    async def _in_storage(self, store: Store, location: Location) -> bool:
        tier = self._objects.storage_tier
        storage, now = tier.for_store(store), self._clock.now()
        found = await storage.open(location, inline_bytes=_INLINE_BYTES)
        if found is None:
            return False
        try:
            if not found.info.is_expired(now):
                info = found.info._replace(expires_at=now)
                await _write_again(storage, location, StoredObject(info, found.body))
                tier.written(location, info)
        finally:
            await found.close()
        return True

    async def _in_cache(self, store: Store, key: str) -> bool:
        copy, now = await self._cache.get(store, key), self._clock.now()
        if isinstance(copy, CachedObject) and not copy.info.is_expired(now):
            info = copy.info._replace(expires_at=now)
            put = self._cache.put_ephemeral if info.ephemeral else self._cache.put
            await put(store, key, info, copy.body)
        return copy is not None


async def _write_again(storage: Storage, location: Location, changed: StoredObject) -> None:
    """Write an object with other information and the same body."""
    async with storage.upload(location) as upload:
        if isinstance(changed.body, bytes):
            await upload.write(changed.body)
        else:
            async for chunk in changed.body.chunks():
                await upload.write(bytes(chunk))
        await upload.flush()
        await upload.commit(changed.info)
