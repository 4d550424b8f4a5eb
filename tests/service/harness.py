"""A whole service in the test's own event loop, and a way to look into each of its tiers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import NamedTuple

from emulator.auth.authentication import Authenticator
from emulator.auth.keys import new_signing_secret
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID, AccountBackend
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.storage.base import BodyStream, Storage
from emulator.backends.storage.memory import MemoryStorage
from emulator.backends.valkey.url import parse_valkey_url
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.model import Account, Store
from emulator.core.object_info import ObjectInfo
from emulator.core.outcome import Outcome
from emulator.service.account.api_keys import ApiKeys
from emulator.service.admission import Admission
from emulator.service.cache_tier import CacheTier
from emulator.service.data_plane import DataPlane
from emulator.service.objects import Objects
from emulator.service.store_configuration import StoreConfiguration
from emulator.service.stores import Stores
from tests.engines.valkey import ValkeyCluster, ValkeyServer
from tests.support.client import ROLE_ARN

from .tiers import HookedCache, HookedStorage

NOW = 1_770_000_000_123_456
"""The instant, in epoch microseconds, at which every service begins."""

CACHE_LIMIT = 100
"""The largest body, in bytes, that is cached (D20)."""

MAX_OBJECT_BYTES = 1_000_000
"""The largest body, in bytes, that is accepted (D22)."""

STREAMED = 200_000
"""A size, in bytes, that comes from storage as a stream."""

EVERYTHING = 2**62

HANG_SECONDS = 60
"""After this a test fails, instead of waiting for ever."""


def configuration(
    bucket: str = "bucket", *, prefix: str = "", cluster: str = "cluster", role_arn: str = ROLE_ARN
) -> StoreConfiguration:
    return StoreConfiguration(bucket, prefix, role_arn, cluster)


async def in_pieces(body: bytes | Iterable[bytes]) -> AsyncIterator[bytes]:
    """A request's body, in one piece or in those given."""
    for piece in [body] if isinstance(body, bytes) else body:
        yield piece


class Found(NamedTuple):
    """What a Get answered, its body whole."""

    outcome: Outcome
    info: ObjectInfo | None
    body: bytes | None


class Service:
    """The service over two tiers, its clock frozen at `NOW`. `store` and `key` are by default the
    names that everything is called."""

    def __init__(
        self,
        storage: Storage | None = None,
        cache: Cache | None = None,
        account: AccountBackend | None = None,
        *,
        cache_limit: int = CACHE_LIMIT,
        max_stores: int | None = None,
    ) -> None:
        self.storage = HookedStorage(storage or MemoryStorage())
        self.cache = HookedCache(cache or MemoryCache())
        self.account = account or MemoryAccount()
        self.clock = Clock()
        self.clock.freeze(at=NOW)
        self.tier = CacheTier(self.cache, self.clock, max_object_bytes=cache_limit)
        self.stores = Stores(self.account, self.tier, max_stores=max_stores)
        self.objects = Objects(
            self.stores, self.storage, self.tier, self.clock, max_object_bytes=MAX_OBJECT_BYTES
        )
        self.api_keys = ApiKeys(self.account, self.clock)
        admission = Admission(Authenticator(self.account, self.clock))
        self.data_plane = DataPlane(admission, self.stores, self.objects, self.clock)

    async def close(self) -> None:
        await self.tier.close()
        await self.storage.close()
        await self.cache.close()
        await self.account.close()

    async def make_keys(self) -> Mapping[str, str]:
        """Open the account; an API key for each role."""
        account = Account("acct-test", new_signing_secret())
        await self.account.put(ACCOUNT, ACCOUNT_ID, account, expected=None)
        return {role_id: (await self.api_keys.create(role_id)).api_key for role_id in SYSTEM_ROLES}

    async def configure(
        self, name: str = "store", config: StoreConfiguration | None = None
    ) -> Store:
        """Create or update a store."""
        store, _ = await self.stores.put(name, config or configuration())
        return store

    async def put(
        self,
        body: bytes | AsyncIterable[bytes],
        key: str = "key",
        *,
        store: str = "store",
        ttl: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        return await self.objects.put(
            await self.stores.get(store),
            key,
            in_pieces(body) if isinstance(body, bytes) else body,
            metadata=metadata or {},
            ttl_seconds=ttl,
        )

    async def put_ephemeral(
        self,
        body: bytes,
        key: str = "key",
        *,
        ttl: int = 600,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectInfo:
        store = await self.stores.get("store")
        return await self.objects.put_ephemeral(
            store, key, in_pieces(body), metadata=metadata or {}, ttl_seconds=ttl
        )

    async def delete(self, key: str = "key") -> None:
        await self.objects.delete(await self.stores.get("store"), key)

    async def get(self, key: str = "key", *, store: str = "store") -> Found:
        outcome, info, body = await self.objects.get(await self.stores.get(store), key)
        return Found(outcome, info, None if body is None else await whole(body))

    async def cached(self, key: str = "key", *, store: str = "store") -> CachedObject | None:
        """What the cache has of the object."""
        record = await self.stores.get(store)
        place = CacheKey(record.cluster_name, record.cache_namespace, key)
        return await self.cache.engine.get(place)

    async def stored(self, key: str = "key", *, store: str = "store") -> CachedObject | None:
        """What storage has of the object."""
        location = (await self.stores.get(store)).location(key)
        stored = await self.storage.engine.open(location, inline_bytes=EVERYTHING)
        return None if stored is None else CachedObject(stored.info, await whole(stored.body))

    async def repaired(self) -> None:
        """Wait until no entry is left that is to be removed because nobody knows what it is."""
        repairing = self.tier._repairer._task
        if repairing is not None:
            await asyncio.wait_for(repairing, HANG_SECONDS)

    async def lose_cache(self) -> None:
        """What a cache may do at any time."""
        await self.cache.engine.clear()


@contextlib.asynccontextmanager
async def processes(count: int, new_cache: Callable[[], Cache]) -> AsyncIterator[list[Service]]:
    """Services over one storage, one account and one cache, each with a client of it; the cache is
    emptied first."""
    storage, account = MemoryStorage(), MemoryAccount()
    services = [Service(storage, new_cache(), account) for _ in range(count)]
    await services[0].lose_cache()
    try:
        yield services
    finally:
        for service in services:
            await service.close()


def cache_in(server: ValkeyServer | ValkeyCluster) -> Callable[[], Cache]:
    """Makes clients of the cache in a Valkey."""
    return lambda: ValkeyCache(parse_valkey_url(server.url), timeout=10)


async def whole(body: bytes | BodyStream) -> bytes:
    """All of a body, whichever way it comes; a stream is closed."""
    if isinstance(body, bytes):
        return body
    try:
        return b"".join([bytes(chunk) async for chunk in body.chunks()])
    finally:
        await body.close()


def lives_until(seconds: int) -> int:
    """The instant at which an object ends that was put at `NOW` with a TTL of `seconds`."""
    return NOW + seconds * MICROSECONDS
