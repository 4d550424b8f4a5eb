"""Read-through: read an object from the cache, or else from storage, which fills the cache."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

from emulator.backends.cache.base import CachedObject
from emulator.backends.storage.base import BodyStream, Storage
from emulator.core.clock import Clock
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import Store
from emulator.core.object_info import NOTHING, Location, ObjectInfo
from emulator.core.outcome import Outcome
from emulator.service.cache_tier import CacheTier
from emulator.service.expiry_index import ExpiryIndex
from emulator.service.locks import KeyLocks

MIN_INLINE_BYTES = 64 * 1024
"""Bodies up to this size are read from storage in one piece even if they are not cached."""


class Lookup(NamedTuple):
    """The result of a Get: nothing, or an object; an expired one has no body."""

    outcome: Outcome
    info: ObjectInfo | None = None
    body: bytes | BodyStream | None = None


class ReadThrough:
    """Reads the objects of all stores.

    Args:
        locks: the locks that order the writes to each object.
        expiry: has the expired objects of storage that were freed.
    """

    def __init__(
        self,
        storage: Storage,
        cache: CacheTier,
        clock: Clock,
        locks: KeyLocks,
        expiry: ExpiryIndex[Location],
    ) -> None:
        self.storage = storage
        self._cache = cache
        self._clock = clock
        self._locks = locks
        self._expiry = expiry
        self._inline_bytes = max(MIN_INLINE_BYTES, cache.max_object_bytes)
        self._reads: dict[tuple[str, str], asyncio.Future[EngineUnavailableError | None]] = {}
        self._fills = 0

    @property
    def is_filling(self) -> bool:
        """Whether an object is being read from storage into the cache."""
        return self._fills > 0

    async def get(self, store: Store, key: str) -> Lookup:
        """Read the object from the cache, or else from storage and then cache it (D19)."""
        copy = self._cache.get_now(store, key) or await self._cache.get(store, key)
        if copy is None:
            return await self._read_through(store, key)
        info, body = copy
        if body is None or (info.expires_at is not None and info.is_expired(self._clock.now())):
            await self._remove_expired(store, key, info)
            expired = Lookup(Outcome.CACHE_HIT_EXPIRED, info)
            return await self._durable_or(expired, store, key) if info.ephemeral else expired
        return Lookup(Outcome.CACHE_HIT, info, body)

    async def _durable_or(self, expired: Lookup, store: Store, key: str) -> Lookup:
        """Read the durable object that the expired ephemeral one has hidden until now (D97)."""
        durable = await self._read_through(store, key)
        return expired if durable.info is None else durable

    async def _read_through(self, store: Store, key: str) -> Lookup:
        place = (store.cache_namespace, key)
        running = self._reads.get(place)
        if running is None:
            return await self._read_for_all(place, store, key)
        # The result of the running read may be older than a write that was acknowledged before this
        # Get, so it is not used. But its failure is.
        await asyncio.wait([running])
        if error := running.result():
            raise error
        copy = await self._cache.get(store, key)
        if isinstance(copy, CachedObject) and not copy.info.is_expired(self._clock.now()):
            return Lookup(Outcome.CACHE_HIT, copy.info, copy.body)
        return await self._fill(store, key)

    async def _read_for_all(self, place: tuple[str, str], store: Store, key: str) -> Lookup:
        """Read the object, while other Gets of it wait until it is in the cache."""
        done = self._reads[place] = asyncio.get_running_loop().create_future()
        error: EngineUnavailableError | None = None
        try:
            return await self._fill(store, key)
        except EngineUnavailableError as failure:
            error = failure
            raise
        finally:
            del self._reads[place]
            done.set_result(error)

    async def _fill(self, store: Store, key: str) -> Lookup:
        self._fills += 1
        try:
            lease = await self._cache.begin_fill(store, key)
            found = Lookup(Outcome.MISS)
            try:
                found = await self._read(self.storage.for_store(store), store.location(key))
            finally:
                if lease is not None:
                    copy = self._cacheable(found.body)
                    info = found.info
                    if info is not None and info.tags:
                        info = info._replace(tags=NOTHING)
                    await self._cache.end_fill(store, key, lease, info, copy)
            return found
        finally:
            self._fills -= 1

    def _cacheable(self, body: bytes | BodyStream | None) -> bytes | None:
        if isinstance(body, bytes) and len(body) <= self._cache.max_object_bytes:
            return body
        return None

    async def _read(self, storage: Storage, location: Location) -> Lookup:
        stored = await storage.open(location, inline_bytes=self._inline_bytes)
        if stored is None:
            freed = self._expiry.freed_at(location, self._clock.now())
            return Lookup(Outcome.MISS if freed is None else Outcome.STORAGE_HIT_EXPIRED, freed)
        info, body = stored.info, stored.body
        if info.is_expired(self._clock.now()):
            if not isinstance(body, bytes):
                await body.close()
            return Lookup(Outcome.STORAGE_HIT_EXPIRED, info)
        return Lookup(Outcome.STORAGE_HIT, info, body)

    async def _remove_expired(self, store: Store, key: str, expired: ObjectInfo) -> None:
        """Remove the expired copy, so that the next Get asks storage, as it does after Valkey has
        removed the entry itself (D35)."""
        location = store.location(key)
        if self._locks.is_held(location):
            return  # A write will replace the copy. A Get does not wait for that.
        async with self._locks.hold(location):
            copy = await self._cache.get(store, key)
            if copy is not None and copy.info.version == expired.version:
                # If that fails, the next Get finds the same copy.
                with contextlib.suppress(OutcomeUnknownError):
                    await self._cache.discard(store, key, up_to=expired.version)
