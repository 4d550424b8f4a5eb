"""Objects over both tiers: write-through, read-through and expiry.

The order of writes to one key is kept by a lock, held while one is published, never while a body is
on its way from or to a client. What a write and a fill of the cache may do to each other, here and
in other processes, is settled by the leases that the cache gives out. So a fill never overwrites
something newer, and once a key is quiet cache and storage agree.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
)
from functools import partial

from emulator.backends.cache.base import CachedObject
from emulator.backends.storage.base import Storage, Upload
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import BadRequestError, StoreNotFoundError
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import NOTHING, Location, ObjectInfo, Store
from emulator.service.cache_tier import CacheTier
from emulator.service.locks import KeyLocks
from emulator.service.persistence import check_ephemeral_size
from emulator.service.read_through import Lookup, ReadThrough
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
        self._versions = cache.versions
        self._may_write = asyncio.Event()
        self._may_write.set()

    def get(self, store: Store, key: str) -> Awaitable[Lookup]:
        """Read the object."""
        return self._read_through.get(store, key)

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
        if declared_size is not None:
            self.require_size(declared_size)
        location = store.location(key)
        async with self._storage.for_store(store).upload(location) as upload:
            size, copy = await self._receive(body, upload)
            await upload.flush()
            async with self._order(location):
                info = self.stamp(size, metadata, ttl_seconds)
                cached = None if copy is None else CachedObject(info, copy)
                stored = info._replace(tags=tags) if tags else info
                await self._change(store, location, key, partial(upload.commit, stored), cached)
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
        async with self._order(location):
            current = await self._current(store, location, key)
            if current is None:
                raise StoreNotFoundError
            stamped = self.stamp(len(content), metadata, ttl_seconds)
            info = stamped._replace(ephemeral=True)
            await self._cache.keep(current, key, info, bytes(content))
        return info

    async def delete(self, store: Store, key: str) -> None:
        """Remove the object from both tiers, if it is there."""
        location = store.location(key)
        storage = self._storage.for_store(store)
        async with self._order(location):
            await self._change(store, location, key, partial(storage.remove, location), None)

    async def _change(
        self,
        store: Store,
        location: Location,
        key: str,
        change: Callable[[], Awaitable[None]],
        copy: CachedObject | None,
    ) -> None:
        """Change the object in storage, in a lease of the cache, which then has this copy."""
        cached_by = await self._current(store, location, key)
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
            if copy is None:
                await self._cache.forget(cached_by, key, lease)
            else:
                await self._cache.put(cached_by, key, copy.info, copy.body, lease)
        # Another process may have given the store another cache meanwhile, and a Get the object
        # from before to that one.
        now_by = await self._current(store, location, key)
        if now_by is not None and (
            cached_by is None or now_by.cache_namespace != cached_by.cache_namespace
        ):
            await self._cache.forget(now_by, key)

    async def _forget_durable(self, store: Store, key: str, lease: str) -> None:
        """End the lease of a change that has failed: either object may be in storage now, so the
        cache must have neither. An ephemeral one hides both, and stays (D97)."""
        copy = await self._cache.get(store, key)
        if copy is not None and copy.info.ephemeral:
            await self._cache.put(store, key, copy.info, copy.body, lease)
        else:
            await self._cache.forget(store, key, lease)

    @contextlib.asynccontextmanager
    async def _order(self, location: Location) -> AsyncIterator[None]:
        lock = self._locks.of(location)
        patience = self._storage.patience
        try:
            await asyncio.wait_for(self._acquire(lock), patience)
        except asyncio.TimeoutError:
            raise EngineUnavailableError(
                f"other writers of the object have held it up for {patience:g} s"
            ) from None
        try:
            yield
        finally:
            lock.release()

    async def _acquire(self, lock: asyncio.Lock) -> None:
        while True:
            await self._may_write.wait()
            await lock.acquire()
            if self._may_write.is_set():
                return
            lock.release()

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
            self.require_size(size)
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

    async def _current(self, store: Store, location: Location, key: str) -> Store | None:
        """The store as it is now, if it still keeps ``key`` at ``location``.

        It may have been given another cache while the body was on its way, and that one may have
        been filled with the old object since. A cache that it is given from here on is empty, and
        cannot be filled from ``location`` before the lock is released.
        """
        try:
            current = await self._stores.get(store.name)
        except StoreNotFoundError:
            return None
        return current if current.location(key) == location else None

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
            version=self._versions.next(),
            expires_at=None if ttl_seconds is None else now + ttl_seconds * MICROSECONDS,
            metadata=metadata,
        )

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Have writes that are not under way wait meanwhile, all but for their bodies."""
        self._may_write.clear()
        try:
            yield
        finally:
            self._may_write.set()

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

    def require_size(self, size: int) -> None:
        """Refuse a body that is larger than this account may store (D22).

        Raises:
            BadRequestError: it is.
        """
        if size > self._max_object_bytes:
            raise BadRequestError(
                f"The object is too large: at most {self._max_object_bytes} bytes are accepted"
            )
