"""An object that is told to expire while others read it."""

from __future__ import annotations

import asyncio

import pytest

from emulator.control.expire import Expiry
from emulator.core.outcome import Outcome

from .harness import NOW, Service
from .tiers import Hold


@pytest.mark.parametrize("point", ["after storage.open", "before cache.set"])
async def test_a_get_that_has_read_it_before_does_not_cache_it_as_it_was(
    service: Service, point: str
) -> None:
    await service.configure()
    await service.put(b"body")
    await service.lose_cache()
    hold = Hold(point)
    service.cache.hook = service.storage.hook = hold
    reading = asyncio.ensure_future(service.get())
    await hold.reached.wait()
    expiry = Expiry(service.stores, service.objects, service.tier, service.clock, asyncio.Lock())
    await expiry.expire("store", "key")
    hold.may_go_on.set()
    assert (await reading).body == b"body"
    assert await service.cached() is None
    stored = await service.stored()
    assert stored is not None
    assert stored.info.expires_at == NOW
    assert (await service.get()).outcome is Outcome.STORAGE_HIT_EXPIRED
