"""Whole emulators free what has expired, wherever their objects are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.emulators import Start, client, with_store
from tests.support.waiting import wait_until

SECOND = 1_000_000
INSTANT = 1_900_000_000 * SECOND
HOUR = 3600


def object_files(data: Path) -> int:
    return sum(1 for each in (data / "objects").rglob("*") if each.is_file())


def held(emulator: Emulator) -> tuple[int, int]:
    """How many objects the emulator's engines hold in storage and in the cache."""
    app = emulator._running()

    async def count() -> tuple[int, int]:
        await app.reaper.settle()
        stored = sum([len(await app._storage.list(each)) for each in await app._storage.buckets()])
        copies = [
            await app._cache.list(store.cluster_name, store.cache_namespace)
            for store in await app._stores.list()
        ]
        return stored, sum(map(len, copies))

    return emulator._call(count())


def test_an_hour_of_a_live_stream_leaves_only_what_its_playlist_names(
    start: Start, tiers: dict[str, Any]
) -> None:
    emulator = start(**tiers)
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    for number in range(120):
        owner.put("store", f"live/{number}.ts", b"segment", ttl_seconds=300)
        owner.put("store", "live/index.m3u8", b"playlist", ttl_seconds=24 * HOUR)
        emulator.clock.advance(30)
        if number >= 10:
            assert held(emulator) == (10, 10)
    assert owner.get("store", "live/0.ts").status == 404
    assert emulator.journal.last().outcome == "cache_hit_expired"
    assert owner.get("store", "live/119.ts").status == 200
    emulator.clock.advance(24 * HOUR)
    assert held(emulator) == (0, 0)


def test_the_files_of_expired_objects_are_removed_without_being_asked_for(
    start: Start, tmp_path: Path
) -> None:
    emulator = start(data_dir=tmp_path)
    owner = with_store(emulator)
    for number in range(20):
        owner.put("store", f"{number}", b"body", ttl_seconds=HOUR)
    owner.put("store", "for ever", b"body")
    assert object_files(tmp_path) == 21
    emulator.clock.advance(HOUR)
    wait_until(lambda: object_files(tmp_path) == 1)
    listed = {placed.key: placed.storage for placed in emulator.tiers.objects("store")}
    assert len(listed) == 21
    assert listed["0"] is not None
    assert listed["0"].size == 4


def test_a_start_frees_what_has_expired_since_the_last_one(start: Start, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path)
    first.clock.freeze(INSTANT)
    with_store(first).put("store", "key", b"body", ttl_seconds=60)
    first.stop()
    second = start(data_dir=tmp_path)
    second.clock.freeze(INSTANT)
    assert held(second) == (1, 0)
    second.clock.advance(60)
    assert held(second) == (0, 0)


def test_an_emulator_can_start_and_stop_again_and_again() -> None:
    emulator = Emulator()
    for _ in range(3):
        with emulator:
            with_store(emulator).put("store", "key", b"body", ttl_seconds=60)
            emulator.clock.advance(60)
            assert held(emulator) == (0, 0)
        assert emulator.clock.watchers == []


@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_a_reset_and_a_restore_leave_nothing_that_expires_unnoticed(
    start: Start, cache: str
) -> None:
    emulator = start(cache=cache)
    emulator.clock.freeze(INSTANT)
    owner = with_store(emulator)
    owner.put("store", "key", b"body", ttl_seconds=60)
    emulator.checkpoint("before")
    for _ in range(3):
        emulator.reset()
        emulator.clock.freeze(INSTANT)
        with_store(emulator).put("store", "other", b"body", ttl_seconds=60)
        emulator.clock.advance(60)
        assert held(emulator) == (0, 0)
        emulator.restore("before")
        assert held(emulator) == (1, 1)
        emulator.clock.advance(60)
        assert held(emulator) == (0, 0)
        assert owner.get("store", "key").status == 404


def test_an_import_frees_what_has_expired_in_it(start: Start, tmp_path: Path) -> None:
    emulator, other = start(), start(data_dir=tmp_path)
    emulator.clock.freeze(INSTANT)
    owner = with_store(emulator)
    owner.put("store", "freed", b"body", ttl_seconds=60)
    owner.put("store", "later", b"body", ttl_seconds=120)
    emulator.clock.advance(60)
    assert held(emulator) == (1, 1)
    other.import_state(emulator.export_state())
    assert held(other) == (1, 0)
    imported = client(other)
    for key, outcome in (("freed", "storage_hit_expired"), ("later", "storage_hit")):
        imported.get("store", key)
        call = other.journal.last()
        assert (call.outcome, call.object_age) == (outcome, 60 * SECOND)
    other.clock.advance(60)
    assert held(other) == (0, 0)


def test_a_stop_does_not_wait_for_what_has_expired(start: Start, tmp_path: Path) -> None:
    emulator = start(data_dir=tmp_path, fsync=False)
    owner = with_store(emulator)
    for number in range(150):
        owner.put("store", f"{number}", b"", ttl_seconds=60)
    emulator.clock.advance(60)
    emulator.stop()
    again = start(data_dir=tmp_path)
    again.clock.advance(60)
    assert held(again) == (0, 0)
