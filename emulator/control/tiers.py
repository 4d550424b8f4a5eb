"""What lies in which tier, past the service's own door: looked at, put there, and taken away."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, NamedTuple, cast

from emulator.backends.storage.base import Storage
from emulator.control.tier_counters import TierCounters
from emulator.core.documents import as_object, forbid_unknown, invalid, text, unknown, whole_number
from emulator.core.errors import BadRequestError, ObjectNotFoundError
from emulator.core.instants import to_text
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.patterns import matches
from emulator.service import metadata as rules
from emulator.service import tags as tag_rules
from emulator.service.cache_tier import CacheTier
from emulator.service.names import check_key
from emulator.service.objects import Objects
from emulator.service.stores import Stores

Tier = Literal["cache", "storage"]

TIERS: tuple[Tier, ...] = ("cache", "storage")


class Placed(NamedTuple):
    """An object's key, and what each tier has of it: None where that is nothing."""

    key: str
    storage: ObjectInfo | None
    cache: ObjectInfo | None

    def document(self) -> dict[str, Any]:
        """The object as JSON values."""
        return {
            "key": self.key,
            "storage": None if self.storage is None else _described(self.storage),
            "cache": None if self.cache is None else _described(self.cache),
        }


class NewPlaced(NamedTuple):
    """An object to put into a tier, or into both as the service does where ``tier`` is None."""

    body: bytes
    metadata: Mapping[str, str]
    ttl_seconds: int | None
    tier: Tier | None
    tags: Mapping[str, str]


class Tiers:
    """The two tiers of every store.

    Args:
        changing: is held while a tier is changed, so that nobody changes all of the state then.
        has_tags: whether objects have tags in the revision that there is.

    Every method raises ``StoreNotFoundError`` where the store that it is to look at is none.
    """

    def __init__(
        self,
        stores: Stores,
        objects: Objects,
        storage: Storage,
        cache: CacheTier,
        counters: TierCounters,
        changing: asyncio.Lock,
        *,
        has_tags: bool = False,
    ) -> None:
        self._has_tags = has_tags
        self._stores = stores
        self._objects = objects
        self._storage = storage
        self._cache = cache
        self._counters = counters
        self._changing = changing

    async def counts(self, store_name: str | None = None) -> dict[str, dict[str, int]]:
        """How often Gets found each tier to have an object, in one store or in all."""
        if store_name is not None:
            await self._stores.get(store_name)
        return self._counters.counts(store_name)

    async def objects(self, store_name: str) -> list[Placed]:
        """The store's objects in the order of their keys, expired or not."""
        store = await self._stores.get(store_name)
        stored = dict(await self._in_storage(store))
        cached = dict(await self._cache.list(store))
        return [Placed(key, stored.get(key), cached.get(key)) for key in sorted({*stored, *cached})]

    async def describe(self, store_name: str) -> list[dict[str, Any]]:
        """The same objects as JSON values."""
        return [placed.document() for placed in await self.objects(store_name)]

    async def put_described(
        self, store_name: str, key: str, document: object, tier: object = None
    ) -> None:
        """Put the object of a JSON document, which may name the tier itself.

        Raises:
            BadRequestError: it is no such document, or names a tier too; see also ``put``.
        """
        body = as_object(document, "request body")
        if tier is not None:
            if "tier" in body:
                invalid("tier", "it is in the query and in the body")
            body = {**body, "tier": tier}
        await self.put(store_name, key, parse_new(body))

    async def put(self, store_name: str, key: str, new: NewPlaced) -> ObjectInfo:
        """Put an object where the service would not have put it, or not there alone.

        Raises:
            BadRequestError: the key is none, or the object is larger than its tier takes.
        """
        check_key(key)
        if new.tags and not self._has_tags:
            raise BadRequestError("Unknown tags: objects have none in this revision of the API")
        async with self._changing:
            return await self._put(await self._stores.get(store_name), key, new)

    async def _put(self, store: Store, key: str, new: NewPlaced) -> ObjectInfo:
        if new.tier is None:
            return await self._objects.put(
                store,
                key,
                _once(new.body),
                metadata=new.metadata,
                ttl_seconds=new.ttl_seconds,
                tags=new.tags,
            )
        self._objects.require_size(len(new.body))
        location = store.location(key)
        async with self._objects.lock(location):
            info = self._objects.stamp(len(new.body), new.metadata, new.ttl_seconds)
            if new.tier == "storage":
                info = info._replace(tags=new.tags)
                await self._storage.for_store(store).put(location, info, new.body)
            elif info.size > self._cache.max_object_bytes:
                raise BadRequestError(
                    f"The object is too large for the cache: it takes objects of at most "
                    f"{self._cache.max_object_bytes} bytes"
                )
            else:
                await self._cache.put(store, key, info, new.body)
        return info

    async def drop(self, store_name: str, key: str, tier: str | None = None) -> None:
        """Remove an object from a tier, or from both.

        Raises:
            ObjectNotFoundError: it was not there.
            BadRequestError: there is no such tier.
        """
        wanted = parse_tier(tier)
        async with self._changing:
            found = await self._drop(await self._stores.get(store_name), key, wanted)
        if not found:
            raise ObjectNotFoundError

    async def _drop(self, store: Store, key: str, tier: Tier | None) -> bool:
        location = store.location(key)
        async with self._objects.lock(location):
            found = False
            if tier != "storage":
                found = await self._cache.has(store, key)
                await self._cache.forget(store, key)
            if tier != "cache":
                found = await self._storage.for_store(store).delete(location) or found
        return found

    async def flush(self, cluster: str) -> None:
        """Have a cluster forget all that it has.

        Raises:
            BadRequestError: no store has a cluster of that name. The message lists those that are.
        """
        known = sorted({store.cluster_name for store in await self._stores.list()})
        if cluster not in known:
            raise unknown("cluster", cluster, known or ("none",))
        async with self._changing:
            await self._cache.flush(cluster)

    def require_own(self, tier: str) -> None:
        """Refuse to have a tier lose what is not the emulator's (D73).

        Raises:
            BadRequestError: it is not.
        """
        if tier == "storage" and not self._storage.can_be_emptied:
            raise BadRequestError(
                f"With --storage {self._storage.name} the objects are in buckets that others use "
                "too, and not the emulator's to lose; remove those that are to be missing there"
            )

    async def lose(self, tier: str, store: str | None, key: str | None) -> None:
        """Have a tier lose what it has under keys and in stores that match the patterns; without
        any, all that it has."""
        if store is None and key is None:
            await (self._cache.clear() if tier == "cache" else self._storage.clear())
            return
        for each in await self._stores.list():
            if store is None or matches(store, each.name):
                await self._lose_of(each, tier, key or "*")

    async def _lose_of(self, store: Store, tier: str, key: str) -> None:
        if tier == "cache":
            for found, _ in await self._cache.list(store):
                if matches(key, found):
                    async with self._objects.lock(store.location(found)):
                        await self._cache.forget(store, found)
            return
        for found, _ in await self._in_storage(store):
            if matches(key, found):
                await self._storage.for_store(store).delete(store.location(found))

    async def _in_storage(self, store: Store) -> list[tuple[str, ObjectInfo]]:
        first = store.location("")
        return [
            (key[len(first.key) :], info)
            for key, info in await self._storage.for_store(store).list(first.bucket, first.key)
            if len(key) > len(first.key)
        ]


