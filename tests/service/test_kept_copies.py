"""Ephemeral objects, which are nowhere but in the cache, and what is done to entries in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.storage.memory import MemoryStorage
from emulator.backends.valkey.url import parse_valkey_url
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.outcome import Outcome
from emulator.service import cache_repairer as repairing
from tests.engines.valkey import ValkeyServer
from tests.support.loop_time import LoopTime

from .harness import Service, in_pieces
from .tiers import do_nothing

pytestmark = pytest.mark.proves("Put Object: mo-persistence, D97")

PAUSE_SECONDS = 3600.0
"""Between repairs, so that none happens before the test moves the time on."""


async def put_ephemeral(service: Service, body: bytes, key: str = "key", ttl: int = 600) -> None:
    store = await service.stores.get("store")
    await service.objects.put_ephemeral(store, key, in_pieces(body), metadata={}, ttl_seconds=ttl)


async def in_doubt(point: str) -> None:
    if point == "before cache.set":
        raise OutcomeUnknownError("nobody knows")


async def out_of_order(point: str) -> None:
    if point in ("before cache.set", "before cache.delete"):
        raise EngineUnavailableError("out of order")


async def unreachable(point: str) -> None:
    if point.startswith("before cache"):
        raise EngineUnavailableError("unreachable")


@pytest.fixture
async def two(valkey_server: ValkeyServer) -> AsyncIterator[tuple[Service, Service]]:
    """Two processes over one Valkey, the clock of the second one a little ahead."""
    storage, account = MemoryStorage(), MemoryAccount()
    url = parse_valkey_url(valkey_server.url)
    one, other = (Service(storage, ValkeyCache(url, timeout=10), account) for _ in range(2))
    other.clock.advance(1)
    await one.cache.engine.clear()
    await one.configure()
    yield one, other
    await one.close()
    await other.close()


@pytest.mark.proves("D64")
async def test_a_repair_does_not_take_an_ephemeral_object_that_was_put_since(
    service: Service, monkeypatch: pytest.MonkeyPatch, loop_time: LoopTime
) -> None:
    """The entry of a write in doubt is to go; what has replaced it is nowhere else."""
    monkeypatch.setattr(repairing, "PAUSE_SECONDS", PAUSE_SECONDS)
    service.cache.hook = in_doubt
    with pytest.raises(OutcomeUnknownError):
        await service.put(b"durable")
    await asyncio.sleep(0)  # The repair begins to wait.
    repairs: list[str] = []

    async def noted(point: str) -> None:
        repairs.append(point)

    service.cache.hook = noted
    await put_ephemeral(service, b"ephemeral")
    loop_time.advance(PAUSE_SECONDS)
    await service.repaired()
    assert "after cache.delete" not in repairs
    assert (await service.get()).body == b"ephemeral"


@pytest.mark.proves("D64")
async def test_a_repair_does_not_take_what_another_process_has_put_since(
    two: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch, loop_time: LoopTime
) -> None:
    monkeypatch.setattr(repairing, "PAUSE_SECONDS", PAUSE_SECONDS)
    one, other = two
    one.cache.hook = in_doubt
    with pytest.raises(OutcomeUnknownError):
        await one.put(b"durable")
    await asyncio.sleep(0)  # The repair begins to wait.
    repairs: list[str] = []

    async def noted(point: str) -> None:
        repairs.append(point)

    one.cache.hook = noted
    await put_ephemeral(other, b"ephemeral")
    assert repairs == []
    loop_time.advance(PAUSE_SECONDS)
    await one.repaired()
    assert repairs == ["before cache.delete", "after cache.delete"]
    for service in two:
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"ephemeral")


async def test_who_has_missed_a_write_sees_and_spares_what_another_process_has_put_since(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    await one.put(b"old")
    one.cache.hook = out_of_order
    await one.put(b"new")
    one.cache.hook = do_nothing
    await put_ephemeral(other, b"ephemeral")
    for service in (one, other, one):
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"ephemeral")


async def test_who_has_missed_a_write_does_not_rely_on_an_ephemeral_object_from_before(
    service: Service,
) -> None:
    await put_ephemeral(service, b"ephemeral")
    service.cache.hook = out_of_order
    await service.put(b"durable")
    assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"durable")
    service.cache.hook = do_nothing
    assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"durable")
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"durable")


@pytest.mark.parametrize("rounds", range(8))
async def test_a_get_at_the_same_time_does_not_take_it_in_place_of_an_entry_in_doubt(
    two: tuple[Service, Service], rounds: int
) -> None:
    one, _ = two
    await one.put(b"old")
    one.cache.hook = out_of_order
    await one.put(b"new")
    one.cache.hook = do_nothing

    async def get_a_little_later() -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)
        await one.get()

    await asyncio.gather(put_ephemeral(one, b"ephemeral"), get_a_little_later())
    assert (await one.get()).body == b"ephemeral"


@pytest.mark.parametrize("first", ["ephemeral", "durable"])
async def test_an_expired_copy_is_not_forgotten_in_the_place_of_a_new_object(
    two: tuple[Service, Service], first: str
) -> None:
    one, other = two
    if first == "ephemeral":
        await put_ephemeral(one, b"expires", ttl=1)
    else:
        await one.put(b"expires", ttl=1)
    for service in two:
        service.clock.advance(2)

    async def another_comes_first(point: str) -> None:
        if point == "before cache.delete":
            await put_ephemeral(other, b"new")

    one.cache.hook = another_comes_first
    assert (await one.get()).outcome is Outcome.CACHE_HIT_EXPIRED
    one.cache.hook = do_nothing
    for service in two:
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"new")


async def test_what_was_looked_at_before_a_doubt_ended_is_not_relied_on(
    two: tuple[Service, Service],
) -> None:
    one, _ = two
    await one.put(b"old")
    one.cache.hook = unreachable
    await one.put(b"new")
    looked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(point: str) -> None:
        if point == "after cache.get" and not looked.is_set():
            looked.set()
            await may_go_on.wait()

    one.cache.hook = slow
    first = asyncio.create_task(one.get())
    await looked.wait()
    assert (await one.get()).body == b"new"
    may_go_on.set()
    assert (await first).body == b"new"


async def test_one_that_is_refused_leaves_the_one_from_before(service: Service) -> None:
    await put_ephemeral(service, b"first")
    service.cache.hook = out_of_order
    with pytest.raises(EngineUnavailableError, match="nowhere else: out of order"):
        await put_ephemeral(service, b"second")
    service.cache.hook = do_nothing
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"first")


@pytest.mark.proves("D78")
async def test_while_storage_may_yet_do_what_it_was_asked_what_another_process_puts_is_seen(
    two: tuple[Service, Service],
) -> None:
    one, other = two

    async def late(point: str) -> None:
        if point == "before storage.commit":
            raise OutcomeUnknownError("late")

    one.storage.hook = late
    with pytest.raises(OutcomeUnknownError):
        await one.put(b"durable")
    await put_ephemeral(other, b"ephemeral")
    for service in two:
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"ephemeral")


@pytest.mark.proves("D78")
async def test_nobody_keeps_a_copy_after_a_put_that_was_cut_off_at_storage(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    await one.put(b"old")
    at_storage = asyncio.Event()

    async def slow(point: str) -> None:
        if point == "before storage.commit":
            at_storage.set()
            await asyncio.Event().wait()

    one.storage.hook = slow
    put = asyncio.create_task(one.put(b"new"))
    await at_storage.wait()
    put.cancel()
    with pytest.raises(asyncio.CancelledError):
        await put
    one.storage.hook = do_nothing
    for service in (one, other, one, other):
        assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"old")


async def test_no_get_waits_for_a_writer_where_the_copy_has_expired(service: Service) -> None:
    await service.put(b"expires", ttl=1)
    service.clock.advance(2)
    at_storage, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(point: str) -> None:
        if point == "before storage.commit":
            at_storage.set()
            await may_go_on.wait()

    service.storage.hook = slow
    put = asyncio.create_task(service.put(b"new"))
    await at_storage.wait()
    found = await asyncio.wait_for(service.get(), 10)
    assert found.outcome is Outcome.CACHE_HIT_EXPIRED
    may_go_on.set()
    await put
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"new")
