"""A tier that fails: the cache costs speed and never a wrong answer, storage costs the answer."""

from __future__ import annotations

import pytest

from emulator.core.outcome import Outcome
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, STREAMED, Found, Service, configuration
from .tiers import FaultError, Faults

LARGE = CACHE_LIMIT + 1

CACHE_CALLS = ("get", "set", "delete", "drop")
CACHE_IS_DOWN = [f"before cache.{call}" for call in CACHE_CALLS]

MOMENTS = pytest.mark.parametrize("moment", ["before", "after"])
"""A call that fails may have done nothing, or everything."""

OLD = pytest.mark.parametrize(
    "old",
    [
        pytest.param(None, id="nothing-before"),
        pytest.param(b"old", id="cached-before"),
        pytest.param(some_bytes(STREAMED, seed=1), id="uncached-before"),
    ],
)

NEW_SIZES = pytest.mark.parametrize("new_size", [0, 10, LARGE, STREAMED])


async def expect_both_tiers_to_agree(service: Service) -> None:
    """What is served is what storage has, first and again, whatever the cache has."""
    stored = await service.stored()
    for _ in range(3):
        found = await service.get()
        assert (found.info, found.body) == (stored or (None, None))
    assert await service.cached() in (None, stored)


@pytest.mark.proves("D34")
@MOMENTS
async def test_a_get_is_served_from_storage_where_the_cache_cannot_be_read(
    service: Service, faults: Faults, moment: str
) -> None:
    info = await service.put(b"body")
    with faults.at(f"{moment} cache.get"):
        assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")
        assert await service.get("missing") == Found(Outcome.MISS, None, None)
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.proves("D34")
@MOMENTS
async def test_a_get_is_served_where_the_cache_cannot_be_filled(
    service: Service, faults: Faults, moment: str
) -> None:
    info = await service.put(b"body")
    await service.lose_cache()
    with faults.at(f"{moment} cache.set"):
        assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")
        # What was filled before the failure is as good as any other copy.
        then = Outcome.STORAGE_HIT if moment == "before" else Outcome.CACHE_HIT
        assert await service.get() == Found(then, info, b"body")
    await expect_both_tiers_to_agree(service)
    assert (await service.get()).outcome == Outcome.CACHE_HIT


@pytest.mark.proves("D34")
@NEW_SIZES
@MOMENTS
async def test_a_put_succeeds_where_the_cache_cannot_be_written_and_the_old_object_is_gone(
    service: Service, faults: Faults, moment: str, new_size: int
) -> None:
    await service.put(b"old")
    with faults.at(f"{moment} cache.set", f"{moment} cache.delete"):
        info = await service.put(some_bytes(new_size))
        for _ in range(2):
            found = await service.get()
            assert (found.info, found.body) == (info, some_bytes(new_size))
    for _ in range(3):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(new_size))


@pytest.mark.proves("D34")
@NEW_SIZES
@pytest.mark.parametrize("asked_meanwhile", [True, False])
async def test_a_cache_that_is_back_with_its_old_content_is_not_believed(
    service: Service, faults: Faults, new_size: int, asked_meanwhile: bool
) -> None:
    old = await service.put(b"old")
    with faults.at(*CACHE_IS_DOWN):
        info = await service.put(some_bytes(new_size))
        if asked_meanwhile:
            assert (await service.get()).info == info
    assert await service.cached() == (old, b"old")
    for _ in range(3):
        found = await service.get()
        assert (found.info, found.body) == (info, some_bytes(new_size))
    if new_size <= CACHE_LIMIT:
        assert await service.cached() == (info, some_bytes(new_size))
        assert found.outcome == Outcome.CACHE_HIT


@pytest.mark.proves("D34")
async def test_an_entry_is_believed_again_once_it_was_replaced(
    service: Service, faults: Faults
) -> None:
    await service.put(b"old")
    with faults.at(*CACHE_IS_DOWN):
        await service.put(b"new")
    newest = await service.put(b"newest")
    assert await service.get() == Found(Outcome.CACHE_HIT, newest, b"newest")


