"""Ephemeral objects, which are nowhere but in the cache, and what is done to entries in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.outcome import Outcome
from emulator.service import cache_repairer as repairing
from tests.engines.valkey import ValkeyServer
from tests.support.loop_time import LoopTime

from .harness import Service, cache_in, processes
from .tiers import Hold, do_nothing, failing

pytestmark = pytest.mark.proves("Put Object: mo-persistence, D97")

PAUSE_SECONDS = 3600.0
"""Between repairs, so that none happens before the test moves the time on."""


in_doubt = failing(OutcomeUnknownError, "before cache.set")
out_of_order = failing(EngineUnavailableError, "before cache.set", "before cache.delete")
unreachable = failing(EngineUnavailableError, "before cache")


@pytest.fixture
async def two(valkey_server: ValkeyServer) -> AsyncIterator[tuple[Service, Service]]:
    """Two processes over one Valkey, the clock of the second one a little ahead."""
    async with processes(2, cache_in(valkey_server)) as (one, other):
        other.clock.advance(1)
        await one.configure()
        yield one, other


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
    await service.put_ephemeral(b"ephemeral")
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
    await other.put_ephemeral(b"ephemeral")
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
    await other.put_ephemeral(b"ephemeral")
    for service in (one, other, one):
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"ephemeral")


async def test_who_has_missed_a_write_does_not_rely_on_an_ephemeral_object_from_before(
    service: Service,
) -> None:
    await service.put_ephemeral(b"ephemeral")
    service.cache.hook = out_of_order
    await service.put(b"durable")
    assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"durable")
    service.cache.hook = do_nothing
    assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"durable")
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"durable")


@pytest.mark.parametrize("rounds", range(8))
async def test_a_get_at_the_same_time_does_not_take_an_ephemeral_object_for_an_entry_in_doubt(
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

    await asyncio.gather(one.put_ephemeral(b"ephemeral"), get_a_little_later())
    assert (await one.get()).body == b"ephemeral"


@pytest.mark.parametrize("first", ["ephemeral", "durable"])
async def test_an_expired_copy_is_not_forgotten_in_the_place_of_a_new_object(
    two: tuple[Service, Service], first: str
) -> None:
    one, other = two
    if first == "ephemeral":
        await one.put_ephemeral(b"expires", ttl=1)
    else:
        await one.put(b"expires", ttl=1)
    for service in two:
        service.clock.advance(2)

    async def another_comes_first(point: str) -> None:
        if point == "before cache.delete":
            await other.put_ephemeral(b"new")

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
    one.cache.hook = hold = Hold("after cache.get")
    first = asyncio.create_task(one.get())
    await hold.reached.wait()
    assert (await one.get()).body == b"new"
    hold.may_go_on.set()
    assert (await first).body == b"new"


async def test_an_ephemeral_put_that_is_refused_leaves_the_object_from_before(
    service: Service,
) -> None:
    await service.put_ephemeral(b"first")
    service.cache.hook = out_of_order
    with pytest.raises(EngineUnavailableError, match=r"nowhere else: before cache\.set"):
        await service.put_ephemeral(b"second")
    service.cache.hook = do_nothing
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"first")


@pytest.mark.proves("D78")
async def test_while_storage_may_yet_do_what_it_was_asked_what_another_process_puts_is_seen(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    one.storage.hook = failing(OutcomeUnknownError, "before storage.commit")
    with pytest.raises(OutcomeUnknownError):
        await one.put(b"durable")
    await other.put_ephemeral(b"ephemeral")
    for service in two:
        assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"ephemeral")


@pytest.mark.proves("D78")
async def test_nobody_keeps_a_copy_after_a_put_that_was_cut_off_at_storage(
    two: tuple[Service, Service],
) -> None:
    one, other = two
    await one.put(b"old")
    one.storage.hook = hold = Hold("before storage.commit")
    put = asyncio.create_task(one.put(b"new"))
    await hold.reached.wait()
    put.cancel()
    with pytest.raises(asyncio.CancelledError):
        await put
    one.storage.hook = do_nothing
    for service in (one, other, one, other):
        assert (await service.get())[::2] == (Outcome.STORAGE_HIT, b"old")


async def test_no_get_waits_for_a_writer_where_the_copy_has_expired(service: Service) -> None:
    await service.put(b"expires", ttl=1)
    service.clock.advance(2)
    service.storage.hook = hold = Hold("before storage.commit")
    put = asyncio.create_task(service.put(b"new"))
    await hold.reached.wait()
    found = await asyncio.wait_for(service.get(), 10)
    assert found.outcome is Outcome.CACHE_HIT_EXPIRED
    hold.may_go_on.set()
    await put
    assert (await service.get())[::2] == (Outcome.CACHE_HIT, b"new")
