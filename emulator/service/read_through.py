"""Read-through: an object comes from the cache, or else from storage and fills the cache."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

from emulator.backends.storage.base import BodyStream, Storage
from emulator.core.clock import Clock
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import NOTHING, Location, ObjectInfo, Store
from emulator.core.outcome import Outcome
from emulator.service.cache_tier import CacheTier
from emulator.service.locks import KeyLocks

MIN_INLINE_BYTES = 64 * 1024
"""Bodies up to this size are read from storage whole even when they are not to be cached."""


class Lookup(NamedTuple):
    """What a Get found: nothing, or an object that may have expired (then without a body)."""

    outcome: Outcome
    info: ObjectInfo | None = None
    body: bytes | BodyStream | None = None


class ReadThrough:
    """Reads the objects of all stores.

    Args:
        locks: keep the order of writes to each object.
    """

    def __init__(self, storage: Storage, cache: CacheTier, clock: Clock, locks: KeyLocks) -> None:
        self.storage = storage
        self._cache = cache
        self._clock = clock
        self._locks = locks
        self._inline_bytes = max(MIN_INLINE_BYTES, cache.max_object_bytes)
        self._reads: dict[tuple[str, str], asyncio.Future[EngineUnavailableError | None]] = {}
        self._fills = 0

    @property
    def is_filling(self) -> bool:
        """Whether any object is on its way from storage into the cache."""
        return self._fills > 0

    async def get(self, store: Store, key: str) -> Lookup:
        """Read the object from the cache, or else from storage, and then cache it (D19)."""
        copy = await self._cache.get(store, key)
        if copy is None:
            return await self._read_through(store, key)
        info, body = copy
        if info.expires_at is not None and info.is_expired(self._clock.now()):
            await self._forget_expired(store, key, info)
            expired = Lookup(Outcome.CACHE_HIT_EXPIRED, info)
            return await self._beneath(store, key, expired) if info.ephemeral else expired
        return Lookup(Outcome.CACHE_HIT, info, body)

    async def _beneath(self, store: Store, key: str, expired: Lookup) -> Lookup:
        """The durable object that an ephemeral one has hidden while it lived (D97)."""
        durable = await self._read_through(store, key)
        return expired if durable.info is None else durable

    async def _read_through(self, store: Store, key: str) -> Lookup:
        place = (store.cache_namespace, key)
        ahead = self._reads.get(place)
        if ahead is None:
            return await self._read_ahead(place, store, key)
        # What another one has read may be older than what was acknowledged before we came. That it
        # failed is as new as can be.
        await asyncio.wait([ahead])
        if error := ahead.result():
            raise error
        copy = await self._cache.get(store, key)
        if copy is not None and not copy.info.is_expired(self._clock.now()):
            return Lookup(Outcome.CACHE_HIT, copy.info, copy.body)
        return await self._fill(store, key)

    async def _read_ahead(self, place: tuple[str, str], store: Store, key: str) -> Lookup:
        """Read the object, while others who want the same wait for the cache to have it."""
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
            return Lookup(Outcome.MISS)
        info, body = stored.info, stored.body
        if info.is_expired(self._clock.now()):
            if not isinstance(body, bytes):
                await body.close()
            return Lookup(Outcome.STORAGE_HIT_EXPIRED, info)
        return Lookup(Outcome.STORAGE_HIT, info, body)

    async def _forget_expired(self, store: Store, key: str, expired: ObjectInfo) -> None:
        """Let the next Get ask storage, as once Valkey has dropped the entry itself (D35)."""
        lock = self._locks.of(store.location(key))
        if lock.locked():
            return  # Somebody writes, and will replace it. No Get waits for that.
        async with lock:
            copy = await self._cache.get(store, key)
            if copy is not None and copy.info.version == expired.version:
                # If that cannot be done, the next Get finds the same.
                with contextlib.suppress(OutcomeUnknownError):
                    await self._cache.discard(store, key, up_to=expired.version)
