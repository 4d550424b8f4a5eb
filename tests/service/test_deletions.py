"""Durable Puts, ephemeral Puts and Deletes of one key by many at once, in one process and in
several over one Valkey: what was acknowledged is what is found, until something later replaces it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.object_info import ObjectInfo
from emulator.core.outcome import Outcome
from tests.engines.valkey import ValkeyServer
from tests.suites import examples
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, Service, cache_in, processes
from .tiers import Delays, FaultError, do_nothing, failing

KEYS = ("a", "b")

NOTHING = -1
"""In place of a body's number, for an object that is not there."""

Kind = Literal["put", "put_ephemeral", "delete", "get", "lose"]


class Step(NamedTuple):
    """Something that a client asks of a process."""

    kind: Kind
    process: int
    key: str


def steps(*kinds: Kind) -> st.SearchStrategy[list[list[Step]]]:
    """What each of a few clients does, one thing after the other."""
    step = st.builds(Step, st.sampled_from(kinds), st.integers(0, 2), st.sampled_from("aab"))
    return st.lists(st.lists(step, min_size=3, max_size=6), min_size=2, max_size=4)


seeds = st.integers(0, 2**32)


@dataclass
class Change:
    """A change of one object: when it began, when it was acknowledged, and what is there then."""

    key: str
    found: int
    began: int
    ended: int | None = None


@dataclass
class World:
    """Services that share their engines, and every change so far."""

    services: list[Service]
    storage_may_fail: bool = False
    changes: list[Change] = field(default_factory=list)
    now: int = 0

    async def run(self, clients: list[list[Step]], seed: int) -> None:
        await self.services[0].configure()
        for key in KEYS:
            self.changes.append(Change(key, NOTHING, self.tick(), self.tick()))
        await self.put(Step("put", 0, "a"))
        for number, service in enumerate(self.services):
            service.cache.hook = service.storage.hook = Delays(seed + number, self._error_at)
        await asyncio.gather(*map(self._client, clients))
        for service in self.services:
            service.cache.hook = service.storage.hook = do_nothing
        for key in KEYS:
            for process in range(len(self.services)):
                await self.get(Step("get", process, key))

    def tick(self) -> int:
        self.now += 1
        return self.now

    async def put(self, step: Step) -> None:
        service = self._service(step)
        with_body = await self._begin(step.key, len(self.changes))
        body = some_bytes(CACHE_LIMIT, seed=with_body.found)
        await service.put(body, step.key, metadata={"number": str(with_body.found)})
        with_body.ended = self.tick()

    async def put_ephemeral(self, step: Step) -> None:
        change = await self._begin(step.key, len(self.changes))
        await put_ephemeral(self._service(step), change.found, step.key)
        change.ended = self.tick()

    async def delete(self, step: Step) -> None:
        change = await self._begin(step.key, NOTHING)
        await self._service(step).delete(step.key)
        change.ended = self.tick()

    async def get(self, step: Step) -> None:
        began = self.tick()
        found = await self._service(step).get(step.key)
        number = NOTHING if found.info is None else int(found.info.metadata["number"])
        if found.body is not None:
            assert found.body == some_bytes(CACHE_LIMIT, seed=number)
        changes = [change for change in self.changes if change.key == step.key]
        assert self._may_be_found(number, changes, began), (
            f"found {number}, though something later was acknowledged"
        )

    def _may_be_found(self, number: int, changes: list[Change], began: int) -> bool:
        """Whether nothing later was acknowledged when the Get began."""
        acknowledged = [each for each in changes if each.ended is not None and each.ended < began]
        return any(
            change.ended is None or all(later.began < change.ended for later in acknowledged)
            for change in changes
            if change.found == number
        )

    async def lose(self, step: Step) -> None:
        await self._service(step).cache.engine.clear()

    async def _begin(self, key: str, found: int) -> Change:
        change = Change(key, found, self.tick())
        self.changes.append(change)
        return change

    def _service(self, step: Step) -> Service:
        return self.services[step.process % len(self.services)]

    def _error_at(self, point: str) -> type[Exception] | None:
        return FaultError if self.storage_may_fail and "storage" in point else None

    async def _client(self, own_steps: list[Step]) -> None:
        for step in own_steps:
            try:
                await getattr(self, step.kind)(step)
            except FaultError:
                assert self.storage_may_fail


async def put_ephemeral(
    service: Service, number: int, key: str = "key", *, ttl: int = 600
) -> ObjectInfo:
    body = some_bytes(CACHE_LIMIT, seed=number)
    return await service.put_ephemeral(body, key, ttl=ttl, metadata={"number": str(number)})


@pytest.fixture(params=[MemoryCache, FakeRedisCache], ids=["memory", "fakeredis"])
def new_cache(request: pytest.FixtureRequest) -> type[Cache]:
    cache: type[Cache] = request.param
    return cache


@pytest.mark.proves("D97")
@pytest.mark.parametrize("cache", [MemoryCache, FakeRedisCache])
@settings(max_examples=examples(100))
@given(clients=steps("put", "put_ephemeral", "delete", "get", "get"), seed=seeds)
async def test_a_get_finds_what_was_acknowledged_last(
    cache: type[Cache], clients: list[list[Step]], seed: int
) -> None:
    async with processes(1, cache) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(100))
