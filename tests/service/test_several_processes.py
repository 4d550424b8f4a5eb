"""Several processes over one storage, one account and one real Valkey: what one acknowledges, no
other forgets, however their calls fall and whatever of the cache is lost or fails meanwhile.

Each process is a service with locks, connections and distrust of its own; they share their engines.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import CachedObject
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.service import cache_repairer as repairing
from tests.engines.valkey import ValkeyCluster, ValkeyServer
from tests.suites import examples
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, STREAMED, Service, cache_in, configuration, processes
from .tiers import Delays, FaultError, do_nothing

KEYS = ("a", "b")
SIZES = (10, 0, CACHE_LIMIT + 1, STREAMED)

Kind = Literal["put", "get", "lose", "update"]

seeds = st.integers(0, 2**32)


class Step(NamedTuple):
    """Something that a client asks of a process. `choice` says with which body, to which cluster,
    or how much of the cache is lost."""

    kind: Kind
    process: int
    key: str
    choice: int


def steps(*kinds: Kind) -> st.SearchStrategy[list[list[Step]]]:
    """What each of a few clients does, one thing after the other."""
    step = st.builds(
        Step,
        st.sampled_from(kinds),
        st.integers(0, 2),
        st.sampled_from("aab"),
        st.integers(0, 3),
    )
    return st.lists(st.lists(step, min_size=3, max_size=6), min_size=2, max_size=4)


@dataclass
class Put:
    """A write of one object: when it began and, where it was acknowledged, when that was."""

    key: str
    size: int
    began: int
    ended: int | None = None


@dataclass
class World:
    """Three services that share their engines, and all that was written so far."""

    services: list[Service]
    cache_may_fail: bool = False
    storage_may_fail: bool = False
    puts: list[Put] = field(default_factory=list)
    now: int = 0

    async def run(self, clients: list[list[Step]], seed: int) -> None:
        """Let all clients do their steps, and then look whether all agree.

        In the beginning there is an object at `a`, cached, and none at `b`.
        """
        await self.update(Step("update", 0, "a", 0))
        await self.put(Step("put", 0, "a", 0))
        for number, service in enumerate(self.services):
            service.cache.hook = service.storage.hook = Delays(seed + number, self._error_at)
        await asyncio.gather(*map(self._client, clients))
        for service in self.services:
            service.cache.hook = service.storage.hook = do_nothing
        await self._repairs()
        await self._expect_agreement()

    def _error_at(self, point: str) -> type[Exception] | None:
        if " cache" not in point:
            return FaultError if self.storage_may_fail else None
        if not self.cache_may_fail:
            return None
        ends_a_lease = "cache.set" in point or "cache.delete" in point
        return OutcomeUnknownError if ends_a_lease else EngineUnavailableError

    async def _client(self, own_steps: list[Step]) -> None:
        for step in own_steps:
            try:
                await getattr(self, step.kind)(step)
            except FaultError:
                assert self.storage_may_fail
            except OutcomeUnknownError:
                assert self.cache_may_fail
                assert step.kind == "put", "only a write may fail because of the cache"

    def tick(self) -> int:
        self.now += 1
        return self.now

    async def put(self, step: Step) -> None:
        put = Put(step.key, SIZES[step.choice], self.tick())
        number = len(self.puts)
        self.puts.append(put)
        service = self.services[step.process]
        body = _in_halves(service, some_bytes(put.size, seed=number))
        await service.put(body, step.key, metadata={"number": str(number)})
        put.ended = self.tick()

    async def get(self, step: Step) -> None:
        before = [
            put for put in self.puts if put.key == step.key and put.ended is not None
        ]  # Acknowledged when the Get begins.
        found = await self.services[step.process].get(step.key)
        if found.info is None:
            assert not before, "an acknowledged object was not found"
            return
        number = int(found.info.metadata["number"])
        put = self.puts[number]
        assert (put.key, put.size) == (step.key, found.info.size)
        assert found.body == some_bytes(put.size, seed=number)
        if put.ended is not None:
            newer = [other for other in before if other.began > put.ended]
            assert not newer, "an older object was found than one acknowledged"

    async def lose(self, step: Step) -> None:
        cache = self.services[step.process].cache.engine
        if step.choice == 0:
            await cache.clear()
            return
        store = await self.services[step.process].stores.get("store")
        await cache.drop(store.cluster_name, store.cache_namespace)

    async def update(self, step: Step) -> None:
        service = self.services[step.process]
        await service.configure("store", configuration(cluster=f"cluster-{step.choice}"))

    async def _repairs(self) -> None:
        """Let what nobody knows what it is be removed, which happens by itself."""
        for service in self.services:
            await service.repaired()
        stored = await self._stored()
        for key in KEYS:
            assert await service.cached(key) in (None, stored[key]), "a wrong copy stays"

    async def _stored(self) -> dict[str, CachedObject | None]:
        return {key: await self.services[0].stored(key) for key in KEYS}

    async def _expect_agreement(self) -> None:
        stored = await self._stored()
        for key in KEYS:
            for process, service in enumerate(self.services):
                await self.get(Step("get", process, key, 0))
                found = await service.get(key)
                assert (found.info, found.body) == (stored[key] or (None, None))
                assert await service.cached(key) in (None, stored[key])


async def _in_halves(service: Service, body: bytes) -> AsyncIterator[bytes]:
    for piece in (body[: len(body) // 2], body[len(body) // 2 :]):
        await service.storage.hook("before body")
        yield piece


@pytest.fixture(scope="module", autouse=True)
def no_pause_between_repairs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repairing, "PAUSE_SECONDS", 0)
        yield


@settings(max_examples=examples(80))
@given(clients=steps("put", "get"), seed=seeds)
async def test_no_process_serves_an_older_object_than_any_has_acknowledged(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(80))
@given(clients=steps("put", "get", "get", "lose"), seed=seeds)
async def test_no_process_serves_an_older_object_when_the_valkey_loses_entries_and_leases(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(80))
@given(clients=steps("put", "get", "get", "lose"), seed=seeds)
async def test_no_process_serves_an_older_object_when_storage_fails_now_and_then(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services, storage_may_fail=True).run(clients, seed)


@pytest.mark.proves("D64")
@settings(max_examples=examples(100))
@given(clients=steps("put", "get", "lose"), seed=seeds)
async def test_no_process_serves_an_older_object_when_calls_to_both_tiers_fail(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        world = World(services, cache_may_fail=True, storage_may_fail=True)
        await world.run(clients, seed)


@pytest.mark.proves("D28")
@settings(max_examples=examples(80))
@given(clients=steps("put", "get", "update"), seed=seeds)
async def test_no_process_serves_an_older_object_when_the_store_moves_between_clusters(
    valkey_server: ValkeyServer, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_server)) as services:
        await World(services).run(clients, seed)


@settings(max_examples=examples(40))
@given(clients=steps("put", "get", "lose"), seed=seeds)
async def test_no_process_serves_an_older_object_where_the_valkey_is_a_cluster(
    valkey_cluster: ValkeyCluster, clients: list[list[Step]], seed: int
) -> None:
    async with processes(3, cache_in(valkey_cluster)) as services:
        world = World(services, cache_may_fail=True, storage_may_fail=True)
        await world.run(clients, seed)
