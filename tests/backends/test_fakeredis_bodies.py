"""A copy in fakeredis is kept as it was given: its body is neither copied nor encoded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.storage.memory import MemoryStorage
from tests.service.harness import Service

from .objects import an_info

KEY = CacheKey("cluster", "namespace", "key")
LARGE = b"x" * 100_000
DAY = 24 * 60 * 60 * 1_000_000


def copy_of(body: bytes) -> CachedObject:
    return CachedObject(an_info(len(body), metadata={"a": "1"}), body)


@pytest.fixture
async def cache() -> AsyncIterator[FakeRedisCache]:
    made = FakeRedisCache()
    yield made
    await made.close()


async def body_in(cache: FakeRedisCache) -> bytes:
    found = await cache.get(KEY)
    assert found is not None
    assert found.info.size == len(found.body)
    return found.body


@pytest.mark.parametrize("lifetime", [None, DAY])
@pytest.mark.parametrize("body", [LARGE, b"a small body"], ids=["large", "small"])
async def test_neither_a_body_nor_its_information_is_copied(
    cache: FakeRedisCache, body: bytes, lifetime: int | None
) -> None:
    copy = copy_of(body)
    await cache.set(KEY, copy, lifetime=lifetime)
    assert await body_in(cache) is body
    [(key, listed)] = await cache.list("cluster", "namespace")
    assert key == "key"
    assert listed is copy.info


async def test_a_large_body_and_a_small_one_replace_each_other(cache: FakeRedisCache) -> None:
    for body in (LARGE, b"\n", LARGE + b"\n", b"", b"small\n", LARGE):
        await cache.set(KEY, copy_of(body))
        assert await body_in(cache) == body


async def test_a_large_body_is_gone_once_it_is_removed(cache: FakeRedisCache) -> None:
    await cache.set(KEY, copy_of(LARGE))
    await cache.delete(KEY)
    assert await cache.get(KEY) is None


async def test_a_checkpoint_has_the_large_bodies_of_its_time(cache: FakeRedisCache) -> None:
    await cache.set(KEY, copy_of(LARGE))
    checkpoint = await cache.checkpoint()
    await cache.set(KEY, copy_of(b"small"))
    await checkpoint.restore()
    assert await body_in(cache) is LARGE
    await cache.delete(KEY)
    await checkpoint.restore()
    assert await body_in(cache) is LARGE


async def test_storage_and_cache_share_the_body_of_a_put() -> None:
    service = Service(MemoryStorage(), FakeRedisCache(), cache_limit=2 * len(LARGE))
    store = await service.configure()
    await service.put(LARGE)
    stored = await service.storage.open(store.location("key"), inline_bytes=2 * len(LARGE))
    cached = await service.tier.get(store, "key")
    assert stored is not None
    assert cached is not None
    assert stored.body is cached.body is LARGE
    await service.close()
