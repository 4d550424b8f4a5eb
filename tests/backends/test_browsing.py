"""An engine that is browsed has the keys that it lists, and says whether they have changed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.browsing import Browsed
from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.storage.base import Storage
from emulator.backends.storage.memory import MemoryStorage
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples

from .engines import opened_cache
from .objects import an_info, put, utf8_text

EXPIRED = ObjectInfo(size=0, created_at=1, version=1, expires_at=2)


def known(browsed: Browsed) -> list[tuple[str, ObjectInfo | None]]:
    """What was browsed, as a list: each key once."""
    return [(key, browsed.find(key)) for key in sorted(browsed.keys)]


async def test_storage_is_browsed_as_it_is_listed(storage: Storage) -> None:
    assert known(await storage.browse("bucket")) == []
    for key in ("b", "a/1", "a/2", "a", "é"):
        await put(storage, Location("bucket", key), b"body")
    await put(storage, Location("bucket", "gone"), b"", EXPIRED)
    await put(storage, Location("other", "c"), b"")
    for prefix in ("", "a", "a/", "x"):
        browsed = await storage.browse("bucket", prefix)
        assert known(browsed) == await storage.list("bucket", prefix)
        assert browsed.find("nothing") is None


async def test_a_cache_is_browsed_as_it_is_listed(cache: Cache) -> None:
    assert known(await cache.browse("cluster", "namespace")) == []
    for key in ("b", "a", "é:\n", "a" * 900):
        place = CacheKey("cluster", "namespace", key)
        await cache.set(place, CachedObject(an_info(4), b"body"))
    await cache.set(CacheKey("cluster", "name", "space:a"), CachedObject(an_info(4), b"body"))
    await cache.set(CacheKey("other", "namespace", "a"), CachedObject(an_info(4), b"body"))
    for cluster, namespace in (
        ("cluster", "namespace"), ("cluster", "name"), ("cluster", "none"), ("no", "n"),
    ):  # fmt: skip
        assert known(await cache.browse(cluster, namespace)) == await cache.list(cluster, namespace)


KEYS = utf8_text(max_bytes=12, min_size=1)


@given(keys=st.sets(KEYS, max_size=20), other=KEYS)
@settings(max_examples=examples(30), deadline=None)
async def test_an_engine_in_memory_never_says_current_of_keys_that_have_changed(
    keys: set[str], other: str
) -> None:
    storage = MemoryStorage()
    for key in keys:
        await storage.put(Location("bucket", key), an_info(1), b"x")
    browsed = await storage.browse("bucket")
    assert browsed.is_current()
    held = await storage.checkpoint()
    await storage.put(Location("bucket", other), an_info(1), b"x")
    assert not browsed.is_current()
    again = await storage.browse("bucket")
    assert again.is_current()
    assert not browsed.is_current()
    await held.restore()
    assert not again.is_current()
    last = await storage.browse("bucket")
    assert sorted(last.keys) == sorted(keys)
    if keys:
        await storage.delete(Location("bucket", min(keys)))
        assert not last.is_current()


async def test_a_cache_in_memory_never_says_current_of_keys_that_have_changed() -> None:
    for engine in ("memory", "fakeredis"):
        async with opened_cache(engine) as cache:
            empty = await cache.browse("cluster", "namespace")
            assert empty.is_current()
            key = CacheKey("cluster", "namespace", "key")
            await cache.set(key, CachedObject(an_info(1), b"x"))
            assert not empty.is_current()
            browsed = await cache.browse("cluster", "namespace")
            assert browsed.is_current()
            assert await cache.get(key) is not None
            assert browsed.is_current()
            await cache.delete(key)
            assert not browsed.is_current()
            browsed = await cache.browse("cluster", "namespace")
            await cache.flush("cluster")
            await cache.set(key, CachedObject(an_info(1), b"x"))
            assert not browsed.is_current()
            browsed = await cache.browse("cluster", "namespace")
            await cache.drop("cluster", "namespace")
            assert not browsed.is_current()
