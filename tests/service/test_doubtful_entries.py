"""Entries of the cache in doubt: while storage may yet do what it was asked, and after the cache
could not be told of a write. They are neither served nor listed, until they are replaced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.control.tier_counters import TierCounters
from emulator.control.tiers import Tiers
from emulator.core.errors import ObjectNotFoundError
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.object_info import ObjectInfo
from emulator.core.outcome import Outcome
from emulator.service.cache_tier import OPEN_SECONDS
from tests.support.loop_time import LoopTime

from .harness import NOW, Found, Service, configuration, processes
from .tiers import do_nothing, failing

SLACK_SECONDS = 2 * 60 * 60
"""More than an engine keeps an entry for after its object has expired."""


@pytest.fixture(params=[MemoryCache, FakeRedisCache])
async def two(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Service, Service]]:
    """Two processes over one storage, one account and one cache, with the store `store`."""
    cache: Cache = request.param()
    async with processes(2, lambda: cache) as (one, other):
        other.clock.advance(1)
        await one.configure()
        yield one, other


async def put_late(service: Service, body: bytes) -> ObjectInfo:
    """Put an object of which nobody knows when storage will have it; what storage will have."""
    service.storage.hook = failing(OutcomeUnknownError, "before storage.commit")
    with pytest.raises(OutcomeUnknownError):
        await service.put(body)
    service.storage.hook = do_nothing
    return service.objects.stamp(len(body), {}, None)


async def arrive(service: Service, info: ObjectInfo, body: bytes) -> None:
    """Have storage do what it was asked."""
    location = (await service.stores.get("store")).location("key")
    await service.storage.engine.put(location, info, body)


async def put_unnoticed(service: Service, body: bytes, *, store: str = "store") -> ObjectInfo:
    """Put an object while the cache cannot be told, so that it still has the one from before."""
    service.cache.hook = failing(EngineUnavailableError, "before cache")
    info = await service.put(body, store=store)
    service.cache.hook = do_nothing
    return info


async def listed(service: Service) -> dict[str, ObjectInfo]:
    return dict(await service.tier.list(await service.stores.get("store")))


@pytest.mark.proves("D78")
async def test_while_a_put_may_yet_arrive_no_copy_is_served_and_what_arrives_is_seen(
    service: Service,
) -> None:
    old = await service.put(b"old")
    late = await put_late(service, b"late")
    assert await service.cached() is None
    for _ in range(2):
        assert await service.get() == Found(Outcome.STORAGE_HIT, old, b"old")
        assert await service.cached() is None
    await arrive(service, late, b"late")
    assert await service.get() == Found(Outcome.STORAGE_HIT, late, b"late")


@pytest.mark.proves("D78")
async def test_while_a_put_may_yet_arrive_a_later_one_leaves_no_copy(service: Service) -> None:
    late = await put_late(service, b"late")
    newer = await service.put(b"newer")
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.STORAGE_HIT, newer, b"newer")
    await arrive(service, late, b"late")
    assert await service.get() == Found(Outcome.STORAGE_HIT, late, b"late")


@pytest.mark.proves("D78")
async def test_a_put_that_may_yet_arrive_keeps_no_other_object_out_of_the_cache(
    service: Service,
) -> None:
    await put_late(service, b"late")
    other = await service.put(b"other", "other")
    assert await service.get("other") == Found(Outcome.CACHE_HIT, other, b"other")
    await service.lose_cache()
    assert (await service.get("other")).outcome is Outcome.STORAGE_HIT
    assert (await service.get("other")).outcome is Outcome.CACHE_HIT


@pytest.mark.proves("D78")
async def test_while_a_put_may_yet_arrive_no_ephemeral_object_is_taken(
    service: Service, loop_time: LoopTime
) -> None:
    await put_late(service, b"late")
    with pytest.raises(EngineUnavailableError, match="did not store the ephemeral object"):
        await service.put_ephemeral(b"ephemeral")
    assert await service.cached() is None
    loop_time.advance(OPEN_SECONDS)
    info = await service.put_ephemeral(b"ephemeral")
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"ephemeral")


@pytest.mark.proves("D78")
async def test_what_has_not_arrived_in_a_minute_is_not_waited_for_any_longer(
    service: Service, loop_time: LoopTime
) -> None:
    old = await service.put(b"old")
    await put_late(service, b"late")
    loop_time.advance(OPEN_SECONDS - 1)
    for _ in range(2):
        assert await service.get() == Found(Outcome.STORAGE_HIT, old, b"old")
    loop_time.advance(1)
    assert await service.get() == Found(Outcome.STORAGE_HIT, old, b"old")
    assert await service.get() == Found(Outcome.CACHE_HIT, old, b"old")
    newer = await service.put(b"newer")
    assert await service.get() == Found(Outcome.CACHE_HIT, newer, b"newer")


@pytest.mark.proves("D78")
async def test_a_copy_that_another_process_keeps_meanwhile_is_not_relied_on(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    old = await one.put(b"old")
    late = await put_late(one, b"late")
    assert await other.get() == Found(Outcome.STORAGE_HIT, old, b"old")
    assert await other.get() == Found(Outcome.CACHE_HIT, old, b"old")
    await arrive(one, late, b"late")
    assert await one.get() == Found(Outcome.STORAGE_HIT, late, b"late")


async def test_after_a_restore_nothing_is_waited_for_any_more(service: Service) -> None:
    checkpoint = await service.tier.checkpoint()
    await put_late(service, b"late")
    await checkpoint.restore()
    info = await service.put(b"body")
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.parametrize("in_doubt", [True, False], ids=["in doubt", "relied on"])
async def test_a_restore_brings_back_whether_the_entry_was_in_doubt_at_the_checkpoint(
    service: Service, in_doubt: bool
) -> None:
    info, body = await service.put(b"old"), b"old"
    if in_doubt:
        info, body = await put_unnoticed(service, b"new"), b"new"
    checkpoints = [await service.tier.checkpoint(), await service.storage.checkpoint()]
    await (service.put(b"newest") if in_doubt else put_unnoticed(service, b"newest"))
    for checkpoint in checkpoints:
        await checkpoint.restore()
    outcome = Outcome.STORAGE_HIT if in_doubt else Outcome.CACHE_HIT
    assert await service.get() == Found(outcome, info, body)


@pytest.mark.proves("D34")
async def test_an_entry_in_doubt_is_not_listed_until_it_is_replaced(service: Service) -> None:
    kept = await service.put(b"kept", "other")
    await service.put(b"old")
    await put_unnoticed(service, b"new")
    assert await listed(service) == {"other": kept}
    newest = await service.put(b"newest")
    assert await listed(service) == {"key": newest, "other": kept}


@pytest.mark.proves("D34, D97")
async def test_an_ephemeral_object_in_the_place_of_an_entry_in_doubt_is_listed(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    await one.put(b"old")
    await put_unnoticed(one, b"new")
    ephemeral = await other.put_ephemeral(b"ephemeral")
    assert await listed(one) == {"key": ephemeral}


@pytest.mark.proves("D34")
async def test_a_list_has_no_entry_that_was_in_doubt_when_it_was_asked_for(
    service: Service,
) -> None:
    await service.put(b"old")
    await put_unnoticed(service, b"new")

    async def replaced_meanwhile(point: str) -> None:
        if point == "after cache.list":
            await service.put(b"newest")

    service.cache.hook = replaced_meanwhile
    assert await listed(service) == {}
    service.cache.hook = do_nothing
    assert list(await listed(service)) == ["key"]


@pytest.mark.proves("D34")
async def test_an_entry_in_doubt_can_be_looked_at_and_dropped_as_if_it_were_not_there(
    service: Service,
) -> None:
    tiers = Tiers(
        service.stores,
        service.objects,
        service.storage,
        service.tier,
        TierCounters(),
        asyncio.Lock(),
    )
    await service.put(b"old")
    new = await put_unnoticed(service, b"new")
    assert [tuple(each) for each in await tiers.objects("store")] == [("key", new, None)]
    with pytest.raises(ObjectNotFoundError):
        await tiers.drop("store", "key", "cache")
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, b"new")
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")


@pytest.mark.proves("D34")
async def test_a_cluster_that_forgets_everything_leaves_entries_of_others_in_doubt(
    service: Service,
) -> None:
    await service.configure("elsewhere", configuration("elsewhere", cluster="elsewhere"))
    for store in ("store", "elsewhere"):
        await service.put(b"old", store=store)
    new = [await put_unnoticed(service, b"new", store=name) for name in ("store", "elsewhere")]
    await service.tier.flush("cluster")
    for store, info in zip(("store", "elsewhere"), new, strict=True):
        found = await service.get(store=store)
        assert found == Found(Outcome.STORAGE_HIT, info, b"new")


@pytest.mark.proves("D34")
async def test_a_store_that_is_deleted_leaves_entries_of_others_in_doubt(service: Service) -> None:
    await service.configure("another")
    await service.put(b"old")
    new = await put_unnoticed(service, b"new")
    await service.stores.delete("another")
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, b"new")


@pytest.mark.parametrize("forget", ["a cluster", "everything"])
async def test_in_the_place_of_an_entry_that_was_forgotten_any_other_is_relied_on(
    two: tuple[Service, Service], forget: str
) -> None:
    one, other = two
    await one.put(b"old")
    await put_unnoticed(one, b"new")
    await (one.tier.flush("cluster") if forget == "a cluster" else one.tier.clear())
    newest = await other.put(b"newest")
    assert await one.get() == Found(Outcome.CACHE_HIT, newest, b"newest")


async def test_an_entry_that_came_into_doubt_while_all_were_forgotten_stays_in_doubt(
    service: Service,
) -> None:
    await service.put(b"older")
    await put_unnoticed(service, b"old")

    async def missed(point: str) -> None:
        if point == "after cache.clear":
            service.cache.hook = do_nothing
            await service.put(b"cached")
            service.clock.advance(1)
            await put_unnoticed(service, b"new")

    service.cache.hook = missed
    await service.tier.clear()
    found = await service.get()
    assert (found.outcome, found.body) == (Outcome.STORAGE_HIT, b"new")


@pytest.mark.proves("D06")
async def test_an_object_that_has_expired_before_it_was_published_is_cached_as_any_other(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """Its copy has less than no time left, which no engine could be told."""
    caplog.set_level(logging.WARNING)

    async def slow(point: str) -> None:
        if point == "after storage.commit":
            service.clock.advance(SLACK_SECONDS)

    service.storage.hook = slow
    info = await service.put(b"body", ttl=1)
    assert info.expires_at == NOW + 1_000_000
    assert await service.cached() == (info, b"body")
    assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)
    assert caplog.messages == []
