"""What every engine's checkpoints do: bring back exactly what was there, as often as asked."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Hashable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.account.base import MEMBERS
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import CHUNK_BYTES
from emulator.core.model import Member
from emulator.core.object_info import Location
from tests.suites import examples, over
from tests.support.bodies import some_bytes

from .accounts import Accounts
from .holders import HOLDERS, Holder, opened_holder
from .objects import an_info, put

FAST_HOLDERS = [
    name for name in HOLDERS if name.split()[1] not in ("filesystem", "file", "valkey-cluster")
]
"""Those that do not wait for a disk."""


@pytest.fixture(params=over(*HOLDERS))
async def holder(request: pytest.FixtureRequest, accounts: Accounts) -> AsyncIterator[Holder]:
    """An empty engine."""
    async with opened_holder(request.param, accounts) as engine:
        yield engine


async def test_a_restore_brings_back_what_was_changed_removed_and_takes_what_was_added(
    holder: Holder,
) -> None:
    changed, removed, untouched, added, *_ = holder.places
    for number, place in enumerate([changed, removed, untouched]):
        await holder.put(place, number)
    before = await holder.everything()
    checkpoint = await holder.checkpoint()
    await holder.put(changed, 3)
    await holder.remove(removed)
    await holder.put(added, 4)
    await checkpoint.restore()
    assert await holder.everything() == before


async def test_a_restore_brings_back_what_was_cleared(holder: Holder) -> None:
    for number, place in enumerate(holder.places):
        await holder.put(place, number)
    before = await holder.everything()
    checkpoint = await holder.checkpoint()
    await holder.clear()
    assert await holder.everything() == {}
    await checkpoint.restore()
    assert await holder.everything() == before


async def test_an_empty_engine_can_be_gone_back_to(holder: Holder) -> None:
    checkpoint = await holder.checkpoint()
    for number, place in enumerate(holder.places):
        await holder.put(place, number)
    await checkpoint.restore()
    assert await holder.everything() == {}


async def test_a_checkpoint_can_be_restored_again_and_in_turn_with_another(
    holder: Holder,
) -> None:
    one, other, *_ = holder.places
    await holder.put(one, 1)
    first, at_first = await holder.checkpoint(), await holder.everything()
    await holder.put(one, 2)
    await holder.put(other, 3)
    second, at_second = await holder.checkpoint(), await holder.everything()
    for checkpoint, held in [(first, at_first), (second, at_second)] * 2:
        for _ in range(2):
            await checkpoint.restore()
            assert await holder.everything() == held
            await holder.put(one, 4)
            await holder.remove(other)


async def test_a_checkpoint_that_was_discarded_cannot_be_restored_and_changes_nothing(
    holder: Holder,
) -> None:
    place = holder.places[0]
    await holder.put(place, 1)
    discarded, kept = await holder.checkpoint(), await holder.checkpoint()
    before = await holder.everything()
    await holder.put(place, 2)
    now = await holder.everything()
    for _ in range(2):
        await discarded.discard()
        with pytest.raises(RuntimeError, match="discarded"):
            await discarded.restore()
        assert await holder.everything() == now
    await kept.restore()
    assert await holder.everything() == before


_steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["put"] * 6 + ["remove"] * 3 + ["clear"] + ["checkpoint"] * 3 + ["restore"] * 4
            + ["discard"]
        ),
        st.integers(0, 100),
    ),
    max_size=30,
)  # fmt: skip


@pytest.mark.parametrize("name", over(*FAST_HOLDERS))
@settings(max_examples=examples(80))
@given(steps=_steps)
@example(steps=[("put", 0), ("checkpoint", 0), ("put", 0), ("restore", 0), ("put", 0)])
@example(steps=[("put", 0), ("checkpoint", 0), ("restore", 0), ("clear", 0), ("restore", 0)])
@example(steps=[("put", 0), ("checkpoint", 0), ("remove", 0), ("checkpoint", 0), ("restore", 0)])
async def test_an_engine_is_a_dictionary_that_was_copied_and_put_back(
    accounts: Accounts, name: str, steps: list[tuple[str, int]]
) -> None:
    model: dict[Hashable, object] = {}
    checkpoints: list[tuple[Checkpoint, dict[Hashable, object]]] = []
    async with opened_holder(name, accounts) as holder:
        for number, (step, choice) in enumerate(steps):
            place: Any = holder.places[choice % len(holder.places)]
            if step == "put":
                model[place] = await holder.put(place, number)
            elif step == "remove":
                await holder.remove(place)
                model.pop(place, None)
            elif step == "clear":
                await holder.clear()
                model.clear()
            elif step == "checkpoint":
                checkpoints.append((await holder.checkpoint(), model.copy()))
            elif step == "restore" and checkpoints:
                checkpoint, held = checkpoints[choice % len(checkpoints)]
                await checkpoint.restore()
                model = held.copy()
            elif step == "discard" and checkpoints:
                checkpoint, _ = checkpoints.pop(choice % len(checkpoints))
                await checkpoint.discard()
            assert await holder.everything() == model
        for checkpoint, held in checkpoints:
            await checkpoint.restore()
            assert await holder.everything() == held


@pytest.mark.parametrize("name", over(*(name for name in HOLDERS if name.startswith("account"))))
async def test_no_version_is_given_twice_when_records_go_back(
    accounts: Accounts, name: str
) -> None:
    async with opened_holder(name, accounts) as holder:
        place = holder.places[0]
        await holder.put(place, 1)
        checkpoint = await holder.checkpoint()
        for number in range(2, 5):
            await holder.put(place, number)
            await checkpoint.restore()
        await holder.put(place, 5)  # It says itself which versions it does not expect.


@pytest.mark.parametrize("engine", over("file", "file-without-fsync", "valkey", "valkey-cluster"))
async def test_what_was_restored_is_what_a_restart_finds(
    accounts: Accounts, tmp_path: Any, engine: str
) -> None:
    async with accounts.opened(engine, tmp_path) as account:
        await account.put(MEMBERS, "a", Member("a", "owner"), expected=None)
        checkpoint, before = await account.checkpoint(), await account.entries(MEMBERS)
        await account.put(MEMBERS, "b", Member("b", "owner"), expected=None)
        last = (await account.entries(MEMBERS))["b"].version
        await checkpoint.restore()
    async with accounts.opened(engine, tmp_path) as again:
        assert await again.entries(MEMBERS) == before
        await again.put(MEMBERS, "c", Member("c", "owner"), expected=None)
        assert (await again.entries(MEMBERS))["c"].version > last


async def test_who_reads_an_object_gets_the_whole_of_it_while_another_is_restored(
    own_storage: Storage,
) -> None:
    location = Location("bucket", "key")
    await put(own_storage, location, some_bytes(CHUNK_BYTES, seed=1))
    checkpoint = await own_storage.checkpoint()
    body = some_bytes(2 * CHUNK_BYTES, seed=2)
    await put(own_storage, location, body)
    stored = await own_storage.open(location, inline_bytes=0)
    assert stored is not None
    assert not isinstance(stored.body, bytes)
    chunks = aiter(stored.body.chunks())
    received = bytes(await anext(chunks))
    await checkpoint.restore()
    received += b"".join([bytes(chunk) async for chunk in chunks])
    await stored.body.close()
    assert received == body


async def test_an_upload_that_began_before_a_restore_is_an_object_once_it_is_committed(
    own_storage: Storage,
) -> None:
    checkpoint = await own_storage.checkpoint()
    async with own_storage.upload(Location("bucket", "key")) as upload:
        await upload.write(some_bytes(CHUNK_BYTES + 1))
        await checkpoint.restore()
        await upload.commit(an_info(CHUNK_BYTES + 1))
    assert await own_storage.list("bucket") == [("key", an_info(CHUNK_BYTES + 1))]
    await checkpoint.restore()
    assert await own_storage.list("bucket") == []


OBJECTS, BODY_BYTES = 10_000, 1024


@pytest.mark.parametrize("name", ["storage memory", "cache memory", "cache fakeredis"])
async def test_checkpoints_in_memory_share_the_bodies(accounts: Accounts, name: str) -> None:
    async with opened_holder(name, accounts) as holder:
        engine: Any = getattr(holder, name.split()[0])
        info, body = an_info(BODY_BYTES), some_bytes(BODY_BYTES)

        async def write(number: int) -> None:
            if name == "storage memory":
                await put(engine, Location("bucket", str(number)), body, info)
            else:
                place = CacheKey("cluster", "namespace", str(number))
                await engine.set(place, CachedObject(info, body), lifetime=None)

        for number in range(OBJECTS):
            await write(number)
        tracemalloc.start()
        try:
            for number in range(3):
                checkpoint = await holder.checkpoint()
                await write(number)
                await checkpoint.restore()
                await write(number)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < OBJECTS * BODY_BYTES / 4
