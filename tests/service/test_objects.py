"""Put and Get over both tiers: what lies where, and for how long."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.memory import MemoryCache
from emulator.core.errors import BadRequestError
from emulator.core.object_info import ObjectInfo
from emulator.core.outcome import Outcome
from tests.support.bodies import some_bytes

from .harness import (
    CACHE_LIMIT,
    MAX_OBJECT_BYTES,
    NOW,
    STREAMED,
    Found,
    Service,
    configuration,
    in_pieces,
    lives_until,
)

SMALL = CACHE_LIMIT // 2
LARGE = CACHE_LIMIT + 1

CACHED_SIZES = pytest.mark.parametrize("size", [0, 1, CACHE_LIMIT - 1, CACHE_LIMIT])
UNCACHED_SIZES = pytest.mark.parametrize("size", [CACHE_LIMIT + 1, 60_000, STREAMED])
SIZES = pytest.mark.parametrize("size", [0, SMALL, LARGE, STREAMED])


class BrokenOffError(Exception):
    """The reason for which a body ends early."""


async def broken_off(body: bytes) -> AsyncIterator[bytes]:
    """A request's body that ends early: with an error, as the HTTP server tells of it."""
    yield body
    raise BrokenOffError


async def expect_nowhere(service: Service) -> None:
    assert await service.stored() is None
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.MISS, None, None)


@SIZES
async def test_what_is_kept_of_an_object_says_when_it_was_made_and_how_long_it_lives(
    service: Service, size: int
) -> None:
    metadata = {"content-type": "text/plain"}
    info = await service.put(some_bytes(size), ttl=60, metadata=metadata)
    assert info == ObjectInfo(size, NOW, info.version, lives_until(60), metadata)
    found = await service.get()
    assert (found.info, found.body) == (info, some_bytes(size))


@pytest.mark.proves("D20")
@CACHED_SIZES
async def test_an_object_up_to_the_cache_limit_is_written_to_both_tiers(
    service: Service, size: int
) -> None:
    info = await service.put(some_bytes(size))
    assert await service.stored() == (info, some_bytes(size))
    assert await service.cached() == (info, some_bytes(size))
    assert await service.get() == Found(Outcome.CACHE_HIT, info, some_bytes(size))


@pytest.mark.proves("D20")
@UNCACHED_SIZES
async def test_an_object_above_the_cache_limit_is_in_storage_only(
    service: Service, size: int
) -> None:
    info = await service.put(some_bytes(size))
    for _ in range(2):
        assert await service.stored() == (info, some_bytes(size))
        assert await service.cached() is None
        assert await service.get() == Found(Outcome.STORAGE_HIT, info, some_bytes(size))


@pytest.mark.proves("D20")
@pytest.mark.parametrize("new", [0, SMALL, CACHE_LIMIT, LARGE, STREAMED])
@pytest.mark.parametrize("old", [0, SMALL, CACHE_LIMIT, LARGE, STREAMED])
async def test_an_object_of_any_size_takes_the_place_of_one_of_any_size_in_both_tiers(
    service: Service, old: int, new: int
) -> None:
    await service.put(some_bytes(old, seed=1))
    info = await service.put(some_bytes(new, seed=2))
    assert await service.stored() == (info, some_bytes(new, seed=2))
    cached = await service.cached()
    assert cached == ((info, some_bytes(new, seed=2)) if new <= CACHE_LIMIT else None)
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(new, seed=2))


@pytest.mark.proves("D20")
@pytest.mark.parametrize(
    "pieces",
    [
        [CACHE_LIMIT],
        [CACHE_LIMIT, 0],
        [0, CACHE_LIMIT],
        [1] * CACHE_LIMIT,
        [CACHE_LIMIT, 1],
        [1, CACHE_LIMIT],
        [LARGE, LARGE],
        [1] * LARGE,
        [0, 0],
        [],
    ],
    ids=repr,
)
async def test_the_size_that_counts_is_that_of_the_whole_body_in_whatever_pieces(
    service: Service, pieces: list[int]
) -> None:
    chunks = [some_bytes(size, seed) for seed, size in enumerate(pieces)]
    info = await service.put(in_pieces(chunks))
    body = b"".join(chunks)
    assert info.size == len(body)
    assert await service.stored() == (info, body)
    assert await service.cached() == ((info, body) if len(body) <= CACHE_LIMIT else None)
    found = await service.get()
    assert (found.info, found.body) == (info, body)


@pytest.mark.proves("D08")
@SIZES
async def test_a_put_replaces_body_metadata_and_ttl_as_a_whole(service: Service, size: int) -> None:
    await service.put(b"old", ttl=60, metadata={"old": "1", "both": "1"})
    info = await service.put(some_bytes(size), metadata={"new": "2", "both": "2"})
    assert info.expires_at is None
    assert info.metadata == {"new": "2", "both": "2"}
    service.clock.advance(3600)
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(size))
        await service.lose_cache()


@pytest.mark.proves("D08")
async def test_every_put_to_a_key_has_a_newer_version_even_at_the_same_instant(
    service: Service,
) -> None:
    versions = [(await service.put(b"body")).version for _ in range(5)]
    assert versions == sorted(set(versions))
    service.clock.freeze(at=NOW - 5)
    assert (await service.put(b"body")).version > versions[-1]


@pytest.mark.proves("D19")
@CACHED_SIZES
async def test_a_get_that_finds_an_object_in_storage_only_caches_it(
    service: Service, size: int
) -> None:
    info = await service.put(some_bytes(size), metadata={"a": "1"})
    await service.lose_cache()
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, some_bytes(size))
    assert await service.cached() == (info, some_bytes(size))
    assert await service.get() == Found(Outcome.CACHE_HIT, info, some_bytes(size))


