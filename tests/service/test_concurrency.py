"""Many at once: readers, writers, a cache that loses entries, stores that are updated.

The engines take as long as they are told to, so that calls overlap in every order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import CacheKey
from emulator.core.outcome import Outcome
from emulator.service.locks import KeyLocks
from emulator.service.store_configuration import StoreConfiguration
from tests.suites import examples
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, STREAMED, Found, Service, configuration
from .tiers import Delays, FaultError, Faults, Hold, do_nothing

LARGE = CACHE_LIMIT + 1

KEYS = ("a", "b")

Kind = Literal["put", "get", "lose", "update"]


class Step(NamedTuple):
    """Something that a client does. `choice` says with which body, or to which cluster."""

    kind: Kind
    key: str
    choice: int


def steps(*kinds: Kind) -> st.SearchStrategy[list[list[Step]]]:
    """What each of a few clients does, one thing after the other."""
    step = st.builds(Step, st.sampled_from(kinds), st.sampled_from("aab"), st.integers(0, 3))
    return st.lists(st.lists(step, min_size=3, max_size=5), min_size=2, max_size=4)


seeds = st.integers(0, 2**32)


@dataclass
class World:
    """A service whose engines take their time, and what its clients may rely on."""

    service: Service
    cache_may_fail: bool = False
    storage_may_fail: bool = False
    acknowledged: dict[str, int] = field(default_factory=dict)
    puts: int = 0

    async def run(self, clients: list[list[Step]], seed: int) -> None:
        """Let all clients do their steps, and then look whether the tiers agree.

        In the beginning there is an object at `a` and none at `b`.
        """
        await self.update(Step("update", "a", 0))
        await self.put(Step("put", "a", 0))
        self.service.cache.hook = self.service.storage.hook = Delays(
            seed, self._error_at, rounds=(0, 0, 0, 1, 2, 5, 10)
        )
        await asyncio.gather(*map(self._client, clients))
        self.service.cache.hook = self.service.storage.hook = do_nothing
        await self._expect_tiers_to_agree()

    def _error_at(self, point: str) -> type[Exception] | None:
        may_fail = self.cache_may_fail if " cache" in point else self.storage_may_fail
        return FaultError if may_fail else None

    async def _client(self, own_steps: list[Step]) -> None:
        for step in own_steps:
            try:
                await getattr(self, step.kind)(step)
            except FaultError:
                assert self.storage_may_fail

    async def put(self, step: Step) -> None:
        self.puts += 1
        number = self.puts
        size = (10, 0, LARGE, STREAMED)[step.choice]
        metadata = {"number": str(number), "size": str(size)}
        info = await self.service.put(self._body(number, size), step.key, metadata=metadata)
        last = self.acknowledged.get(step.key, 0)
        self.acknowledged[step.key] = max(last, info.version)

    async def get(self, step: Step) -> None:
        at_least = self.acknowledged.get(step.key, 0)
        found = await self.service.get(step.key)
        if found.info is None:
            assert at_least == 0, "an acknowledged object was not found"
            return
        assert found.info.version >= at_least, "an older object was found than one acknowledged"
        number, size = int(found.info.metadata["number"]), int(found.info.metadata["size"])
        assert (found.info.size, found.body) == (size, some_bytes(size, seed=number))

    async def lose(self, step: Step) -> None:
        store = await self.service.stores.get("store")
        place = CacheKey(store.cluster_name, store.cache_namespace, step.key)
        await self.service.cache.engine.delete(place)

    async def update(self, step: Step) -> None:
        await self.service.configure("store", configuration(cluster=f"cluster-{step.choice}"))

    async def _body(self, number: int, size: int) -> AsyncIterator[bytes]:
        body = some_bytes(size, seed=number)
        for piece in (body[: size // 2], body[size // 2 :]):
            await self.service.storage.hook("before body")
            yield piece

    async def _expect_tiers_to_agree(self) -> None:
        for key in KEYS:
            await self.get(Step("get", key, 0))
            stored = await self.service.stored(key)
            for _ in range(2):
                found = await self.service.get(key)
                assert (found.info, found.body) == (stored or (None, None))
            if not self.cache_may_fail:
                assert await self.service.cached(key) in (None, stored)


@settings(max_examples=examples(150))
@given(clients=steps("put", "get"), seed=seeds)
async def test_readers_and_writers_at_once_see_whole_objects_and_never_older_ones(
    clients: list[list[Step]], seed: int
) -> None:
    await World(Service()).run(clients, seed)


@settings(max_examples=examples(200))
@given(clients=steps("put", "get", "get", "lose"), seed=seeds)
async def test_a_cache_that_loses_entries_is_never_filled_with_an_older_object(
    clients: list[list[Step]], seed: int
) -> None:
    await World(Service()).run(clients, seed)


@settings(max_examples=examples(150))
@given(clients=steps("put", "get", "get", "lose"), seed=seeds)
async def test_a_cache_that_fails_now_and_then_costs_nobody_an_answer(
    clients: list[list[Step]], seed: int
) -> None:
    await World(Service(), cache_may_fail=True).run(clients, seed)


@settings(max_examples=examples(250))
@given(clients=steps("put", "get", "lose", "update"), seed=seeds)
async def test_tiers_that_fail_now_and_then_never_give_a_wrong_answer(
    clients: list[list[Step]], seed: int
) -> None:
    await World(Service(), cache_may_fail=True, storage_may_fail=True).run(clients, seed)


@pytest.mark.proves("D28")
@settings(max_examples=examples(250))
@given(clients=steps("put", "get", "update"), seed=seeds)
async def test_a_store_that_moves_between_clusters_never_serves_an_older_object(
    clients: list[list[Step]], seed: int
) -> None:
    await World(Service()).run(clients, seed)


Move = Callable[[Service], Awaitable[None]]


async def move(service: Service, *configs: StoreConfiguration) -> None:
    for config in configs:
        await service.configure("store", config)


async def delete_and_create(service: Service) -> None:
    await service.stores.delete("store")
    await service.configure()


MOVES: dict[str, Move] = {
    "to another cluster": lambda service: move(service, configuration(cluster="other")),
    "to another cluster and back": lambda service: move(
        service, configuration(cluster="other"), configuration()
    ),
    "to another bucket and back": lambda service: move(
        service, configuration("other"), configuration()
    ),
    "by being deleted and created again": delete_and_create,
}


@pytest.mark.proves("D28")
@pytest.mark.parametrize("store_moves", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("size", [10, LARGE])
async def test_an_object_is_seen_once_it_is_acknowledged_though_its_store_moved_meanwhile(
    service: Service, store_moves: Move, size: int
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield some_bytes(size)
        await store_moves(service)
        assert (await service.get()).body == b"old"

    await service.put(b"old")
    info = await service.put(body())
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(size))


@pytest.mark.proves("D28")
@pytest.mark.parametrize("point", ["before storage.commit", "after storage.commit"])
@pytest.mark.parametrize("store_moves", MOVES.values(), ids=MOVES)
async def test_both_tiers_agree_after_a_put_that_failed_though_its_store_moved_meanwhile(
    service: Service,
    faults: Faults,
    store_moves: Move,
    point: str,
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"new"
        await store_moves(service)
        assert (await service.get()).body == b"old"

    await service.put(b"old")
    with faults.at(point), pytest.raises(FaultError):
        await service.put(body())
    stored = await service.stored()
    assert stored is not None
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == stored


@pytest.mark.proves("D28")
@pytest.mark.parametrize("size", [10, LARGE])
@pytest.mark.parametrize(
    "elsewhere",
    [configuration("other"), configuration(prefix="other")],
    ids=["another bucket", "another prefix"],
)
async def test_an_object_goes_where_its_store_was_when_the_put_began_and_is_not_seen_elsewhere(
    service: Service, elsewhere: StoreConfiguration, size: int
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield some_bytes(size)
        await service.configure("store", elsewhere)

    info = await service.put(body())
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.MISS, None, None)
    await service.configure()
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, some_bytes(size))


@pytest.mark.proves("D15")
async def test_an_object_whose_store_is_deleted_while_it_is_put_is_in_the_bucket(
    service: Service,
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"body"
        await service.stores.delete("store")

    info = await service.put(body())
    await service.configure()
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")


async def test_many_gets_of_one_object_that_is_not_cached_ask_storage_once(
    service: Service,
) -> None:
    opened = 0

    async def count(point: str) -> None:
        nonlocal opened
        opened += point == "before storage.open"
        await asyncio.sleep(0)

    info = await service.put(b"body")
    await service.lose_cache()
    service.storage.hook = service.cache.hook = count
    answers = await asyncio.gather(*(service.get() for _ in range(10)))
    assert {answer[1:] == (info, b"body") for answer in answers} == {True}
    assert opened == 1


async def test_a_slow_upload_or_download_keeps_nobody_waiting(service: Service) -> None:
    resume = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b"n"
        await resume.wait()
        yield b"ew"

    old = await service.put(some_bytes(STREAMED))
    store = await service.stores.get("store")
    slow_get = await service.objects.get(store, "key")
    assert slow_get.body is not None
    assert not isinstance(slow_get.body, bytes)
    slow_put = asyncio.ensure_future(service.put(slow_body()))
    await asyncio.sleep(0)
    assert (await service.get()).info == old
    quick = await service.put(b"quick")
    assert (await service.get()).info == quick
    resume.set()
    new = await slow_put
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")
    assert b"".join([bytes(chunk) async for chunk in slow_get.body.chunks()]) == some_bytes(
        STREAMED
    )
    await slow_get.body.close()


async def test_a_slow_write_of_one_key_keeps_no_other_key_waiting(service: Service) -> None:
    service.storage.hook = hold = Hold("before storage.commit")
    slow = asyncio.ensure_future(service.put(b"slow", "slow"))
    await hold.reached.wait()
    quick = await service.put(b"quick", "quick")
    assert await service.get("quick") == Found(Outcome.CACHE_HIT, quick, b"quick")
    assert not slow.done()
    hold.may_go_on.set()
    await slow


CANCELLED_AT = [
    f"{moment} {call}"
    for call in ("storage.write", "storage.commit", "cache.set", "cache.delete")
    for moment in ("before", "after")
]


@pytest.mark.parametrize("point", CANCELLED_AT)
async def test_both_tiers_agree_after_a_put_that_was_cancelled(
    service: Service, point: str
) -> None:
    old = await service.put(b"old")
    body = some_bytes(LARGE if "delete" in point else 10)
    service.storage.hook = service.cache.hook = hold = Hold(point)
    put = asyncio.ensure_future(service.put(body))
    await hold.reached.wait()
    put.cancel()
    await asyncio.gather(put, return_exceptions=True)
    service.storage.hook = service.cache.hook = do_nothing
    stored = await service.stored()
    assert stored is not None
    assert stored.body in (b"old", body)
    assert "storage" not in point or point == "after storage.commit" or stored.info == old
    for _ in range(2):
        found = await service.get()
        assert (found.info, found.body) == stored


async def test_a_get_that_was_cancelled_changes_nothing(service: Service) -> None:
    info = await service.put(b"body")
    for point in ("before storage.open", "after storage.open", "before cache.set"):
        await service.lose_cache()
        service.storage.hook = service.cache.hook = hold = Hold(point)
        get = asyncio.ensure_future(service.get())
        await hold.reached.wait()
        get.cancel()
        await asyncio.gather(get, return_exceptions=True)
        service.storage.hook = service.cache.hook = do_nothing
        assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")


async def test_one_at_a_time_holds_the_lock_of_a_key_also_when_one_gives_up() -> None:
    locks, inside, entered = KeyLocks(), 0, 0

    async def enter() -> None:
        nonlocal inside, entered
        async with locks.hold("key"):
            inside += 1
            entered += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    tasks = [asyncio.ensure_future(enter()) for _ in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (inside, entered) == (0, 9)


async def test_keys_that_nobody_uses_take_no_memory(service: Service) -> None:
    for number in range(50):
        key = f"key-{number}"
        await asyncio.gather(service.put(b"body", key, ttl=1), service.get(key))
        await service.lose_cache()
        await asyncio.gather(*(service.get(key) for _ in range(3)))
        service.clock.advance(1)
        await service.get(key)
    assert not service.objects._locks._held
