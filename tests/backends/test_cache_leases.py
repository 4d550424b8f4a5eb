"""Leases on cache entries: no interleaving of writes, fills and losses keeps an old copy."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from tests.suites import examples, over

from .engines import CACHES, cache_engine, opened_cache
from .objects import an_info

KEY = CacheKey("cluster", "namespace", "a key with {braces} and spaces")

PROCESSES = 2

EVERY_ENGINE = pytest.mark.parametrize("engine", over(*CACHES))


def version(number: int) -> CachedObject:
    body = str(number).encode()
    return CachedObject(an_info(len(body), version=number), body)


@asynccontextmanager
async def processes(engine: str) -> AsyncIterator[list[Cache]]:
    """The cache as each of several processes has it; an engine in a process is one for all."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(opened_cache(engine))
        others = [first] * (PROCESSES - 1)
        if engine.startswith("valkey"):
            others = [cache_engine(engine) for _ in range(PROCESSES - 1)]
            for other in others:
                stack.push_async_callback(other.close)
        yield [first, *others]


class World:
    """One object in storage, its copy in the cache, and those who are at it just now."""

    def __init__(self, caches: list[Cache]) -> None:
        self.caches = caches
        self.stored = 0
        self.acknowledged = 0
        self.writers: list[Writer] = []
        self.fillers: list[Filler] = []

    @property
    def busy(self) -> Sequence[Writer | Filler]:
        return [*self.writers, *self.fillers]

    async def check(self) -> None:
        for cache in self.caches:
            copy = await cache.get(KEY)
            if copy is None:
                continue
            assert copy == version(copy.info.version)
            assert copy.info.version >= self.acknowledged, "older than what was acknowledged"
            if not self.writers:
                assert copy.info.version == self.stored, "not what is in storage"


class Writer:
    """Changes the object in storage; ``keeps`` says whether it leaves a copy."""

    def __init__(self, world: World, cache: Cache, *, keeps: bool) -> None:
        self.world, self.cache, self.keeps = world, cache, keeps
        self.number = 0

    async def begin(self) -> None:
        self.lease = await self.cache.begin_write(KEY)
        self.world.writers.append(self)

    async def go_on(self) -> None:
        if not self.number:
            self.number = self.world.stored = self.world.stored + 1
            return
        await self.cache.end_write(KEY, self.lease, version(self.number) if self.keeps else None)
        self.world.writers.remove(self)
        self.world.acknowledged = max(self.world.acknowledged, self.number)


class Filler:
    """Reads the object from storage, and leaves a copy."""

    def __init__(self, world: World, cache: Cache) -> None:
        self.world, self.cache = world, cache
        self.read: int | None = None

    async def begin(self) -> None:
        self.lease = await self.cache.begin_fill(KEY)
        if self.lease is not None:
            self.world.fillers.append(self)

    async def go_on(self) -> None:
        assert self.lease is not None
        if self.read is None:
            self.read = self.world.stored
            return
        self.world.fillers.remove(self)
        await self.cache.end_fill(KEY, self.lease, version(self.read) if self.read else None)


STEPS = ("write", "write", "write without a copy", "fill", "fill", "lose", *["go on"] * 8)


@settings(max_examples=examples(60))
@EVERY_ENGINE
@given(seed=st.integers(0, 2**32), length=st.integers(1, 40))
async def test_a_copy_is_of_what_is_in_storage_or_of_what_is_being_written(
    engine: str, seed: int, length: int
) -> None:
    chance = random.Random(seed)
    async with processes(engine) as caches:
        world = World(caches)
        for _ in range(length):
            await take(chance.choice(STEPS), world, chance)
            await world.check()
        while world.writers or world.fillers:
            await chance.choice(world.busy).go_on()
            await world.check()


async def take(step: str, world: World, chance: random.Random) -> None:
    cache = chance.choice(world.caches)
    if step == "go on" and world.busy:
        await chance.choice(world.busy).go_on()
    elif step.startswith("write"):
        await Writer(world, cache, keeps=step == "write").begin()
    elif step == "fill":
        await Filler(world, cache).begin()
    elif step == "lose":
        await cache.clear()


@EVERY_ENGINE
async def test_a_fill_after_a_miss_is_kept(engine: str) -> None:
    async with processes(engine) as (one, other):
        lease = await one.begin_fill(KEY)
        assert lease is not None
        await one.end_fill(KEY, lease, version(1))
        assert await other.get(KEY) == version(1)


@EVERY_ENGINE
async def test_of_two_who_fill_at_once_either_may_be_the_one(engine: str) -> None:
    async with processes(engine) as (one, other):
        leases = [await one.begin_fill(KEY), await other.begin_fill(KEY)]
        assert None not in leases
        await other.end_fill(KEY, str(leases[1]), version(1))
        assert await one.get(KEY) == version(1)
        await one.end_fill(KEY, str(leases[0]), version(1))
        assert await one.get(KEY) == version(1)


@EVERY_ENGINE
@pytest.mark.parametrize("keeps", [True, False], ids=["with a copy", "without"])
async def test_a_fill_that_a_write_overtakes_is_not_kept(engine: str, keeps: bool) -> None:
    async with processes(engine) as (one, other):
        fill = await one.begin_fill(KEY)
        assert fill is not None
        write = await other.begin_write(KEY)
        await other.end_write(KEY, write, version(2) if keeps else None)
        await one.end_fill(KEY, fill, version(1))
        assert await one.get(KEY) == (version(2) if keeps else None)


@EVERY_ENGINE
async def test_nobody_fills_while_somebody_writes(engine: str) -> None:
    async with processes(engine) as (one, other):
        write = await one.begin_write(KEY)
        assert await other.begin_fill(KEY) is None
        await one.end_write(KEY, write, None)
        assert await other.begin_fill(KEY) is not None


@EVERY_ENGINE
async def test_of_two_who_write_at_once_the_copy_of_neither_outlives_both(engine: str) -> None:
    async with processes(engine) as (one, other):
        first, second = await one.begin_write(KEY), await other.begin_write(KEY)
        await one.end_write(KEY, first, version(1))
        assert await one.get(KEY) is None
        await other.end_write(KEY, second, version(2))
        assert await one.get(KEY) is None
        await one.set(KEY, version(3))
        assert await other.get(KEY) == version(3)


@EVERY_ENGINE
async def test_a_writer_that_vanished_stands_in_nobody_elses_way(engine: str) -> None:
    async with processes(engine) as (one, other):
        await one.set(KEY, version(1))
        await one.begin_write(KEY)
        await other.set(KEY, version(2))
        lease = await one.begin_fill(KEY)
        if lease is not None:
            await one.end_fill(KEY, lease, version(2))
        assert await one.get(KEY) == version(2)


@EVERY_ENGINE
async def test_a_write_that_was_never_announced_leaves_no_copy(engine: str) -> None:
    async with processes(engine) as (one, other):
        await one.set(KEY, version(1))
        await other.end_write(KEY, "", version(2))
        assert await one.get(KEY) is None
