"""No step of work on shared entries grows long: the largest one is counted, not timed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.copy_on_write import MASK, SHARDS, CopyOnWriteDict, Shards
from emulator.backends.storage.memory import MemoryStorage
from emulator.core.object_info import Location, ObjectInfo

EACH = 4
"""How many entries each shard has, where the keys are whole numbers in a row."""


class Noted(dict[str, str]):
    """Metadata that notes when it is freed."""

    freed = 0

    def __del__(self) -> None:
        Noted.freed += 1


async def largest_step(change: Callable[[], Awaitable[object]], expected: int) -> int:
    """How many values one step of the event loop has freed at most, until all are freed."""
    Noted.freed = 0
    await change()
    largest = before = Noted.freed
    for _ in range(2 * SHARDS):
        await asyncio.sleep(0)
        largest, before = max(largest, Noted.freed - before), Noted.freed
    assert before == expected, "what nobody needs is freed"
    return largest


def test_a_write_copies_one_shard() -> None:
    entries: CopyOnWriteDict[int, str] = CopyOnWriteDict()
    for number in range(SHARDS * EACH):
        entries.writable(number)[number] = "old"
    held = entries.share()
    entries.writable(5)[5] = "new"
    changed = [index for index in range(SHARDS) if entries.shards[index] is not held[index]]
    assert changed == [5 & MASK]
    again = entries.writable(5)
    assert entries.writable(5) is again, "it is copied once"
    assert held[5 & MASK][5] == "old"


async def filled_storage() -> MemoryStorage:
    storage = MemoryStorage()
    for number in range(SHARDS * EACH):
        info = ObjectInfo(1, number, number, metadata=Noted())
        await storage.put(Location("bucket", str(number)), info, b"b")
    return storage


async def filled_cache() -> MemoryCache:
    cache = MemoryCache()
    for number in range(SHARDS * EACH):
        copy = CachedObject(ObjectInfo(1, number, number, metadata=Noted()), b"b")
        await cache.set(CacheKey("cluster", "namespace", str(number)), copy)
    return cache


FREEING: dict[str, Callable[[Any], Awaitable[object]]] = {
    "storage clear": lambda storage: storage.clear(),
    "cache clear": lambda cache: cache.clear(),
    "cache flush": lambda cache: cache.flush("cluster"),
    "cache drop": lambda cache: cache.drop("cluster", "namespace"),
}


@pytest.mark.parametrize("name", FREEING)
async def test_what_is_removed_is_freed_in_small_steps(name: str) -> None:
    engine = await (filled_storage() if name.startswith("storage") else filled_cache())
    step = await largest_step(lambda: FREEING[name](engine), SHARDS * EACH)
    assert step < SHARDS * EACH / 10


@pytest.mark.parametrize("tier", ["storage", "cache"])
async def test_a_discarded_checkpoint_is_freed_in_small_steps(tier: str) -> None:
    engine: Any = await (filled_storage() if tier == "storage" else filled_cache())
    checkpoint: Checkpoint = await engine.checkpoint()
    assert await largest_step(engine.clear, 0) == 0
    assert await largest_step(checkpoint.discard, SHARDS * EACH) < SHARDS * EACH / 10


async def test_what_a_replacement_of_objects_replaces_is_freed_in_small_steps() -> None:
    storage = await filled_storage()

    async def replace() -> None:
        async with await storage.beside() as replacement:
            await replacement.take_over()

    assert await largest_step(replace, SHARDS * EACH) < SHARDS * EACH / 10


def test_without_an_event_loop_entries_can_be_removed() -> None:
    entries: CopyOnWriteDict[int, int] = CopyOnWriteDict()
    entries.writable(1)[1] = 1
    entries.clear()
    assert len(entries) == 0
    entries.writable(1)[1] = 2
    assert dict(entries) == {1: 2}


@given(st.lists(st.tuples(st.sampled_from("wdsrc"), st.integers(0, 600)), max_size=40))
def test_it_is_a_dictionary_that_was_copied_and_put_back(steps: list[tuple[str, int]]) -> None:
    entries: CopyOnWriteDict[int, int] = CopyOnWriteDict()
    model: dict[int, int] = {}
    held: list[tuple[Shards[int, int], dict[int, int]]] = []
    for count, (step, number) in enumerate(steps):
        if step == "w":
            entries.writable(number)[number] = model[number] = count
        elif step == "d" and number in model:
            del entries.writable(number)[number]
            del model[number]
        elif step == "s":
            held.append((entries.share(), model.copy()))
        elif step == "r" and held:
            shards, model = held[number % len(held)]
            model = model.copy()
            entries.replace(shards)
        elif step == "c":
            entries.clear()
            model = {}
        assert dict(entries) == model
        assert len(entries) == len(model)
    for shards, content in held:
        assert {key: value for shard in shards for key, value in shard.items()} == content
