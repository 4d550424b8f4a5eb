"""What has expired is freed, in every tier, and answers stay what they were."""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.cache.base import Cache, CachedObject
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import FilesystemStorage
from emulator.backends.storage.memory import MemoryStorage
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from emulator.core.outcome import Outcome
from emulator.service.cache_expiry import LOOK_AGAIN_MICROSECONDS
from emulator.service.expiry_index import KEPT_MICROSECONDS
from emulator.service.reaper import READ_AGAIN_SECONDS, RETRY_MICROSECONDS, Reaper
from tests.backends.objects import an_info
from tests.support.bodies import some_bytes
from tests.support.loop_time import LoopTime

from .harness import CACHE_LIMIT, NOW, STREAMED, Found, Service
from .tiers import FaultError, Hold, do_nothing, failing

SECOND = 1_000_000
HOUR = 3600

LARGE = CACHE_LIMIT + 1


class Reaped(Service):
    """A service that frees what has expired."""

    changing: asyncio.Lock
    reaper: Reaper

    def start(self) -> None:
        self.changing = asyncio.Lock()
        tiers = (self.objects.storage_tier, self.tier.expiring)
        self.reaper = Reaper(self.clock, tiers, self.changing)
        self.reaper.start()

    async def advance(self, seconds: float) -> None:
        """Move the clock, and wait until everything is freed that has expired by then."""
        self.clock.advance(seconds)
        await self.reaper.settle()

    async def close(self) -> None:
        await self.reaper.close()
        await super().close()

    async def contents(self) -> tuple[int, int]:
        """How many objects the engines of storage and of the cache hold."""
        stored = [await self.storage.engine.list(each) for each in await self.storage.buckets()]
        copies = 0
        for store in await self.stores.list():
            place = (store.cluster_name, store.cache_namespace)
            copies += len(await self.cache.engine.list(*place))
        return sum(map(len, stored)), copies


def files(directory: Path) -> Storage:
    for name in ("objects", "tmp"):
        (directory / name).mkdir(exist_ok=True)
    names = (directory / "objects", directory / "tmp", directory / "checkpoints")
    return FilesystemStorage(*names, fsync=False)


