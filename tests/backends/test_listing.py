"""What storage and cache engines say about all that they hold."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.storage.base import Storage
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples, over

from .engines import CACHES, opened_cache, opened_storage
from .objects import an_info, put, utf8_text

EXPIRED = ObjectInfo(size=0, created_at=1, version=1, expires_at=2, metadata={"a": "é"})


def a_copy(version: int) -> CachedObject:
    return CachedObject(an_info(9, version=version, metadata={"a": "\n"}), b'{"a":1}\n\n')


S3_BUCKETS = ["bucket-b", "bucket-a", "bucket.c", "0bucket"]

ANY_BUCKETS = [*S3_BUCKETS, "B", "a", "..", "日本", "A" * 300, "\U0001f3ac", "\uffee"]


async def test_storage_lists_its_buckets_in_the_order_of_their_names(storage: Storage) -> None:
    assert await storage.buckets() == []
    buckets = ANY_BUCKETS if storage.can_be_emptied else S3_BUCKETS
    for bucket in buckets:
        await put(storage, Location(bucket, "key"), b"")
    assert await storage.buckets() == sorted(buckets)
    for bucket in buckets[1:]:
        assert await storage.delete(Location(bucket, "key"))
    assert await storage.buckets() == ["bucket-b"]


async def test_a_bucket_is_listed_with_what_is_kept_with_its_objects_expired_or_not(
    storage: Storage,
) -> None:
    assert await storage.list("bucket") == []
    await put(storage, Location("bucket", "b"), b"", EXPIRED)
    await put(storage, Location("bucket", "a"), b"body")
    await put(storage, Location("other", "c"), b"")
    assert await storage.list("bucket") == [("a", an_info(4)), ("b", EXPIRED)]
    await put(storage, Location("bucket", "a"), b"new body", an_info(8, version=2))
    assert await storage.list("bucket", "a") == [("a", an_info(8, version=2))]


@pytest.mark.parametrize("prefix", ["", "a", "a/", "A", "*", "x", "x" * 400, "\n", "é"])
async def test_a_prefix_is_taken_as_it_is(
    storage: Storage, prefix: str, can_hold: Callable[[str], bool]
) -> None:
    keys = ["a", "a/b", "a/b/c", "A", "*", "**", "\n", "x" * 300, "x" * 500, "é" * 100, "e\u0301"]
    keys = [key for key in keys if can_hold(key)]
    for key in keys:
        await put(storage, Location("bucket", key), b"")
    expected = sorted(key for key in keys if key.startswith(prefix))
    assert [key for key, _ in await storage.list("bucket", prefix)] == expected


@pytest.mark.parametrize("engine", ["memory", "filesystem-without-fsync"])
@settings(max_examples=examples(60))
@given(
    locations=st.lists(
        st.builds(Location, utf8_text(max_bytes=600), utf8_text(max_bytes=1024)),
        max_size=6,
        unique=True,
    ),
    prefix=utf8_text(max_bytes=4, min_size=0),
)
async def test_whatever_its_names_storage_lists_them(
    engine: str, locations: list[Location], prefix: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        async with opened_storage(engine, Path(name)) as storage:
            infos = {
                location: await put(storage, location, b"body", an_info(4, version=number))
                for number, location in enumerate(locations)
            }
            assert await storage.buckets() == sorted({location.bucket for location in infos})
            for bucket in {location.bucket for location in infos}:
                assert await storage.list(bucket, prefix) == sorted(
                    (location.key, info)
                    for location, info in infos.items()
                    if location.bucket == bucket and location.key.startswith(prefix)
                )


async def test_a_namespace_is_listed_with_what_is_kept_with_its_copies(cache: Cache) -> None:
    assert await cache.list("cluster", "namespace") == []
    keys = ["b", "", "a:b", ":", "*", "[a]", "\n", "日本", "\U0001f3ac", "\uffee"]
    for version, key in enumerate(keys):
        await cache.set(CacheKey("cluster", "namespace", key), a_copy(version), lifetime=None)
    for place in [("cluster", "namespace2"), ("cluster", "names"), ("other", "namespace")]:
        await cache.set(CacheKey(*place, "c"), a_copy(100), lifetime=None)
    await cache.set(CacheKey("cluster", "namespace", "gone"), a_copy(101), lifetime=None)
    await cache.delete(CacheKey("cluster", "namespace", "gone"))
    assert await cache.list("cluster", "namespace") == sorted(
        (key, a_copy(version).info) for version, key in enumerate(keys)
    )


async def test_a_namespace_of_many_keys_is_listed_to_the_last(cache: Cache) -> None:
    for number in range(2500):
        key = CacheKey("cluster", "namespace", str(number))
        await cache.set(key, a_copy(number), lifetime=None)
    listed = await cache.list("cluster", "namespace")
    assert [key for key, _ in listed] == sorted(map(str, range(2500)))


@pytest.mark.parametrize("engine", over(*CACHES))
@settings(max_examples=examples(60))
@given(keys=st.lists(utf8_text(max_bytes=1024, min_size=0), max_size=8, unique=True))
async def test_whatever_its_keys_a_namespace_is_listed(engine: str, keys: list[str]) -> None:
    async with opened_cache(engine) as cache:
        for version, key in enumerate(keys):
            await cache.set(CacheKey("c", "n", key), a_copy(version), lifetime=None)
        assert await cache.list("c", "n") == sorted(
            (key, a_copy(version).info) for version, key in enumerate(keys)
        )


async def test_neither_to_list_nor_to_flush_makes_a_cluster() -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        await cache.list("cluster", "namespace")
        await cache.flush("cluster")
        assert cache._clusters == {}
