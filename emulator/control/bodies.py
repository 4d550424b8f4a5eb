"""The bodies of objects as they are: read from a tier, and put as the service puts them (D157)."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from emulator.backends.storage.base import Storage, StoredObject
from emulator.control.tiers import TIERS, Tier, parse_tier
from emulator.core.clock import Clock
from emulator.core.errors import NotFoundError, ObjectNotFoundError
from emulator.core.instants import to_text
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.operation import Operation
from emulator.service.cache_tier import CacheTier
from emulator.service.data_plane import DataPlane, NewObject
from emulator.service.stores import Stores

_INLINE_BYTES = 64 * 1024
"""A body up to this size is read from storage in one piece."""


class Begun(Protocol):
    """The requests in flight. An upload is one: a reset waits for it, or cuts it off."""

    tasks: set[asyncio.Task[Any] | None]

    async def wait(self) -> None:
        """Return once requests may begin."""

    def enter(self) -> asyncio.Task[Any] | None:
        """Add the current task to those that serve a request, and return it."""


class Bodies:
    """The bodies of the objects of every store.

    Every method raises ``StoreNotFoundError`` if there is no store of the name.

    Args:
        data_plane: puts objects, for callers without a key and without limits.
        in_flight: the running requests.
    """

    def __init__(
        self,
        stores: Stores,
        storage: Storage,
        cache: CacheTier,
        clock: Clock,
        data_plane: DataPlane,
        in_flight: Begun,
    ) -> None:
        self._stores = stores
        self._storage = storage
        self._cache = cache
        self._clock = clock
        self._data_plane = data_plane
        self._in_flight = in_flight

    async def get(self, store_name: str, key: str, tier: object = None) -> StoredObject:
        """Return an object with its body from a tier, or else from storage or, if it is not there,
        the cache. No tier counts that as a hit. A stream is for the caller to close.

        Raises:
            BadRequestError: there is no such tier.
            ObjectNotFoundError: no such tier has the object.
            NotFoundError: it has expired.
        """
        wanted = parse_tier(tier)
        store = await self._stores.get(store_name)
        expired: dict[Tier, ObjectInfo] = {}
        for each in reversed(TIERS) if wanted is None else (wanted,):
            found = await (self._cached if each == "cache" else self._stored)(store, key)
            if isinstance(found, StoredObject):
                return found
            if found is not None:
                expired[each] = found
        for each, info in expired.items():
            assert info.expires_at is not None
            at = to_text(info.expires_at)
            raise NotFoundError(f"Object not found: the object in the {each} tier expired at {at}.")
        raise ObjectNotFoundError

    async def read(self, store_name: str, key: str, tier: object = None) -> bytes:
        """Return the body that ``get`` finds, as a whole."""
        found = await self.get(store_name, key, tier)
        if isinstance(found.body, bytes):
            return found.body
        try:
            return b"".join([bytes(chunk) async for chunk in found.body.chunks()])
        finally:
            await found.body.close()

    async def put(self, store_name: str, key: str, new: NewObject) -> None:
        """Put an object as Put Object does, with its parameters and its rules.

        Raises:
            ServiceError: as documented for Put Object.
        """
        await self._in_flight.wait()
        task = self._in_flight.enter()
        try:
            operation = Operation("PutObject", store_name, key, self._clock.now())
            await self._data_plane.put_object(operation, new)
        finally:
            self._in_flight.tasks.discard(task)

    async def _stored(self, store: Store, key: str) -> StoredObject | ObjectInfo | None:
        """The object in storage; what is known of an expired one."""
        storage = self._storage.for_store(store)
        found = await storage.open(store.location(key), inline_bytes=_INLINE_BYTES)
        if found is None or not found.info.is_expired(self._clock.now()):
            return found
        await found.close()
        return found.info

    async def _cached(self, store: Store, key: str) -> StoredObject | ObjectInfo | None:
        """The copy in the cache; what is known of an expired one."""
        copy = await self._cache.get(store, key)
        if copy is None:
            return None
        if copy.body is None or copy.info.is_expired(self._clock.now()):
            return copy.info
        return StoredObject(copy.info, copy.body)