@pytest.mark.proves("D34")
async def test_only_the_objects_that_were_written_meanwhile_are_not_believed(
    service: Service, faults: Faults
) -> None:
    kept = await service.put(b"kept", "other")
    await service.put(b"old")
    with faults.at(*CACHE_IS_DOWN):
        await service.put(b"new")
    assert await service.get("other") == Found(Outcome.CACHE_HIT, kept, b"kept")


@pytest.mark.proves("D34")
async def test_an_expired_object_stays_gone_where_the_cache_cannot_be_told(
    service: Service, faults: Faults
) -> None:
    await service.put(b"old", ttl=1)
    service.clock.advance(1)
    with faults.at("before cache.delete"):
        assert (await service.get()).outcome == Outcome.CACHE_HIT_EXPIRED
        assert (await service.get()).body is None
    assert (await service.get()).body is None
    new = await service.put(b"new")
    assert await service.get() == Found(Outcome.CACHE_HIT, new, b"new")


@pytest.mark.proves("D34")
async def test_stores_are_updated_and_deleted_where_the_cache_is_down(
    service: Service, faults: Faults
) -> None:
    await service.put(b"old")
    with faults.at(*CACHE_IS_DOWN):
        await service.configure("store", configuration("other"))
        info = await service.put(b"body")
        await service.stores.delete("store")
        await service.configure("store", configuration("other"))
        assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")
    assert await service.get() == Found(Outcome.STORAGE_HIT, info, b"body")
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.proves("Put Object: 500")
@NEW_SIZES
@OLD
@pytest.mark.parametrize("point", ["before storage.write", "before storage.commit"])
async def test_a_put_that_storage_refuses_fails_and_leaves_the_old_object(
    service: Service, faults: Faults, point: str, old: bytes | None, new_size: int
) -> None:
    before = None if old is None else (await service.put(old), old)
    with faults.at(point), pytest.raises(FaultError):
        await service.put(some_bytes(new_size))
    assert await service.stored() == before
    await expect_both_tiers_to_agree(service)


@pytest.mark.proves("Put Object: 500")
@NEW_SIZES
@OLD
async def test_a_put_that_storage_took_though_it_says_otherwise_is_what_is_served(
    service: Service, faults: Faults, old: bytes | None, new_size: int
) -> None:
    if old is not None:
        await service.put(old)
    with faults.at("after storage.commit"), pytest.raises(FaultError):
        await service.put(some_bytes(new_size))
    stored = await service.stored()
    assert stored is not None
    assert stored.body == some_bytes(new_size)
    await expect_both_tiers_to_agree(service)


@pytest.mark.proves("Put Object: 500")
@NEW_SIZES
@MOMENTS
async def test_both_tiers_agree_after_a_put_in_which_both_failed(
    service: Service, faults: Faults, moment: str, new_size: int
) -> None:
    await service.put(b"old")
    points = [f"{moment} storage.commit", "before cache.set", "before cache.delete"]
    with faults.at(*points):
        with pytest.raises(FaultError, match="storage"):
            await service.put(some_bytes(new_size))
        stored = await service.stored()
        found = await service.get()
        assert (found.info, found.body) == stored
    stored = await service.stored()
    for _ in range(3):
        found = await service.get()
        assert (found.info, found.body) == stored


@pytest.mark.proves("D34")
async def test_a_cached_object_is_served_while_storage_is_down(
    service: Service, faults: Faults
) -> None:
    info = await service.put(b"body")
    with faults.at("before storage.open", "before storage.commit"):
        assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.proves("Get Object: 500")
@pytest.mark.parametrize("size", [10, LARGE, STREAMED])
async def test_an_object_that_is_not_cached_cannot_be_had_while_storage_is_down(
    service: Service, faults: Faults, size: int
) -> None:
    info = await service.put(some_bytes(size))
    await service.lose_cache()
    with faults.at("before storage.open"):
        for key in ("key", "missing"):
            with pytest.raises(FaultError):
                await service.get(key)
    found = await service.get()
    assert (found.info, found.body) == (info, some_bytes(size))
    assert (await service.get("missing")).outcome == Outcome.MISS


@pytest.mark.proves("Get Object: 500")
async def test_an_object_cannot_be_had_while_both_tiers_are_down(
    service: Service, faults: Faults
) -> None:
    info = await service.put(b"body")
    with faults.at("before storage.open", "before cache.get"), pytest.raises(FaultError):
        await service.get()
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")
