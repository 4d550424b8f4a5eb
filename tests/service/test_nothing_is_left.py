"""What has ended or was deleted takes no memory."""

from __future__ import annotations

import asyncio

import pytest

from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.service.cache_tier import cache_key_of

from .harness import Service
from .tiers import FaultError, Faults, Hold, do_nothing


@pytest.mark.parametrize("kind", ["put", "get"])
async def test_a_store_that_is_deleted_meanwhile_leaves_no_copy(kind: str) -> None:
    service = Service()
    await service.configure()
    await service.put(b"body")
    await service.lose_cache()
    service.storage.hook = hold = Hold("after storage.commit", "after storage.open")
    working = asyncio.create_task(service.put(b"new") if kind == "put" else service.get())
    await hold.reached.wait()
    store = await service.stores.get("store")
    await service.stores.delete("store")
    hold.may_go_on.set()
    await working
    service.storage.hook = do_nothing
    assert await service.cache.engine.list(store.cluster_name, store.cache_namespace) == []
    await service.close()


async def test_a_get_that_fails_leaves_no_lease(service: Service) -> None:
    await service.put(b"body")
    await service.lose_cache()
    faults = Faults()
    service.storage.hook = faults
    with faults.at("before storage.open"), pytest.raises(FaultError):
        await service.get()
    cache = service.cache.engine
    assert isinstance(cache, MemoryCache | FakeRedisCache)
    assert cache._leases._fills == {}


async def test_a_store_that_is_deleted_leaves_no_entry_in_doubt() -> None:
    service = Service()
    await service.configure()
    await service.put(b"old")
    faults = Faults()
    service.cache.hook = faults
    with faults.at("before cache.set", "before cache.delete"):
        await service.put(b"new")
    assert len(service.tier._distrusted) == 1
    await service.stores.delete("store")
    assert service.tier._distrusted == {}
    await service.close()


async def test_an_entry_in_doubt_is_not_used_at_once_and_makes_no_other_wait() -> None:
    service = Service()
    await service.configure()
    store = await service.stores.get("store")
    for key in ("certain", "doubted"):
        await service.put(b"body", key)
    service.tier.wrap(lambda _: service.cache.engine)  # Only an engine without hooks can be asked.
    service.tier._distrust(cache_key_of(store, "doubted"))
    copy = service.tier.get_now(store, "certain")
    assert copy is not None
    assert copy.body == b"body"
    assert service.tier.get_now(store, "doubted") is None
    await service.close()