async def rounds(count: int) -> None:
    """Let the event loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def opened(
    storage: Storage | None = None, cache: Cache | None = None, **limits: Any
) -> AsyncIterator[Reaped]:
    service = Reaped(storage, cache, **limits)
    await service.configure()
    service.start()
    await service.reaper.settle()
    yield service
    await service.close()


@pytest.fixture(params=["memory-memory", "filesystem-fakeredis"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reaped]:
    in_memory = request.param == "memory-memory"
    storage = MemoryStorage() if in_memory else files(tmp_path)
    cache = MemoryCache() if in_memory else FakeRedisCache()
    async with opened(storage, cache) as made:
        yield made


@pytest.mark.parametrize("size", [0, 10, LARGE, STREAMED])
async def test_an_expired_object_is_freed_in_both_tiers_and_its_answers_are_the_same(
    service: Reaped, size: int
) -> None:
    info = await service.put(some_bytes(size), ttl=60)
    await service.advance(59.999999)
    assert (await service.get()).body == some_bytes(size)
    await service.advance(0.000001)
    assert await service.contents() == (0, 0)
    if size <= CACHE_LIMIT:
        assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)
    for _ in range(2):
        assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)


async def test_an_expired_ephemeral_object_is_freed_and_uncovers_the_durable_one(
    service: Reaped,
) -> None:
    durable = await service.put(b"durable")
    info = await service.put_ephemeral(b"ephemeral", ttl=60)
    alone = await service.put_ephemeral(b"ephemeral", "alone", ttl=60)
    assert info.ephemeral
    await service.advance(60)
    assert await service.contents() == (1, 0)
    assert await service.get("alone") == Found(Outcome.CACHE_HIT_EXPIRED, alone, None)
    assert (await service.get("alone")).outcome == Outcome.MISS
    assert await service.get() == Found(Outcome.STORAGE_HIT, durable, b"durable")
    assert await service.get() == Found(Outcome.CACHE_HIT, durable, b"durable")


async def test_a_copy_that_a_get_has_cached_is_freed_too(service: Reaped) -> None:
    info = await service.put(b"body", ttl=60)
    await service.lose_cache()
    assert (await service.get()).outcome == Outcome.STORAGE_HIT
    await service.advance(60)
    assert await service.contents() == (0, 0)
    assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)


async def test_a_copy_of_each_store_over_the_same_objects_is_freed(service: Reaped) -> None:
    await service.configure("twin")
    await service.put(b"body", ttl=60)
    assert (await service.get(store="twin")).outcome == Outcome.STORAGE_HIT
    assert await service.contents() == (1, 2)
    await service.advance(60)
    assert await service.contents() == (0, 0)


async def test_the_last_write_decides_when_an_object_is_freed(service: Reaped) -> None:
    for key in ("longer", "for ever", "shorter", "deleted"):
        await service.put(b"old", key, ttl=60)
    await service.put(b"new", "longer", ttl=120)
    await service.put(b"new", "for ever")
    await service.put(b"new", "shorter", ttl=1)
    await service.delete("deleted")
    await service.advance(1)
    assert await service.contents() == (2, 2)
    await service.advance(59)
    assert [(await service.get(key)).body for key in ("longer", "for ever")] == [b"new", b"new"]
    assert (await service.get("deleted")).outcome == Outcome.MISS
    await service.advance(60)
    assert await service.contents() == (1, 1)
    assert (await service.get("for ever")).body == b"new"


async def test_an_object_put_after_an_expired_one_is_all_there_is(service: Reaped) -> None:
    await service.put(b"old", ttl=1)
    await service.advance(1)
    new = await service.put(b"new")
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")
    await service.advance(2 * HOUR)
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")
    await service.delete()
    assert await service.get() == Found(Outcome.MISS, None, None)


async def test_a_failed_put_over_a_freed_object_changes_no_answer(service: Reaped) -> None:
    info = await service.put(b"old", ttl=1)
    await service.advance(1)
    service.storage.hook = failing(FaultError, "before storage.commit")
    with pytest.raises(FaultError):
        await service.put(b"new", ttl=5)
    service.storage.hook = do_nothing
    await service.advance(5)
    assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)


async def test_an_object_that_a_failed_put_has_stored_is_freed(service: Reaped) -> None:
    service.storage.hook = failing(FaultError, "after storage.commit")
    with pytest.raises(FaultError):
        await service.put(b"new", ttl=5)
    service.storage.hook = do_nothing
    assert await service.contents() == (1, 0)
    await service.advance(5)
    assert await service.contents() == (0, 0)


async def test_an_object_that_is_being_written_is_left_alone(service: Reaped) -> None:
    await service.put(b"old", ttl=1)
    service.storage.hook = hold = Hold("before storage.commit")
    writing = asyncio.create_task(service.put(b"new", ttl=60))
    await hold.reached.wait()
    await service.advance(1)
    assert (await service.contents())[0] == 1
    hold.may_go_on.set()
    info = await writing
    await service.reaper.settle()
    assert await service.stored() == CachedObject(info, b"new")
    await service.advance(60)
    assert await service.contents() == (0, 0)


async def test_an_object_whose_write_failed_is_freed_after_it(service: Reaped) -> None:
    await service.put(b"old", ttl=1)
    service.storage.hook = hold = Hold("before storage.commit")
    writing = asyncio.create_task(service.put(b"new"))
    await hold.reached.wait()
    await service.advance(1)
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writing
    await service.reaper.settle()
    assert await service.contents() == (0, 0)


async def test_what_was_freed_stays_gone_if_the_clock_is_set_back(service: Reaped) -> None:
    await service.put(b"body", ttl=60)
    await service.put_ephemeral(b"body", "ephemeral", ttl=60)
    await service.advance(60)
    service.clock.set(NOW)
    await service.reaper.settle()
    for key in ("key", "ephemeral"):
        assert await service.get(key) == Found(Outcome.MISS, None, None)
    await service.advance(60)
    assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED


async def test_an_expired_object_is_remembered_for_an_hour(service: Reaped) -> None:
    await service.put(b"body", ttl=60)
    await service.put_ephemeral(b"body", "ephemeral", ttl=60)
    await service.advance(10_000)
    await service.advance(KEPT_MICROSECONDS / SECOND - 0.000001)
    assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED
    assert (await service.get()).outcome == Outcome.STORAGE_HIT_EXPIRED
    await service.advance(0.000001)
    assert (await service.get()).outcome == Outcome.MISS
    assert (await service.get("ephemeral")).outcome == Outcome.MISS
    assert service.tier.expiry.is_idle
    assert service.objects.storage_tier.expiry.is_idle


async def test_a_flushed_cluster_does_not_remember_what_it_had(service: Reaped) -> None:
    await service.put(b"body", ttl=60)
    await service.advance(60)
    await service.tier.flush("cluster")
    assert (await service.get()).outcome == Outcome.STORAGE_HIT_EXPIRED


async def test_the_index_forgets_the_copies_of_deleted_stores(service: Reaped) -> None:
    for _ in range(3):
        await service.configure()
        await service.put_ephemeral(b"body", ttl=10 * HOUR)
        await service.stores.delete("store")
    await service.advance(LOOK_AGAIN_MICROSECONDS / SECOND)
    assert service.tier.expiry.is_idle


async def test_a_copy_that_lives_for_long_is_still_there_when_it_was_looked_at(
    service: Reaped,
) -> None:
    await service.put(b"body", ttl=10 * HOUR)
    for _ in range(9):
        await service.advance(HOUR)
        assert (await service.get()).outcome == Outcome.CACHE_HIT
    await service.advance(HOUR)
    assert await service.contents() == (0, 0)


async def test_what_cannot_be_freed_is_tried_again(
    service: Reaped, caplog: pytest.LogCaptureFixture
) -> None:
    info = await service.put(b"body", ttl=60)
    service.storage.hook = failing(EngineUnavailableError, "before storage.free")
    await service.advance(60)
    assert (await service.contents())[0] == 1
    assert [each.message for each in caplog.records] == [
        "An expired object cannot be freed: before storage.free"
    ]
    await service.get()
    assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)
    service.storage.hook = do_nothing
    await service.advance(RETRY_MICROSECONDS / SECOND)
    assert await service.contents() == (0, 0)
    assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)


@pytest.mark.proves("D73")
async def test_in_a_storage_of_others_no_object_is_freed() -> None:
    storage = MemoryStorage()
    storage.can_be_emptied = False
    async with opened(storage) as service:
        info = await service.put(b"body", ttl=60)
        await service.advance(2 * HOUR)
        assert await service.contents() == (1, 0)
        assert service.objects.storage_tier.expiry.is_idle
        assert await service.get() == Found(Outcome.CACHE_HIT_EXPIRED, info, None)
        assert await service.get() == Found(Outcome.STORAGE_HIT_EXPIRED, info, None)


async def test_files_of_an_earlier_process_are_freed(tmp_path: Path) -> None:
    async with opened(files(tmp_path)) as before:
        for number in range(250):
            await before.put(b"body", f"{number}", ttl=60)
        await before.put(b"body", "for ever")
        await before.put(b"body", "x" * 500, ttl=120)
    async with opened(files(tmp_path)) as service:
        assert await service.contents() == (252, 0)
        await service.advance(60)
        assert await service.contents() == (2, 0)
        assert (await service.get("0")).outcome == Outcome.STORAGE_HIT_EXPIRED
        await service.advance(60)
        assert await service.contents() == (1, 0)
    service = Reaped(files(tmp_path))
    await service.configure()
    assert (await service.get("0")).outcome == Outcome.MISS


async def test_a_file_that_cannot_be_read_hinders_no_other(tmp_path: Path) -> None:
    async with opened(files(tmp_path)) as before:
        await before.put(b"body", "key", ttl=60)
    bucket = tmp_path / "objects" / "bucket"
    (bucket / "loop").symlink_to("loop")
    (bucket / "directory").mkdir()
    (tmp_path / "objects" / "file").write_bytes(b"")
    async with opened(files(tmp_path)) as service:
        await service.advance(60)
        assert not (bucket / "key").exists()


class ForgetfulStorage(MemoryStorage):
    """A storage that cannot say at first what expires."""

    asked = 0

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        self.asked += 1
        if self.asked == 1:
            raise EngineUnavailableError("too many open files")
        async for some in super().expiring():
            yield some


async def test_an_engine_that_cannot_say_what_expires_is_asked_again() -> None:
    engine = ForgetfulStorage()
    async with opened(engine) as service:
        info = an_info(4)._replace(expires_at=NOW + SECOND)
        await engine.put(Location("bucket", "unnoticed"), info, b"body")
        await service.advance(60)
        assert (await service.contents())[0] == 1
        LoopTime(asyncio.get_running_loop()).advance(READ_AGAIN_SECONDS)
        await rounds(2)
        await service.reaper.settle()
        assert (await service.contents())[0] == 0


async def test_a_restored_checkpoint_is_freed_when_its_time_has_come(service: Reaped) -> None:
    gone = await service.put(b"body", "gone", ttl=60)
    await service.advance(60)
    kept = await service.put(b"body", "kept", ttl=60)
    storage = await service.objects.storage_tier.checkpoint()
    cache, clock = await service.tier.checkpoint(), service.clock.save()
    for _ in range(2):
        await service.advance(10 * HOUR)
        await service.put(b"later", "later", ttl=60)
        assert (await service.get("gone")).outcome == Outcome.MISS
        await storage.restore()
        await cache.restore()
        service.clock.load(clock)
        await service.reaper.settle()
        assert await service.contents() == (1, 1)
        assert await service.get("gone") == Found(Outcome.CACHE_HIT_EXPIRED, gone, None)
        assert await service.get("gone") == Found(Outcome.STORAGE_HIT_EXPIRED, gone, None)
        assert await service.get("kept") == Found(Outcome.CACHE_HIT, kept, b"body")
        await service.advance(60)
        assert await service.contents() == (0, 0)


async def test_while_the_clock_runs_the_reaper_looks_once_a_second() -> None:
    async with opened() as service:
        service.clock.release()
        await service.put(b"body", ttl=60)
        time = LoopTime(asyncio.get_running_loop())
        time.stand_still()
        service.clock._offset += 60 * SECOND  # As time does, or a double of it: nobody is told.
        assert await service.contents() == (1, 1)
        time.go_on()
        time.advance(1)
        await rounds(20)
        assert await service.contents() == (0, 0)


async def test_there_is_no_timer_while_nothing_can_expire() -> None:
    async with opened() as service:
        await service.put(b"body", "for ever")
        service.clock.release()
        await service.reaper.settle()
        assert service.reaper._timer is None
        await service.put(b"body", ttl=1)
        assert service.reaper._timer is not None
        await service.delete()
        service.reaper._wake()
        assert service.reaper._timer is None
        service.clock.freeze()
        await service.put(b"body", ttl=1)
        assert service.reaper._timer is None


async def test_between_two_slices_others_have_their_turn() -> None:
    async with opened() as service:
        for number in range(500):
            await service.put(b"", f"{number}", ttl=60)
        ticks = iter(range(0, 10**12, 2_000_000))
        service.clock.ticks = lambda: next(ticks)
        service.clock.advance(60)
        indexes = (service.tier.expiry, service.objects.storage_tier.expiry)
        freed = [0]
        while freed[-1] < 1000:
            await asyncio.sleep(0)
            freed.append(sum(len(index.freed) for index in indexes))
        assert max(after - before for before, after in pairwise(freed)) <= 100
        await service.reaper.settle()


async def test_nothing_is_freed_while_the_whole_state_changes() -> None:
    async with opened() as service:
        await service.put(b"body", ttl=60)
        async with service.changing:
            service.clock.advance(60)
            await rounds(10)
            assert await service.contents() == (1, 1)
        await service.reaper.settle()
        assert await service.contents() == (0, 0)


async def test_a_stopped_reaper_does_not_watch_the_clock() -> None:
    async with opened() as service:
        await service.put(b"body", ttl=60)
        await service.reaper.close()
        assert service.clock.watchers == []
        service.clock.advance(60)
        await service.reaper.settle()
        assert await service.contents() == (1, 1)
        service.start()


async def test_the_memory_of_expired_bodies_comes_back() -> None:
    async with opened(cache_limit=STREAMED) as service:
        tracemalloc.start()
        try:
            for number in range(100):
                await service.put(bytes(100_000), f"{number}", ttl=60)
            held, _ = tracemalloc.get_traced_memory()
            await service.advance(60)
            left, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held > 10_000_000
        assert left < 1_000_000


async def test_a_live_stream_holds_what_its_playlist_names(service: Reaped) -> None:
    """An hour of segments of six seconds that live for a minute, with a playlist that lives for a
    day and is written with each."""
    for number in range(600):
        await service.put(b"segment", f"{number}.ts", ttl=60)
        await service.put(b"playlist", "live.m3u8", ttl=24 * HOUR)
        await service.advance(6)
        stored, cached = await service.contents() if number % 50 == 49 else (10, 10)
        assert (stored, cached) == (10, 10)
    indexes = (service.tier.expiry, service.objects.storage_tier.expiry)
    assert all(len(each.due) - len(each.freed) == 10 for each in indexes)
    assert all(len(each._seconds) < 3 * 620 for each in indexes)


async def test_an_upload_that_bypasses_the_tier_is_found_after_a_restore() -> None:
    """A restored engine may have objects that no Put of this process has noted."""
    async with opened() as service:
        info = await service.put(b"body", ttl=60)
        await service.storage.engine.put(Location("bucket", "other"), info, b"body")
        checkpoint = await service.objects.storage_tier.checkpoint()
        await checkpoint.restore()
        await service.advance(60)
        assert await service.storage.engine.list("bucket") == []
