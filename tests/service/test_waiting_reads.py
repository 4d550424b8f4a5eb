"""Gets of one object at the same time: nobody waits behind others, or is told what is old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.outcome import Outcome

from .harness import Found, Service

READERS = 6


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    await service.configure()
    yield service
    await service.close()


class Gate:
    """A hook that holds calls up at a point until it is opened, and counts them."""

    def __init__(self, point: str, error: Exception | None = None) -> None:
        self.opened = asyncio.Event()
        self.came = 0
        self._point = point
        self._error = error

    async def __call__(self, point: str) -> None:
        if point != self._point:
            return
        self.came += 1
        await self.opened.wait()
        if self._error is not None:
            raise self._error


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_those_who_wait_for_a_storage_that_fails_fail_with_the_first(
    service: Service,
) -> None:
    gate = Gate("before storage.open", EngineUnavailableError("it hangs"))
    service.storage.hook = gate
    readers = [asyncio.ensure_future(service.get()) for _ in range(READERS)]
    await settled()
    gate.opened.set()
    found = await asyncio.gather(*readers, return_exceptions=True)
    assert [type(each) for each in found] == [EngineUnavailableError] * READERS
    assert gate.came == 1


async def test_those_who_wait_for_a_read_find_its_copy(service: Service) -> None:
    info = await service.put(b"body")
    await service.lose_cache()
    gate = Gate("before storage.open")
    service.storage.hook = gate
    readers = [asyncio.ensure_future(service.get()) for _ in range(READERS)]
    await settled()
    gate.opened.set()
    found = await asyncio.gather(*readers)
    assert sorted(each.outcome for each in found) == sorted(
        [Outcome.STORAGE_HIT, *[Outcome.CACHE_HIT] * (READERS - 1)]
    )
    assert all((each.info, each.body) == (info, b"body") for each in found)
    assert gate.came == 1


async def test_who_comes_after_a_put_is_not_told_what_was_read_before_it(
    service: Service,
) -> None:
    await service.put(b"old")
    await service.lose_cache()
    gate = Gate("after storage.open")
    service.storage.hook = gate
    first = asyncio.ensure_future(service.get())
    await settled()
    info = await service.put(b"new")
    await service.lose_cache()
    then = asyncio.ensure_future(service.get())
    await settled()
    gate.opened.set()
    assert (await first).body == b"old"
    assert await then == Found(Outcome.STORAGE_HIT, info, b"new")
    assert (await service.get()).body == b"new"


async def test_a_put_that_may_yet_arrive_leaves_nothing_that_could_be_taken_for_it(
    service: Service,
) -> None:
    await service.put(b"old")
    gate = Gate("before storage.commit", OutcomeUnknownError("no answer"))
    gate.opened.set()
    service.storage.hook = gate
    with pytest.raises(OutcomeUnknownError):
        await service.put(b"late")
    assert (await service.get()).body == b"old"
    store = await service.stores.get("store")
    arrived = service.objects.stamp(4, {}, None)
    await service.storage.engine.put(store.location("key"), arrived, b"late")
    assert await service.get() == Found(Outcome.STORAGE_HIT, arrived, b"late")


async def test_a_writer_does_not_wait_for_ever_for_those_ahead(service: Service) -> None:
    service.storage.patience = 0.01
    gate = Gate("before storage.commit")
    service.storage.hook = gate
    ahead = asyncio.ensure_future(service.put(b"first"))
    await settled()
    with pytest.raises(EngineUnavailableError, match="held it up"):
        await service.put(b"second")
    gate.opened.set()
    info = await ahead
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"first")
