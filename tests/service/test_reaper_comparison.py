"""A service that frees what has expired answers as one that does not, whatever happens to both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.memory import MemoryStorage
from emulator.core.clock import ClockState
from emulator.core.object_info import ObjectInfo
from emulator.service.reaper import Reaper
from tests.suites import examples

from .harness import CACHE_LIMIT, Service

KEYS = ("a", "b")
STORES = ("store", "twin")

keys, stores = st.sampled_from(KEYS), st.sampled_from(STORES)
bodies = st.sampled_from([b"", b"body", bytes(CACHE_LIMIT + 1)])
ttls = st.none() | st.integers(1, 3)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), keys, bodies, ttls),
        st.tuples(st.just("put_ephemeral"), keys, st.integers(1, 3)),
        st.tuples(st.just("delete"), keys),
        st.tuples(st.just("advance"), st.sampled_from([0.000001, 0.5, 1, 2.999999, 3, 100])),
        st.tuples(st.just("get"), keys, stores),
        st.tuples(st.just("flush")),
        st.tuples(st.just("recreate"), stores),
        st.tuples(st.just("checkpoint"), st.integers(0, 1)),
        st.tuples(st.just("restore"), st.integers(0, 1)),
    ),
    max_size=30,
)


class Subject:
    """A service with two stores over the same objects, and its checkpoints."""

    def __init__(self, cache: Cache, *, reaps: bool) -> None:
        self.service = Service(MemoryStorage(), cache)
        service = self.service
        tiers = (service.objects.storage_tier, service.tier.expiring)
        self.reaper = Reaper(service.clock, tiers, asyncio.Lock()) if reaps else None
        self.kept: dict[int, tuple[Checkpoint, Checkpoint, Checkpoint, ClockState]] = {}

    async def start(self) -> None:
        for name in STORES:
            await self.service.configure(name)
        if self.reaper is not None:
            self.reaper.start()

    async def close(self) -> None:
        if self.reaper is not None:
            await self.reaper.close()
        await self.service.close()

    async def do(self, step: str, *given: Any) -> object:
        """Take a step, and free what has expired; return what can be told of it."""
        found = await getattr(self, step)(*given)
        if self.reaper is not None:
            await self.reaper.settle()
        return found

    async def put(self, key: str, body: bytes, ttl: int | None) -> ObjectInfo:
        return await self.service.put(body, key, ttl=ttl, metadata={"a": "1"})

    async def put_ephemeral(self, key: str, ttl: int) -> ObjectInfo:
        return await self.service.put_ephemeral(b"ephemeral", key, ttl=ttl)

    async def delete(self, key: str) -> None:
        await self.service.delete(key)

    async def advance(self, seconds: float) -> None:
        self.service.clock.advance(seconds)

    async def get(self, key: str, store: str) -> object:
        return await self.service.get(key, store=store)

    async def flush(self) -> None:
        await self.service.tier.flush("cluster")

    async def recreate(self, store: str) -> None:
        await self.service.stores.delete(store)
        await self.service.configure(store)

    async def checkpoint(self, name: int) -> None:
        service = self.service
        engines = (service.account, service.objects.storage_tier, service.tier)
        account, storage, cache = [await engine.checkpoint() for engine in engines]
        self.kept[name] = (account, storage, cache, service.clock.save())

    async def restore(self, name: int) -> None:
        if name in self.kept:
            *engines, clock = self.kept[name]
            for engine in engines:
                await engine.restore()
            self.service.clock.load(clock)

    async def listed(self) -> list[object]:
        """What control lists of both tiers."""
        storage = self.service.objects.storage_tier
        found: list[object] = [await storage.buckets(), await storage.list("bucket")]
        for name in STORES:
            found.append(await self.service.tier.list(await self.service.stores.get(name)))
        return found

    async def held(self) -> dict[object, ObjectInfo]:
        """What the engines hold."""
        held: dict[object, ObjectInfo] = dict(await self.service.storage.engine.list("bucket"))
        for name in STORES:
            store = await self.service.stores.get(name)
            place = (store.cluster_name, store.cache_namespace)
            for key, info in await self.service.cache.engine.list(*place):
                held[name, key] = info
        return held


async def compare(new_cache: Callable[[], Cache], steps: list[tuple[Any, ...]]) -> None:
    reaps, keeps = (Subject(new_cache(), reaps=reaps) for reaps in (True, False))
    for subject in (reaps, keeps):
        await subject.start()
    for step in [*steps, *(("get", key, store) for key in KEYS for store in STORES)]:
        assert await reaps.do(*step) == await keeps.do(*step), step
        assert await reaps.listed() == await keeps.listed()
        now = reaps.service.clock.now()
        live = {key: info for key, info in (await keeps.held()).items() if not info.is_expired(now)}
        assert await reaps.held() == live
    for subject in (reaps, keeps):
        await subject.close()


@pytest.mark.parametrize("new_cache", [MemoryCache, FakeRedisCache])
@given(steps)
@settings(max_examples=examples(300), deadline=None)
@example([("put", "a", b"body", 1), ("advance", 1), ("checkpoint", 0), ("restore", 0)])
@example([("put", "a", b"body", 1), ("checkpoint", 0), ("advance", 1), ("restore", 0)])
@example([("put", "a", b"body", 1), ("advance", 1), ("put", "a", b"body", None), ("delete", "a")])
def test_freeing_what_has_expired_changes_no_answer_and_no_list(
    new_cache: Callable[[], Cache], steps: list[tuple[Any, ...]]
) -> None:
    asyncio.run(compare(new_cache, steps))
