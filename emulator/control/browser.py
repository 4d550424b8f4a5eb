"""Look at the objects of a store in both tiers: at a page of them, or at one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from emulator.backends.browsing import Browsed
from emulator.backends.storage.base import Storage
from emulator.control.object_pages import Asked, choose, union_of
from emulator.control.tiers import Placed
from emulator.core.errors import ObjectNotFoundError
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import slices
from emulator.service.cache_tier import CacheTier
from emulator.service.stores import Stores


class _Keys(NamedTuple):
    """What each tier of a store has, and the keys of both."""

    stored: Browsed
    cached: Browsed
    all: Collection[str]


class Browser:
    """The objects of every store.

    Every method raises ``StoreNotFoundError`` if there is no store of the name.
    """

    def __init__(self, stores: Stores, storage: Storage, cache: CacheTier) -> None:
        self._stores = stores
        self._storage = storage
        self._cache = cache
        self._last: tuple[Store, _Keys] | None = None

    async def page(self, store_name: str, asked: Asked) -> dict[str, Any]:
        """Return a page of the store's objects as JSON values, expired ones too."""
        store = await self._stores.get(store_name)
        stored, cached, keys = await self._keys(store, asked.prefix)
        chosen = await choose(keys, asked)
        objects: list[dict[str, Any]] = []
        async for keys in slices(chosen.keys):
            placed = [Placed(key, stored.find(key), cached.find(key)) for key in keys]
            objects += [each.document() for each in placed if each.storage or each.cache]
        return {
            "objects": objects,
            **({"prefixes": chosen.prefixes} if asked.delimiter else {}),
            **({} if asked.limit is None else {"next": chosen.next, "count": chosen.matching}),
        }

    async def show(self, store_name: str, key: str) -> Placed:
        """Return the object in each tier, expired or not.

        Raises:
            ObjectNotFoundError: neither tier has it.
        """
        store = await self._stores.get(store_name)
        copy = await self._cache.get(store, key)
        placed = Placed(key, await self._stored(store, key), None if copy is None else copy.info)
        if placed.storage is None and placed.cache is None:
            raise ObjectNotFoundError
        return placed

    async def _keys(self, store: Store, prefix: str) -> _Keys:
        """Return the keys of a store, at least those with the prefix. Those of the last store are
        remembered until one is written: then another page takes a tenth of the time."""
        last = self._last
        if last is not None and last[0] == store and all(each.is_current() for each in last[1][:2]):
            return last[1]
        self._last = None
        stored, cached = await self._in_storage(store, prefix), await self._cache.browse(store)
        keys = _Keys(stored, cached, await union_of((stored.keys, cached.keys)))
        if not prefix and stored.is_current() and cached.is_current():
            self._last = store, _Keys(stored._replace(keys=()), cached._replace(keys=()), keys.all)
        return keys

    async def _stored(self, store: Store, key: str) -> ObjectInfo | None:
        storage, location = self._storage.for_store(store), store.location(key)
        stored = await storage.open(location, inline_bytes=0)
        if stored is None:
            return None
        await stored.close()
        return stored.info

    async def _in_storage(self, store: Store, prefix: str) -> Browsed:
        first = store.location(prefix)
        browsed = await self._storage.for_store(store).browse(first.bucket, first.key)
        start = store.location("").key
        if not start:
            return browsed
        keys: list[str] = []
        async for some in slices(browsed.keys):
            keys += [key[len(start) :] for key in some if len(key) > len(start)]
        return Browsed(keys, lambda key: browsed.find(start + key), browsed.is_current)