def parse_tier(value: object) -> Tier | None:
    """The tier that is named; None where none is.

    Raises:
        BadRequestError: it is none of those that there are. The message lists them.
    """
    if value is None:
        return None
    name = text(value, "tier")
    if name not in TIERS:
        raise unknown("tier", name, TIERS)
    return name


def parse_new(document: object) -> NewPlaced:
    """The object in the body of a request to put one: ``text`` or ``base64``, and where there are
    some ``metadata``, ``ttl_seconds`` and ``tier``.

    Raises:
        BadRequestError: it is none.
    """
    body = as_object(document, "request body")
    forbid_unknown(body, "", ("text", "base64", "metadata", "tags", "ttl_seconds", "tier"))
    if ("text" in body) == ("base64" in body):
        raise BadRequestError("The object's body is needed, as text or as base64")
    if "text" in body:
        content = text(body["text"], "text", may_be_empty=True).encode()
    else:
        content = _from_base64(text(body["base64"], "base64", may_be_empty=True))
    return new_placed(
        content,
        body.get("metadata"),
        body.get("ttl_seconds"),
        body.get("tier"),
        body.get("tags"),
    )


def new_placed(
    content: bytes, metadata: object, ttl_seconds: object, tier: object, tags: object = None
) -> NewPlaced:
    """An object to put into a tier; tags are kept in storage alone.

    Raises:
        BadRequestError: it could not have been put into the service.
    """
    pairs = _texts(metadata, "metadata")
    kept = rules.collect(pairs)
    for name, _ in pairs:
        if not name:
            invalid("metadata", "a name is empty")
        if name.lower() not in kept:
            invalid(f"metadata.{name}", "the service does not keep metadata of that name")
    if ttl_seconds is not None and whole_number(ttl_seconds, "ttl_seconds") < 1:
        invalid("ttl_seconds", "it must be at least 1")
    tagged = tag_rules.collect(_texts(tags, "tags"))
    if tagged and tier == "cache":
        invalid("tags", "they are kept in storage alone")
    return NewPlaced(content, kept, cast("int | None", ttl_seconds), parse_tier(tier), tagged)


def _texts(value: object, path: str) -> list[tuple[str, str]]:
    named = as_object({} if value is None else value, path)
    return [(name, text(each, f"{path}.{name}", may_be_empty=True)) for name, each in named.items()]


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _from_base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        invalid("base64", "it is none")


def _described(info: ObjectInfo) -> dict[str, Any]:
    return {
        "size": info.size,
        "created_at": to_text(info.created_at),
        "expires_at": None if info.expires_at is None else to_text(info.expires_at),
        "version": info.version,
        "metadata": dict(info.metadata),
        **({"tags": dict(info.tags)} if info.tags else {}),
        **({"ephemeral": True} if info.ephemeral else {}),
    }