@pytest.mark.proves("D19")
async def test_an_object_that_a_get_has_cached_lives_there_for_the_rest_of_its_life(
    service: Service,
) -> None:
    info = await service.put(b"body", ttl=60)
    service.clock.advance(40)
    await service.lose_cache()
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")
    assert await service.cached() == (info, b"body")
    service.clock.advance(19.999999)
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")
    service.clock.advance(0.000001)
    assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED


class LifetimesCache(MemoryCache):
    """A cache that writes down for how long it is to keep what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.lifetimes: list[int | None] = []

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        self.lifetimes.append(lifetime)
        await super().end_write(key, lease, copy, lifetime=lifetime)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        self.lifetimes.append(lifetime)
        await super().end_fill(key, lease, copy, lifetime=lifetime)


@pytest.mark.proves("D19")
async def test_the_cache_is_told_how_much_of_its_life_an_object_has_left() -> None:
    cache = LifetimesCache()
    service = Service(cache=cache)
    await service.configure()
    await service.put(b"body", ttl=60)
    service.clock.advance(40)
    await service.lose_cache()
    await service.get()
    await service.put(b"body")
    await service.lose_cache()
    await service.get()
    assert cache.lifetimes == [60_000_000, 20_000_000, None, None]


@pytest.mark.proves("D19")
async def test_a_get_that_finds_nothing_caches_nothing(service: Service) -> None:
    await expect_nowhere(service)
    info = await service.put(b"body")
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.proves("D14")
@pytest.mark.parametrize(
    ("prefix", "place"), [("", "a/key"), ("p", "p/a/key"), ("p/", "p//a/key"), ("/", "//a/key")]
)
async def test_an_object_lies_in_the_bucket_below_the_prefix(
    service: Service, prefix: str, place: str
) -> None:
    await service.configure("below", configuration(prefix=prefix))
    info = await service.put(b"body", "a/key", store="below")
    assert await service.stored(place) == (info, b"body")


@pytest.mark.proves("D22")
@pytest.mark.parametrize("declared", [True, False])
async def test_an_object_of_the_largest_size_is_accepted(service: Service, declared: bool) -> None:
    body = some_bytes(MAX_OBJECT_BYTES)
    await service.objects.put(
        await service.stores.get("store"),
        "key",
        in_pieces([body[:-1], body[-1:]]),
        declared_size=len(body) if declared else None,
        metadata={},
        ttl_seconds=None,
    )
    assert (await service.get()).body == body


@pytest.mark.proves("D22")
@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize(
    "pieces", [[MAX_OBJECT_BYTES + 1], [MAX_OBJECT_BYTES, 1], [1, MAX_OBJECT_BYTES]], ids=repr
)
async def test_an_object_of_a_byte_more_is_refused_and_changes_nothing(
    service: Service, pieces: list[int], old: bytes | None
) -> None:
    info = None if old is None else await service.put(old)
    with pytest.raises(BadRequestError, match=f"at most {MAX_OBJECT_BYTES} bytes"):
        await service.put(in_pieces(map(some_bytes, pieces)))
    if info is None:
        await expect_nowhere(service)
    else:
        assert await service.stored() == await service.cached() == (info, old)


@pytest.mark.proves("D22")
async def test_an_object_that_is_declared_too_large_is_refused_before_its_body_is_read(
    service: Service,
) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    with pytest.raises(BadRequestError, match="too large"):
        await service.objects.put(
            await service.stores.get("store"),
            "key",
            body(),
            declared_size=MAX_OBJECT_BYTES + 1,
            metadata={},
            ttl_seconds=None,
        )
    await expect_nowhere(service)


@pytest.mark.proves("D21")
@SIZES
async def test_a_put_whose_body_ends_early_stores_nothing(service: Service, size: int) -> None:
    with pytest.raises(BrokenOffError):
        await service.put(broken_off(some_bytes(size)))
    await expect_nowhere(service)


@pytest.mark.proves("D21")
@pytest.mark.parametrize("old_size", [SMALL, LARGE, STREAMED])
@SIZES
async def test_a_put_whose_body_ends_early_leaves_the_old_object_in_both_tiers(
    service: Service, size: int, old_size: int
) -> None:
    old = some_bytes(old_size, seed=1)
    info = await service.put(old, metadata={"old": "1"})
    with pytest.raises(BrokenOffError):
        await service.put(broken_off(some_bytes(size)), metadata={"new": "1"})
    assert await service.stored() == (info, old)
    assert await service.cached() == ((info, old) if old_size <= CACHE_LIMIT else None)
    found = await service.get()
    assert (found.info, found.body) == (info, old)


@pytest.mark.parametrize("cache_limit", [0, 1])
async def test_a_service_whose_cache_takes_next_to_nothing_serves_everything(
    cache_limit: int,
) -> None:
    service = Service(cache_limit=cache_limit)
    await service.configure()
    for size in (0, 1, 2, STREAMED):
        info = await service.put(some_bytes(size))
        assert (await service.cached() is not None) == (size <= cache_limit)
        for _ in range(2):
            found = await service.get()
            assert (found.info, found.body) == (info, some_bytes(size))


async def test_a_file_put_into_the_bucket_by_hand_is_served_and_cached(service: Service) -> None:
    location = (await service.stores.get("store")).location("key")
    info = ObjectInfo(7, NOW - 5, NOW - 5)
    async with service.storage.engine.upload(location) as upload:
        await upload.write(b"by hand")
        await upload.commit(info)
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"by hand")
    assert await service.cached() == (info, b"by hand")
    new = await service.put(b"new")
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")
