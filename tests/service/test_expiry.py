"""The life of an object, to the microsecond, in both tiers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from emulator.core.clock import Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.outcome import Outcome
from emulator.service.ttl import MAX_TTL_SECONDS
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, NOW, STREAMED, Found, Service, lives_until
from .tiers import do_nothing

MICROSECOND = 0.000001

LARGE = CACHE_LIMIT + 1

SIZES = pytest.mark.parametrize("size", [0, 10, LARGE, STREAMED])


@pytest.mark.parametrize("ttl", [1, 60, 31_536_000])
@pytest.mark.proves("D06")
async def test_an_object_in_the_cache_is_gone_at_the_instant_of_its_put_plus_the_ttl(
    service: Service, ttl: int
) -> None:
    info = await service.put(b"body", ttl=ttl)
    service.clock.freeze(at=lives_until(ttl) - 1)
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")
    service.clock.advance(MICROSECOND)
    assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)


@pytest.mark.parametrize("ttl", [1, 60, 31_536_000])
@pytest.mark.parametrize("size", [10, LARGE, STREAMED])
@pytest.mark.proves("D06")
async def test_an_object_in_storage_is_gone_at_the_instant_of_its_put_plus_the_ttl(
    service: Service, ttl: int, size: int
) -> None:
    info = await service.put(some_bytes(size), ttl=ttl)
    service.clock.freeze(at=lives_until(ttl) - 1)
    await service.lose_cache()
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, some_bytes(size))
    await service.lose_cache()
    service.clock.advance(MICROSECOND)
    assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)
    assert await service.cached() is None


@pytest.mark.proves("D07")
@SIZES
async def test_an_expired_object_stays_gone_however_often_it_is_asked_for(
    service: Service, size: int
) -> None:
    await service.put(some_bytes(size), ttl=60)
    service.clock.advance(60)
    for _ in range(3):
        found = await service.get()
        assert found.outcome in (Outcome.CACHE_HIT_EXPIRED, Outcome.STORAGE_HIT_EXPIRED)
        assert found.body is None
        service.clock.advance(1000)


@pytest.mark.proves("D35")
async def test_the_first_get_of_an_expired_object_finds_it_in_the_cache_and_later_ones_in_storage(
    service: Service,
) -> None:
    info = await service.put(b"body", ttl=60)
    service.clock.advance(60)
    assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)
    assert await service.cached() is None
    for _ in range(2):
        assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)


@pytest.mark.proves("D06")
@SIZES
async def test_the_ttl_counts_from_the_end_of_the_upload(service: Service, size: int) -> None:
    async def slow_body(clock: Clock) -> AsyncIterator[bytes]:
        clock.advance(50)
        yield some_bytes(size)
        clock.advance(50)

    info = await service.put(slow_body(service.clock), ttl=60)
    assert info.created_at == NOW + 100_000_000
    assert info.expires_at == info.created_at + 60_000_000
    for tier in ("cache", "storage"):
        service.clock.freeze(at=info.expires_at - 1)
        assert (await service.get()).body == some_bytes(size)
        if tier == "storage":
            await service.lose_cache()
        service.clock.freeze(at=info.expires_at)
        assert (await service.get()).body is None


@pytest.mark.proves("D06")
async def test_the_ttl_does_not_count_while_a_put_waits_for_another(service: Service) -> None:
    async def take_seven_seconds(point: str) -> None:
        if point == "before storage.commit":
            for _ in range(10):
                await asyncio.sleep(0)
            service.clock.advance(7)

    service.storage.hook = take_seven_seconds
    infos = await asyncio.gather(service.put(b"one", ttl=60), service.put(b"other", ttl=60))
    assert sorted(info.expires_at or 0 for info in infos) == [lives_until(60), lives_until(67)]


@pytest.mark.proves("D08")
@SIZES
async def test_a_put_gives_the_object_a_ttl_of_its_own(service: Service, size: int) -> None:
    await service.put(b"old", ttl=60)
    service.clock.advance(59)
    info = await service.put(some_bytes(size), ttl=60)
    service.clock.advance(59)
    found = await service.get()
    assert (found.info, found.body) == (info, some_bytes(size))
    service.clock.advance(1)
    assert (await service.get()).body is None


@pytest.mark.proves("D08")
@SIZES
@pytest.mark.parametrize("was_asked_for", [True, False])
async def test_an_expired_object_can_be_put_again(
    service: Service, size: int, was_asked_for: bool
) -> None:
    await service.put(b"old", ttl=1)
    service.clock.advance(1)
    if was_asked_for:
        await service.get()
    info = await service.put(some_bytes(size))
    service.clock.advance(10**9)
    found = await service.get()
    assert (found.info, found.body) == (info, some_bytes(size))


@pytest.mark.proves("Put Object: ttl_seconds")
@SIZES
async def test_an_object_without_a_ttl_stays(service: Service, size: int) -> None:
    info = await service.put(some_bytes(size))
    assert info.expires_at is None
    service.clock.advance(10**10)
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(size))
        await service.lose_cache()


@pytest.mark.proves("D06")
async def test_an_object_with_the_longest_ttl_stays(service: Service) -> None:
    info = await service.put(b"body", ttl=MAX_TTL_SECONDS)
    service.clock.advance(10**10)
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == (info, b"body")
        await service.lose_cache()


@pytest.mark.proves("D07")
async def test_a_newer_object_is_not_forgotten_with_the_expired_one_it_replaced(
    service: Service,
) -> None:
    await service.put(b"old", ttl=1)
    service.clock.advance(1)
    new: list[ObjectInfo] = []

    async def replace_meanwhile(point: str) -> None:
        if point == "after cache.get":
            service.cache.hook = do_nothing
            new.append(await service.put(b"new"))

    service.cache.hook = replace_meanwhile
    assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED
    assert await service.cached() == (new[0], b"new")
    assert await service.get() == Found(Outcome.CACHE_HIT, new[0], b"new")


@pytest.mark.proves("D07")
async def test_a_put_while_the_expired_object_is_being_forgotten_is_not_forgotten_with_it(
    service: Service,
) -> None:
    await service.put(b"old", ttl=1)
    service.clock.advance(1)
    puts: list[asyncio.Task[ObjectInfo]] = []

    async def replace_meanwhile(point: str) -> None:
        if point == "before cache.delete" and not puts:
            puts.append(asyncio.create_task(service.put(b"new")))
            for _ in range(20):
                await asyncio.sleep(0)

    service.cache.hook = replace_meanwhile
    assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED
    new = await puts[0]
    assert await service.cached() == (new, b"new")