@given(clients=steps("put", "delete", "get", "lose"), seed=seeds)
async def test_a_deleted_object_does_not_come_back(clients: list[list[Step]], seed: int) -> None:
    async with processes(1, MemoryCache) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(100))
@given(clients=steps("put", "delete", "get"), seed=seeds)
async def test_a_deleted_object_does_not_come_back_when_storage_fails_now_and_then(
    clients: list[list[Step]], seed: int
) -> None:
    async with processes(1, MemoryCache) as services:
        await World(services, storage_may_fail=True).run(clients, seed)


@pytest.mark.proves("D97")
@settings(max_examples=examples(80))
@given(clients=steps("put", "put_ephemeral", "delete", "get", "get"), seed=seeds)
async def test_a_get_of_any_process_finds_what_was_acknowledged_last(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(80))
@given(clients=steps("put", "delete", "get", "lose"), seed=seeds)
async def test_a_deleted_object_does_not_come_back_when_the_valkey_loses_everything(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services, storage_may_fail=True).run(clients, seed)


@pytest.mark.proves("D97")
async def test_an_ephemeral_object_hides_the_durable_one_until_it_expires(
    new_cache: type[Cache],
) -> None:
    async with processes(1, new_cache) as (service,):
        await service.configure()
        await service.put(b"durable")
        await put_ephemeral(service, 1, ttl=10)
        assert (await service.get()).outcome is Outcome.CACHE_HIT
        assert (await service.get()).body == some_bytes(CACHE_LIMIT, seed=1)
        service.clock.advance(10)
        assert (await service.get()).body == b"durable"
        assert (await service.get()).outcome is Outcome.CACHE_HIT


@pytest.mark.proves("D97")
async def test_an_ephemeral_object_alone_is_gone_once_it_has_expired(
    new_cache: type[Cache],
) -> None:
    async with processes(1, new_cache) as (service,):
        await service.configure()
        await put_ephemeral(service, 1, ttl=10)
        assert await service.stored() is None
        service.clock.advance(10)
        assert (await service.get()).outcome is Outcome.CACHE_HIT_EXPIRED
        assert (await service.get()).outcome is Outcome.MISS


@pytest.mark.proves("D97")
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_cache_that_fails_fails_the_ephemeral_put(moment: str) -> None:
    """Nothing else would have the object."""
    async with processes(1, MemoryCache) as (service,):
        await service.configure()
        service.cache.hook = failing(FaultError, f"{moment} cache.set")
        with pytest.raises(EngineUnavailableError):
            await put_ephemeral(service, 1)


async def test_a_deletion_of_which_nobody_knows_whether_it_was_done_leaves_no_copy() -> None:
    """Storage may remove the object at any time from then on."""
    async with processes(1, MemoryCache) as (service,):
        await service.configure()
        await service.put(b"body")
        service.storage.hook = failing(OutcomeUnknownError, "before storage.remove")
        with pytest.raises(OutcomeUnknownError):
            await service.delete()
        service.storage.hook = do_nothing
        assert (await service.get()).outcome is Outcome.STORAGE_HIT
        await service.storage.engine.remove((await service.stores.get("store")).location("key"))
        assert (await service.get()).outcome is Outcome.MISS


@pytest.mark.proves("D97")
@pytest.mark.parametrize("change", ["put", "delete"])
async def test_an_ephemeral_object_is_served_during_a_durable_change_and_outlives_one_that_fails(
    valkey_server: ValkeyServer, change: str
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        writer, reader, _ = services
        await writer.configure()
        await writer.put(b"durable")
        await put_ephemeral(writer, 1)
        seen: list[bytes | None] = []

        async def look_and_fail(point: str) -> None:
            if point in ("before storage.commit", "before storage.remove"):
                seen.append((await reader.get()).body)
                raise FaultError(point)

        writer.storage.hook = look_and_fail
        with pytest.raises(FaultError):
            await (writer.delete() if change == "delete" else writer.put(b"newer"))
        ephemeral = some_bytes(CACHE_LIMIT, seed=1)
        assert seen == [ephemeral]
        assert [(await service.get()).body for service in services] == [ephemeral] * 3


@pytest.mark.proves("D97")
async def test_a_durable_change_that_ends_late_spares_an_ephemeral_object_that_came_meanwhile(
    valkey_server: ValkeyServer,
) -> None:
    """Or what was acknowledged last would be nowhere."""
    async with processes(3, cache_in(valkey_server)) as (slow, other, _):
        await slow.configure()

        async def be_overtaken(point: str) -> None:
            if point == "after storage.commit":
                await other.delete()
                await put_ephemeral(other, 1)

        slow.storage.hook = be_overtaken
        await slow.put(b"durable")
        assert (await slow.get()).body == some_bytes(CACHE_LIMIT, seed=1)
        assert (await other.get()).body == some_bytes(CACHE_LIMIT, seed=1)
