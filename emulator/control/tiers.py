"""List, put and remove objects in a single tier, without the service."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from emulator.backends.storage.base import Storage
from emulator.control.tier_counters import TierCounters
from emulator.core.documents import as_object, forbid_unknown, invalid, text, unknown
from emulator.core.errors import BadRequestError, ObjectNotFoundError
from emulator.core.instants import parse_whole_seconds, to_text
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.patterns import matches
from emulator.core.slices import Pace, in_order, slices
from emulator.service import metadata as rules
from emulator.service import tags as tag_rules
from emulator.service.cache_tier import CacheTier
from emulator.service.names import check_key
from emulator.service.objects import Objects
from emulator.service.stores import Stores

Tier = Literal["cache", "storage"]

TIERS: tuple[Tier, ...] = ("cache", "storage")


class Placed(NamedTuple):
    """An object's key, and its entry in each tier: None where the tier does not have it."""

    key: str
    storage: ObjectInfo | None
    cache: ObjectInfo | None

    def document(self) -> dict[str, Any]:
        """Return the object as JSON values."""
        return {
            "key": self.key,
            "storage": None if self.storage is None else _described(self.storage),
            "cache": None if self.cache is None else _described(self.cache),
        }


class NewPlaced(NamedTuple):
    """An object to put into one tier, or, if ``tier`` is None, into both as the service does."""

    body: bytes
    metadata: Mapping[str, str]
    ttl_seconds: int | None
    tier: Tier | None
    tags: Mapping[str, str]


class Tiers:
    """The two tiers of every store.

    Args:
        changing: a lock, held while a tier is changed, so that the whole state does not change.
        has_tags: whether objects have tags in the revision.

    Every method that takes the name of a store raises ``StoreNotFoundError`` if it does not exist.
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
        """Return the hits and misses of Gets in each tier, of one store or of all."""
        if store_name is not None:
            await self._stores.get(store_name)
        return self._counters.counts(store_name)

    async def objects(self, store_name: str) -> list[Placed]:
        """Return the store's objects sorted by key, expired ones too."""
        store = await self._stores.get(store_name)
        stored = dict(await self._in_storage(store))
        cached = dict(await self._cache.list(store))
        placed: list[Placed] = []
        async for keys in slices(await in_order({*stored, *cached})):
            placed += [Placed(key, stored.get(key), cached.get(key)) for key in keys]
        return placed

    async def put_described(
        self, store_name: str, key: str, document: object, tier: object = None
    ) -> None:
        """Put the object of a JSON document. The tier is ``tier`` or a member of the document.

        Raises:
            BadRequestError: the document is not valid, or the tier is given twice; see also
                ``put``.
        """
        body = as_object(document, "request body")
        if tier is not None:
            if "tier" in body:
                invalid("tier", "it is both in the query and in the body")
            body = {**body, "tier": tier}
        await self.put(store_name, key, parse_new(body))

    async def put(self, store_name: str, key: str, new: NewPlaced) -> ObjectInfo:
        """Put an object into one tier, or into both.

        Raises:
            BadRequestError: the key is not valid, the revision has no tags, or the object is too
                large for the tier.
        """
        check_key(key)
        if new.tags and not self._has_tags:
            raise BadRequestError("Unknown tags: objects have no tags in this revision of the API")
        async with self._changing:
            return await self._put(await self._stores.get(store_name), key, new)

    async def _put(self, store: Store, key: str, new: NewPlaced) -> ObjectInfo:
        if new.tier is None:
            return await self._objects.put(
                store,
                key,
                new.body,
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
            ObjectNotFoundError: no such tier has the object.
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
        """Delete every entry of a Valkey cluster.

        Raises:
            BadRequestError: no store has a cluster of that name. The message lists the known ones.
        """
        known = sorted({store.cluster_name for store in await self._stores.list()})
        if cluster not in known:
            raise unknown("cluster", cluster, known)
        async with self._changing:
            await self._cache.flush(cluster)

    def require_own(self, tier: str) -> None:
        """Check that the tier's objects are the emulator's, so that a fault may lose them (D73).

        Raises:
            BadRequestError: they are not.
        """
        if tier == "storage" and not self._storage.can_be_emptied:
            raise BadRequestError(
                f"With --storage {self._storage.name} the objects are in buckets that others may "
                "use too, so the emulator must not lose them; remove in S3 those that should be "
                "missing"
            )

    async def lose(self, tier: str, store: str | None, key: str | None) -> None:
        """Delete a tier's objects whose store and key match the patterns; without a pattern, all
        of them."""
        if store is None and key is None:
            await (self._cache.clear() if tier == "cache" else self._storage.clear())
            return
        for each in await self._stores.list():
            if store is None or matches(store, each.name):
                await self._lose_of(each, tier, key or "*")

    async def _lose_of(self, store: Store, tier: str, key: str) -> None:
        pace = Pace()
        if tier == "cache":
            for found, _ in await self._cache.list(store):
                await pace.step()
                if matches(key, found):
                    async with self._objects.lock(store.location(found)):
                        await self._cache.forget(store, found)
            return
        for found, _ in await self._in_storage(store):
            await pace.step()
            if matches(key, found):
                await self._storage.for_store(store).delete(store.location(found))

    async def _in_storage(self, store: Store) -> list[tuple[str, ObjectInfo]]:
        first = store.location("")
        listed = await self._storage.for_store(store).list(first.bucket, first.key)
        start, found = len(first.key), []
        async for some in slices(listed):
            found += [(key[start:], info) for key, info in some if len(key) > start]
        return found


def parse_tier(value: object) -> Tier | None:
    """Parse the name of a tier; None stands for both.

    Raises:
        BadRequestError: there is no such tier. The message lists the known ones.
    """
    if value is None:
        return None
    name = text(value, "tier")
    if name not in TIERS:
        raise unknown("tier", name, TIERS)
    return name


NEW_MEMBERS = ("text", "base64", "metadata", "tags", "ttl_seconds", "tier")
"""What the body of a request to put an object can have."""


def parse_new(document: object) -> NewPlaced:
    """Parse the body of a request to put an object: ``text`` or ``base64``, and optionally
    ``metadata``, ``tags``, ``ttl_seconds`` and ``tier``.

    Raises:
        BadRequestError: the body is not valid.
    """
    body = as_object(document, "request body")
    forbid_unknown(body, "", NEW_MEMBERS)
    if ("text" in body) == ("base64" in body):
        raise BadRequestError("The object's body is required, either text or base64")
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
    """Check an object to put into a tier. Only storage keeps tags.

    Raises:
        BadRequestError: a value is not valid, or the cache is to keep tags.
    """
    pairs = _texts(metadata, "metadata")
    kept = rules.collect(pairs)
    for name, _ in pairs:
        if not name:
            invalid("metadata", "a name must not be empty")
        if name.lower() not in kept:
            invalid(f"metadata.{name}", "the service does not keep metadata of that name")
    ttl = None if ttl_seconds is None else parse_whole_seconds(ttl_seconds, "ttl_seconds")
    if ttl is not None and ttl < 1:
        invalid("ttl_seconds", "it must be at least 1")
    tagged = tag_rules.collect(_texts(tags, "tags"))
    if tagged and tier == "cache":
        invalid("tags", "only storage keeps tags")
    return NewPlaced(content, kept, ttl, parse_tier(tier), tagged)


def _texts(value: object, path: str) -> list[tuple[str, str]]:
    named = as_object({} if value is None else value, path)
    return [(name, text(each, f"{path}.{name}", may_be_empty=True)) for name, each in named.items()]


def _from_base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        invalid("base64", "it is not valid base64")


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
