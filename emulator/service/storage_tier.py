"""The storage tier: a storage engine, and what is remembered of expired objects that were freed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from emulator.backends.browsing import Browsed, with_others
from emulator.backends.storage.base import Replacement, Storage, StorageCheckpoint, StoredObject
from emulator.backends.storage.forwarding import ForwardingStorage
from emulator.backends.take_over import NewFile
from emulator.core.clock import Clock
from emulator.core.model import Store
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.slices import by_key
from emulator.service.expiry_index import ExpiryIndex, ExpiryState
from emulator.service.locks import KeyLocks


class StorageTier(ForwardingStorage):
    """Frees the bodies of expired objects, and shows these as if they were still there (D116).

    A freed object is listed, and opened with an empty body. An object that its writer puts into the
    engine directly has to be noted in ``expiry``. In a storage whose objects may belong to others
    nothing is freed (D73).

    Args:
        locks: the locks that order the writes to each object.
    """

    def __init__(self, engine: Storage, clock: Clock, locks: KeyLocks) -> None:
        super().__init__(engine)
        self.expiry: ExpiryIndex[Location] = ExpiryIndex()
        self.expiry.unread = engine.can_be_emptied
        self.note = self.expiry.note if engine.can_be_emptied else _note_nothing
        """Note that the object at a location expires at an instant (epoch microseconds)."""
        self._clock = clock
        self._locks = locks

    def for_store(self, store: Store) -> Storage:
        engine = self.engine.for_store(store)
        return self if engine is self.engine else engine

    async def put(self, location: Location, info: ObjectInfo, body: bytes) -> None:
        await self.engine.put(location, info, body)
        self.written(location, info)

    def written(self, location: Location, info: ObjectInfo) -> None:
        """Note that this object is at ``location`` now."""
        if info.expires_at is None:
            self.expiry.forget(location)
        else:
            self.note(location, info.expires_at)

    def suspect(self, location: Location, info: ObjectInfo) -> None:
        """Note that this object may be at ``location`` now, or else what was there before."""
        if info.expires_at is not None and self.can_be_emptied:
            self.expiry.suspect(location, info.expires_at)

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        stored = await self.engine.open(location, inline_bytes=inline_bytes)
        if stored is None:
            freed = self.expiry.freed_at(location, self._clock.now())
            return None if freed is None else StoredObject(freed, b"")
        return stored

    async def delete(self, location: Location) -> bool:
        there = await self.engine.delete(location)
        there = there or self.expiry.freed_at(location, self._clock.now()) is not None
        self.expiry.forget(location)
        return there

    async def remove(self, location: Location) -> None:
        await self.engine.remove(location)
        self.expiry.forget(location)

    async def buckets(self) -> list[str]:
        freed = {location.bucket for location, _ in self.expiry.freed_now(self._clock.now())}
        return sorted({*await self.engine.buckets(), *freed})

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        listed = await self.engine.list(bucket, prefix)
        freed = self._freed_in(bucket, prefix)
        return await by_key(freed | dict(listed)) if freed else listed

    async def browse(self, bucket: str, prefix: str = "") -> Browsed:
        browsed = await self.engine.browse(bucket, prefix)
        if not self.expiry.freed:
            return browsed
        return with_others(browsed, self._freed_in(bucket, prefix))

    def _freed_in(self, bucket: str, prefix: str) -> dict[str, ObjectInfo]:
        """Return the freed objects of the bucket whose keys begin with ``prefix``."""
        return {
            location.key: info
            for location, info in self.expiry.freed_now(self._clock.now())
            if location.bucket == bucket and location.key.startswith(prefix)
        }

    async def clear(self) -> None:
        await self.engine.clear()
        self.expiry.clear()

    async def walk(self) -> AsyncIterator[tuple[Location, ObjectInfo, bytes]]:
        freed = dict(self.expiry.freed_now(self._clock.now()))
        before = sorted(freed, reverse=True)
        async for location, info, body in self.engine.walk():
            while before and before[-1] <= location:
                place = before.pop()
                if place != location:
                    yield place, freed[place], b""
            yield location, info, body
        for place in reversed(before):
            yield place, freed[place], b""

    async def beside(self) -> Replacement:
        return _NextStorage(self, await self.engine.beside(), ExpiryState({}, expires=True))

    async def checkpoint(self) -> StorageCheckpoint:
        # What is freed meanwhile is in both, or in what is remembered alone.
        engine = await self.engine.checkpoint()
        return _StorageTierCheckpoint(self, engine, self.expiry.save())

    async def reap(self, location: Location, now: int) -> bool:
        """Free the object at ``location`` if it has expired at ``now`` (epoch microseconds). Return
        False if it is being written: look again later."""
        if self._locks.is_held(location):
            return False
        async with self._locks.hold(location):
            stored = await self.engine.open(location, inline_bytes=0)
            if stored is None:
                self.expiry.absent(location, now)
                return True
            if not isinstance(stored.body, bytes):
                await stored.body.close()
            if stored.info.is_expired(now):
                # Before it is gone, so that every Get finds one or the other.
                self.expiry.bury(location, stored.info, now)
                await self.engine.free(location)
            else:
                self.written(location, stored.info)
        return True


class _StorageTierCheckpoint(StorageCheckpoint):
    def __init__(self, tier: StorageTier, engine: StorageCheckpoint, state: ExpiryState) -> None:
        self._tier = tier
        self._engine = engine
        self._state = state

    async def beside(self) -> Replacement:
        return _NextStorage(self._tier, await self._engine.beside(), self._state)

    async def discard(self) -> None:
        await self._engine.discard()


class _NextStorage(Replacement):
    """The next content of the engine; the index follows once it has taken over."""

    def __init__(self, tier: StorageTier, engine: Replacement, state: ExpiryState) -> None:
        self.storage = engine.storage
        self._tier = tier
        self._engine = engine
        self._state = state

    async def flush(self) -> None:
        await self._engine.flush()

    async def take_over(self, file: NewFile | None = None) -> None:
        await self._engine.take_over(file)
        self._tier.expiry.clear(self._state)

    async def close(self) -> None:
        await self._engine.close()


def _note_nothing(location: Location, at: int) -> None:
    """Objects that may belong to others are not freed."""
