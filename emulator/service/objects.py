"""Objects over both tiers: write-through, read-through and expiry.

A lock orders the writes to one key. It is held while an object is published, never while a body is
transferred from or to a client. Leases of the cache coordinate writes and fills, in this and in
other processes. So a fill never overwrites a newer copy, and once no write or fill of a key is
running, cache and storage agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import partial

from emulator.backends.cache.base import CachedObject
from emulator.backends.storage.base import Storage, Upload
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import BadRequestError, StoreNotFoundError
from emulator.core.event_loop import sleep
from emulator.core.failures import OutcomeUnknownError
from emulator.core.model import Store
from emulator.core.object_info import NOTHING, Location, ObjectInfo
from emulator.service.body_budget import BodyBudget, Lost, Reservation
from emulator.service.cache_tier import CacheTier, cache_key_of
from emulator.service.locks import KeyLocks
from emulator.service.persistence import check_ephemeral_size
from emulator.service.read_through import ReadThrough
from emulator.service.storage_tier import StorageTier
from emulator.service.stores import Stores


class Objects:
    """The objects of all stores.

    Args:
        max_object_bytes: the largest body that is accepted (D22).
        budget: the room for bodies that are held in memory at once (D123); without one, there is
            no limit.
    """

    def __init__(
        self,
        stores: Stores,
        storage: Storage,
        cache: CacheTier,
        clock: Clock,
        *,
        max_object_bytes: int,
        budget: BodyBudget | None = None,
    ) -> None:
        self._budget = budget
        self._stores = stores
        self._storage = storage
        self._cache = cache
        self._clock = clock
        self._max_object_bytes = max_object_bytes
        self._locks = KeyLocks()
        self.storage_tier = StorageTier(storage, clock, self._locks)
        self._expiry = self.storage_tier.expiry
        self._read_through = ReadThrough(storage, cache, clock, self._locks, self._expiry)
        self.get = self._read_through.get
        self._versions = cache.versions

    async def reserve(
        self, store: Store, declared_size: int | None, *, ephemeral: bool, lost: Lost | None = None
    ) -> Reservation | None:
        """Wait for room in memory for a body that ``put`` or ``put_ephemeral`` is to receive, if it
        is of more than ``FREE_BYTES`` or of unknown length. The caller releases it.

        Raises:
            BadRequestError: the body is too large, or its connection is lost meanwhile.
        """
        if declared_size is not None:
            (self._require_ephemeral_size if ephemeral else self.require_size)(declared_size)
        if self._budget is None:
            return None
        streamed = self._storage.for_store(store).upload_bytes
        held = declared_size
        if held is not None and held > self._cache.max_object_bytes and streamed is not None:
            held = min(held, streamed)
        return await self._budget.reserve(held, streamed=streamed, lost=lost)

    async def put(
        self,
        store: Store,
        key: str,
        body: bytes | AsyncIterable[bytes],
        *,
        declared_size: int | None = None,
        metadata: Mapping[str, str],
        ttl_seconds: int | None,
        tags: Mapping[str, str] = NOTHING,
        room: Reservation | None = None,
    ) -> ObjectInfo:
        """Write the object to storage and to the cache, replacing the old one (D08).

        The TTL counts from the moment at which only publishing the object is left (D06). ``room``
        is what was reserved for the body.

        Raises:
            BadRequestError: the body is larger than this account may store (D22).
        """
        location = store.location(key)
        storage = self._storage.for_store(store)
        if isinstance(body, bytes):
            self.require_size(len(body))
            copy = body if len(body) <= self._cache.max_object_bytes else None
            if storage.put_now is not None:
                publish = partial(storage.put_now, location, body)
                return await self._publish(
                    store, location, key, publish, len(body), copy, metadata, ttl_seconds, tags
                )
            declared_size, body = len(body), _once(body)
        elif declared_size is not None:
            self.require_size(declared_size)
        upload = storage.upload(location)
        is_held = declared_size is None or declared_size <= self._cache.max_object_bytes
        try:
            size, copy = await self._receive(body, upload, room, is_held=is_held)
            await upload.flush()
            return await self._publish(
                store, location, key, upload.commit, size, copy, metadata, ttl_seconds, tags
            )
        finally:
            await upload.close()

    async def _publish(
        self,
        store: Store,
        location: Location,
        key: str,
        publish: Callable[[ObjectInfo], Awaitable[None] | None],
        size: int,
        copy: bytes | None,
        metadata: Mapping[str, str],
        ttl_seconds: int | None,
        tags: Mapping[str, str],
    ) -> ObjectInfo:
        """Publish a body of ``size`` bytes, and cache ``copy``, which is that body or None."""
        if not self._locks.acquire_now(location):
            await self._locks.acquire(location, self._storage.patience)
        try:
            info = self.stamp(size, metadata, ttl_seconds)
            cached = None if copy is None else CachedObject(info, copy)
            stored = info._replace(tags=tags) if tags else info
            try:
                await self._change(store, location, key, partial(publish, stored), cached)
            except BaseException:
                self.storage_tier.suspect(location, info)
                raise
            if info.expires_at is not None:
                self.storage_tier.note(location, info.expires_at)
            elif location in self._expiry.due or location in self._expiry.freed:
                self._expiry.forget(location)
        finally:
            self._locks.release(location)
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
        room: Reservation | None = None,
    ) -> ObjectInfo:
        """Write the object only to the cache, where it hides the one in storage (D97).

        Raises:
            BadRequestError: the body is larger than the cache takes.
            StoreNotFoundError: the store was deleted while the body was received.
            EngineUnavailableError: the cache did not store it.
        """
        if declared_size is not None:
            self._require_ephemeral_size(declared_size)
        size, chunks = 0, []
        async for chunk in body:
            size += len(chunk)
            self._require_ephemeral_size(size)
            chunks.append(chunk)
            if room is not None:
                await room.cover(size)
        content = b"".join(chunks)
        chunks.clear()
        location = store.location(key)
        await self._locks.acquire(location, self._storage.patience)
        try:
            current = _still_at(await self._stores.find(store.name), location, key)
            if current is None:
                raise StoreNotFoundError
            stamped = self.stamp(len(content), metadata, ttl_seconds)
            info = stamped._replace(ephemeral=True)
            await self._cache.put_ephemeral(current, key, info, content)
        finally:
            self._locks.release(location)
        return info

    async def delete(self, store: Store, key: str) -> None:
        """Remove the object from both tiers, if it is there."""
        location = store.location(key)
        storage = self._storage.for_store(store)
        await self._locks.acquire(location, self._storage.patience)
        try:
            await self._change(store, location, key, partial(storage.remove, location), None)
            if location in self._expiry.due or location in self._expiry.freed:
                self._expiry.forget(location)
        finally:
            self._locks.release(location)

    async def _change(
        self,
        store: Store,
        location: Location,
        key: str,
        change: Callable[[], Awaitable[None] | None],
        copy: CachedObject | None,
    ) -> None:
        """Change the object in storage during a write lease, then cache this copy, or none.
        ``change`` returns None where nothing has to be waited for.

        The store is looked up again: while the body was received, it may have got another cache
        namespace, which a Get may have filled with the old object.
        """
        name = store.name
        before = self._stores.get_now(name) or await self._stores.find(name)
        if before is not store:
            before = _still_at(before, location, key)
        if before is None:
            pending = change()
            if pending is not None:
                await pending
        else:
            place = cache_key_of(before, key)
            lease = self._cache.begin_write_now(place) or await self._cache.begin_write(place)
            try:
                pending = change()
                if pending is not None:
                    await pending
            except (OutcomeUnknownError, asyncio.CancelledError):
                # The new object may still reach storage, after a Get has read the old one.
                await self._cache.leave_open(before, key, lease)
                raise
            except BaseException:
                await self._forget_durable(before, key, lease)
                raise
            if not self._cache.end_write_now(place, copy, lease):
                await self._cache.end_write(place, copy, lease)
        # During the change, it may have got another one again.
        after = self._stores.get_now(name) or await self._stores.find(name)
        if after is not before:
            after = _still_at(after, location, key)
            if after is not None and (
                before is None or after.cache_namespace != before.cache_namespace
            ):
                await self._cache.forget(after, key)

    async def _forget_durable(self, store: Store, key: str, lease: str) -> None:
        """End the lease of a failed change: storage may have the old or the new object now, so the
        cache must have neither. An ephemeral object hides both, and stays (D97)."""
        copy = await self._cache.get(store, key)
        if isinstance(copy, CachedObject) and copy.info.ephemeral:
            await self._cache.end_write(cache_key_of(store, key), copy, lease)
        else:
            await self._cache.forget(store, key, lease)

    async def _receive(
        self,
        body: AsyncIterable[bytes],
        upload: Upload,
        room: Reservation | None,
        *,
        is_held: bool,
    ) -> tuple[int, bytes | None]:
        """Forward the body to storage; return its size, and the body if it is to be cached.

        A body to be cached is in memory anyway, so storage gets it in one piece, and an engine in
        this process can share these bytes. Any other is forwarded as it arrives, which it is from
        the beginning without ``is_held``.
        """
        size = 0
        held: list[bytes] = []
        async for chunk in body:
            size += len(chunk)
            if size > self._max_object_bytes:
                raise self._too_large()
            if room is not None:
                await room.cover(size)
            if is_held:
                held.append(chunk)
                if size <= self._cache.max_object_bytes:
                    continue
                is_held = False
                for piece in held:
                    await upload.write(piece)
                held.clear()
                if room is not None:
                    await room.stream()
            else:
                await upload.write(chunk)
        if not is_held:
            return size, None
        whole = held[0] if len(held) == 1 else b"".join(held)
        held.clear()
        await upload.write(whole)
        return size, whole

    def _require_ephemeral_size(self, size: int) -> None:
        self.require_size(size)
        check_ephemeral_size(size, self._cache.max_object_bytes)

    def lock(self, location: Location) -> AbstractAsyncContextManager[None]:
        """Hold the lock that orders the changes of the object at ``location``."""
        return self._locks.hold(location)

    def stamp(self, size: int, metadata: Mapping[str, str], ttl_seconds: int | None) -> ObjectInfo:
        """Create the information of an object that is written now, under its lock."""
        now = self._clock.now()
        expires_at = None if ttl_seconds is None else now + ttl_seconds * MICROSECONDS
        return ObjectInfo(size, now, self._versions.next(now), expires_at, metadata)

    def unchanged(self) -> AbstractContextManager[None]:
        """Let new writes wait inside the block; their bodies are still received."""
        return self._locks.held_back()

    async def settle(self, grace_seconds: float) -> bool:
        """Wait until no object is being written or read into the cache; return False if that takes
        longer than ``grace_seconds``.

        Then the two tiers agree, except for entries that were changed in only one of them on
        purpose.
        """
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while self._locks.any_held() or self._read_through.is_filling:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await sleep(0.001)
        return True

    def forget_versions(self) -> None:
        """Start versions again from the clock: no object is left."""
        self._versions.forget()

    def follow(self, version: int) -> None:
        """Make the version of every later write higher than ``version``."""
        self._versions.follow(version)

    def wrap_storage(self, wrap: Callable[[Storage], Storage]) -> None:
        """Wrap the storage engine, for later requests."""
        self._storage = self._read_through.storage = wrap(self._storage)

    def require_size(self, size: int) -> None:
        """Refuse a body that is larger than this account may store (D22).

        Raises:
            BadRequestError: it is too large.
        """
        if size > self._max_object_bytes:
            raise self._too_large()

    def _too_large(self) -> BadRequestError:
        return BadRequestError(
            f"The object is too large: at most {self._max_object_bytes} bytes are accepted"
        )


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _still_at(store: Store | None, location: Location, key: str) -> Store | None:
    """Return ``store`` if its object ``key`` is still at ``location``."""
    return store if store is not None and store.location(key) == location else None
