"""Objects over both tiers: write-through, read-through and expiry.

The order of writes to one key is kept by a lock, held while one is published, never while a body is
on its way from or to a client. What a write and a fill of the cache may do to each other, here and
in other processes, is settled by the leases that the cache gives out. So a fill never overwrites
something newer, and once a key is quiet cache and storage agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Mapping,
)
from contextlib import AbstractContextManager
from functools import partial

from emulator.backends.cache.base import CachedObject
from emulator.backends.storage.base import Storage, Upload
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import BadRequestError, StoreNotFoundError
from emulator.core.failures import OutcomeUnknownError
from emulator.core.model import NOTHING, Location, ObjectInfo, Store
from emulator.service.cache_tier import CacheTier
from emulator.service.locks import KeyLocks
from emulator.service.persistence import check_ephemeral_size
from emulator.service.read_through import ReadThrough
from emulator.service.stores import Stores


class Objects:
    """The objects of all stores.

    Args:
        max_object_bytes: the largest body that is accepted (D22).
    """

    def __init__(
        self,
        stores: Stores,
        storage: Storage,
        cache: CacheTier,
        clock: Clock,
        *,
        max_object_bytes: int,
    ) -> None:
        self._stores = stores
        self._storage = storage
        self._cache = cache
        self._clock = clock
        self._max_object_bytes = max_object_bytes
        self._locks = KeyLocks()
        self._read_through = ReadThrough(storage, cache, clock, self._locks)
        self.get = self._read_through.get
        self._versions = cache.versions

    async def put(
        self,
        store: Store,
        key: str,
        body: AsyncIterable[bytes],
        *,
        declared_size: int | None = None,
        metadata: Mapping[str, str],
        ttl_seconds: int | None,
        tags: Mapping[str, str] = NOTHING,
    ) -> ObjectInfo:
        """Write the object to storage and to the cache, in place of what was there (D08).

        The TTL counts from the moment at which only publishing the object is left (D06).

        Raises:
            BadRequestError: the body is larger than this account may store (D22).
        """
        if declared_size is not None and declared_size > self._max_object_bytes:
            raise self._too_large()
        location = store.location(key)
        upload = self._storage.for_store(store).upload(location)
        try:
            size, copy = await self._receive(body, upload)
            await upload.flush()
            lock = await self._locks.acquire(location, self._storage.patience)
            try:
                info = self.stamp(size, metadata, ttl_seconds)
                cached = None if copy is None else CachedObject(info, copy)
                stored = info._replace(tags=tags) if tags else info
                await self._change(store, location, key, partial(upload.commit, stored), cached)
            finally:
                lock.release()
        except BaseException:
            await upload.abort()
            raise
        return info

    async def put_ephemeral(
        self,
        store: Store,
        key: str,
        body: AsyncIterable[bytes],
        *,
        declared_size: int | None = None,
        metadata: Mapping[str, str],
        ttl_seconds: int,
    ) -> ObjectInfo:
        """Write the object to the cache alone, over what is there and in storage (D97).

        Raises:
            BadRequestError: the body is larger than the cache takes.
            StoreNotFoundError: the store was deleted while the body was on its way.
            EngineUnavailableError: the cache does not keep it.
        """
        if declared_size is not None:
            self._require_ephemeral_size(declared_size)
        content = bytearray()
        async for chunk in body:
            content += chunk
            self._require_ephemeral_size(len(content))
        location = store.location(key)
        lock = await self._locks.acquire(location, self._storage.patience)
        try:
            current = _still_at(await self._stores.find(store.name), location, key)
            if current is None:
                raise StoreNotFoundError
            stamped = self.stamp(len(content), metadata, ttl_seconds)
            info = stamped._replace(ephemeral=True)
            await self._cache.keep(current, key, info, bytes(content))
        finally:
            lock.release()
        return info

    async def delete(self, store: Store, key: str) -> None:
        """Remove the object from both tiers, if it is there."""
        location = store.location(key)
        storage = self._storage.for_store(store)
        lock = await self._locks.acquire(location, self._storage.patience)
        try:
            await self._change(store, location, key, partial(storage.remove, location), None)
        finally:
            lock.release()

    async def _change(
        self,
        store: Store,
        location: Location,
        key: str,
        change: Callable[[], Awaitable[None]],
        copy: CachedObject | None,
    ) -> None:
        """Change the object in storage, in a lease of the cache, which then has this copy.

        The store is looked up again: it may have been given another cache while the body was on its
        way, and that one may have been filled with the old object since.
        """
        cached_by = await self._stores.find(store.name)
        if cached_by is not store:
            cached_by = _still_at(cached_by, location, key)
        if cached_by is None:
            await change()
        else:
            lease = await self._cache.begin_write(cached_by, key)
            try:
                await change()
            except (OutcomeUnknownError, asyncio.CancelledError):
                # The new object may yet arrive in storage, after a Get has read the old one.
                await self._cache.leave_open(cached_by, key, lease)
                raise
            except BaseException:
                await self._forget_durable(cached_by, key, lease)
                raise
            await self._cache.end_write(cached_by, key, copy, lease)
        # The store may have been given another cache meanwhile, and a Get the object from before to
        # that one.
        now_by = await self._stores.find(store.name)
        if now_by is not cached_by:
            now_by = _still_at(now_by, location, key)
            if now_by is not None and (
                cached_by is None or now_by.cache_namespace != cached_by.cache_namespace
            ):
                await self._cache.forget(now_by, key)

    async def _forget_durable(self, store: Store, key: str, lease: str) -> None:
        """End the lease of a change that has failed: either object may be in storage now, so the
        cache must have neither. An ephemeral one hides both, and stays (D97)."""
        copy = await self._cache.get(store, key)
        if copy is not None and copy.info.ephemeral:
            await self._cache.end_write(store, key, copy, lease)
        else:
            await self._cache.forget(store, key, lease)

    async def _receive(
        self, body: AsyncIterable[bytes], upload: Upload
    ) -> tuple[int, bytes | None]:
        """Pass the body on to storage; its size, and the body itself if it is to be cached.

        What is to be cached is held anyway, so storage gets it in one piece, and an engine in
        this process can keep the very same bytes.
        """
        size = 0
        held: list[bytes] = []
        async for chunk in body:
            size += len(chunk)
            if size > self._max_object_bytes:
                raise self._too_large()
            held.append(chunk)
            if size > self._cache.max_object_bytes:
                for piece in held:
                    await upload.write(piece)
                held.clear()
        if size > self._cache.max_object_bytes:
            return size, None
        whole = held[0] if len(held) == 1 else b"".join(held)
        await upload.write(whole)
        return size, whole

    def _require_ephemeral_size(self, size: int) -> None:
        self.require_size(size)
        check_ephemeral_size(size, self._cache.max_object_bytes)

    def lock(self, location: Location) -> asyncio.Lock:
        """The lock that keeps the order of things on the object at ``location``."""
        return self._locks.of(location)

    def stamp(self, size: int, metadata: Mapping[str, str], ttl_seconds: int | None) -> ObjectInfo:
        """The information of an object that is written now, under its lock."""
        now = self._clock.now()
        return ObjectInfo(
            size=size,
            created_at=now,
            version=self._versions.next(now),
            expires_at=None if ttl_seconds is None else now + ttl_seconds * MICROSECONDS,
            metadata=metadata,
        )

    def unchanged(self) -> AbstractContextManager[None]:
        """Have writes that are not under way wait meanwhile, all but for their bodies."""
        return self._locks.held_back()

    async def settle(self, grace_seconds: float) -> bool:
        """Wait until no object is being written or read into the cache; whether that came about.

        Then the two tiers agree, but for entries that were changed in one of them on purpose.
        """
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while self._locks.any_held() or self._read_through.is_filling:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.001)
        return True

    def forget_versions(self) -> None:
        """Begin to count anew, now that there is no object."""
        self._versions.forget()

    def follow(self, version: int) -> None:
        """Have every later write come after ``version``."""
        self._versions.follow(version)

    def wrap_storage(self, wrap: Callable[[Storage], Storage]) -> None:
        """Put a wrapper around the storage engine, for requests from here on."""
        self._storage = self._read_through.storage = wrap(self._storage)

    def require_size(self, size: int) -> None:
        """Refuse a body that is larger than this account may store (D22).

        Raises:
            BadRequestError: it is.
        """
        if size > self._max_object_bytes:
            raise self._too_large()

    def _too_large(self) -> BadRequestError:
        return BadRequestError(
            f"The object is too large: at most {self._max_object_bytes} bytes are accepted"
        )


def _still_at(store: Store | None, location: Location, key: str) -> Store | None:
    """``store``, if it still keeps ``key`` at ``location``."""
    return store if store is not None and store.location(key) == location else None
