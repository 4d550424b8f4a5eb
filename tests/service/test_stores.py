"""The life of a store: what becomes of its objects, of what it has cached, and of its name."""

from __future__ import annotations

import asyncio

import pytest

from emulator.backends.account.base import AccountBackend
from emulator.backends.cache.base import CacheKey
from emulator.core.errors import LimitExceededError, StoreNotFoundError
from emulator.core.outcome import Outcome
from emulator.service.store_configuration import StoreConfiguration
from emulator.service.stores import Stores
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, STREAMED, Found, Service, configuration
from .tiers import failing

LARGE = CACHE_LIMIT + 1

SIZES = pytest.mark.parametrize("size", [10, LARGE, STREAMED])

OTHER_PLACES = {
    "another bucket": configuration("other"),
    "another prefix": configuration(prefix="other"),
    "another cluster": configuration(cluster="other"),
    "another everything": configuration("other", prefix="other", cluster="other"),
}

other_places = pytest.mark.parametrize("other", OTHER_PLACES.values(), ids=OTHER_PLACES)


@pytest.mark.proves("D28")
@pytest.mark.parametrize(
    "config", [configuration(), configuration(role_arn="arn:aws:iam::210987654321:role/Another")]
)
async def test_an_update_that_leaves_the_place_of_the_objects_alone_keeps_the_cache(
    service: Service, config: StoreConfiguration
) -> None:
    info = await service.put(b"body")
    assert not (await service.stores.put("store", config))[1]
    assert await service.cached() == (info, b"body")
    assert await service.get() == Found(Outcome.CACHE_HIT, info, b"body")


@pytest.mark.proves("D28")
@other_places
async def test_an_update_that_changes_the_place_of_the_objects_starts_with_an_empty_cache(
    service: Service, other: StoreConfiguration
) -> None:
    info = await service.put(b"body")
    await service.configure("store", other)
    assert await service.cached() is None
    same_objects = (other.bucket_name, other.prefix) == ("bucket", "")
    expected = Found(Outcome.STORAGE_HIT, info, b"body")
    assert await service.get() == (expected if same_objects else Found(Outcome.MISS, None, None))


@pytest.mark.proves("D28")
@other_places
async def test_what_a_store_had_cached_in_its_old_place_is_freed(
    service: Service, other: StoreConfiguration
) -> None:
    before = await service.stores.get("store")
    await service.put(b"body")
    await service.configure("store", other)
    assert await cached_by(service, before.cluster_name, before.cache_namespace) is None


@pytest.mark.proves("D28")
@other_places
async def test_a_store_that_gets_its_old_place_back_does_not_get_its_old_cache_back(
    service: Service, other: StoreConfiguration
) -> None:
    await service.put(b"old")
    await service.configure("sibling")
    await service.configure("store", other)
    new = await service.put(b"new", store="sibling")
    await service.configure()
    assert await service.cached() is None
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, b"new")


@pytest.mark.proves("D28")
@other_places
async def test_a_store_never_serves_what_its_old_cluster_has_even_if_that_could_not_be_told(
    service: Service, other: StoreConfiguration
) -> None:
    await service.put(b"old")
    await service.configure("sibling")
    service.cache.hook = failing(ConnectionError, "before cache.drop")
    await service.configure("store", other)
    new = await service.put(b"new", store="sibling")
    await service.configure()
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, b"new")


@pytest.mark.proves("D15")
@SIZES
async def test_the_objects_of_a_deleted_store_stay_in_the_bucket_and_nothing_in_the_cache(
    service: Service, size: int
) -> None:
    store = await service.stores.get("store")
    info = await service.put(some_bytes(size))
    await service.stores.delete("store")
    assert await cached_by(service, store.cluster_name, store.cache_namespace) is None
    await service.configure("sibling")
    assert await service.stored(store="sibling") == (info, some_bytes(size))
    with pytest.raises(StoreNotFoundError):
        await service.get()


@pytest.mark.proves("D15")
@pytest.mark.parametrize("told", [True, False])
@SIZES
async def test_a_new_store_of_that_name_sees_the_objects_as_they_are_now(
    service: Service, size: int, told: bool
) -> None:
    if not told:
        service.cache.hook = failing(ConnectionError, "before cache.drop")
    await service.put(b"old")
    await service.put(b"unchanged", "other")
    await service.stores.delete("store")
    await service.configure("sibling")
    new = await service.put(some_bytes(size), store="sibling")
    _, created = await service.stores.put("store", configuration())
    assert created
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, some_bytes(size))
    found = await service.get("other")
    assert (found.outcome, found.body) == (Outcome.STORAGE_HIT, b"unchanged")


@pytest.mark.proves("D15")
async def test_a_new_store_of_that_name_over_another_bucket_sees_nothing_of_the_old(
    service: Service,
) -> None:
    await service.put(b"old")
    await service.stores.delete("store")
    await service.configure("store", configuration("other"))
    assert await service.get() == Found(Outcome.MISS, None, None)


@pytest.mark.proves("D29")
async def test_a_write_through_one_store_is_not_seen_by_what_another_still_has_cached(
    service: Service,
) -> None:
    await service.configure("sibling")
    old = await service.put(b"old")
    assert await service.get(store="sibling") == Found(Outcome.STORAGE_HIT, old, b"old")
    new = await service.put(b"new", store="sibling")
    assert await service.get() == Found(Outcome.CACHE_HIT, old, b"old")
    assert await service.get(store="sibling") == Found(Outcome.CACHE_HIT, new, b"new")
    assert await service.stored() == await service.stored(store="sibling") == (new, b"new")
    await service.lose_cache()
    assert await service.get() == Found(Outcome.STORAGE_HIT, new, b"new")


@pytest.mark.proves("D29")
async def test_two_stores_over_one_bucket_have_a_cache_each_even_in_one_cluster(
    service: Service,
) -> None:
    await service.configure("sibling")
    info = await service.put(b"body")
    assert await service.cached() == (info, b"body")
    assert await service.cached(store="sibling") is None
    await service.stores.delete("sibling")
    assert await service.cached() == (info, b"body")


@pytest.mark.proves("D14")
async def test_stores_that_name_one_place_by_bucket_prefix_and_key_share_its_objects(
    service: Service,
) -> None:
    await service.configure("below", configuration(prefix="a/b"))
    info = await service.put(b"body", "c", store="below")
    assert await service.get("a/b/c") == Found(Outcome.STORAGE_HIT, info, b"body")
    assert await service.get("c") == Found(Outcome.MISS, None, None)


@pytest.mark.proves("Delete Object Store: 404")
async def test_a_store_that_does_not_exist_can_be_neither_read_nor_deleted(
    service: Service,
) -> None:
    for attempt in (service.stores.get, service.stores.delete):
        with pytest.raises(StoreNotFoundError, match=r"^Store Not Found$"):
            await attempt("missing")
    await service.stores.delete("store")
    with pytest.raises(StoreNotFoundError):
        await service.stores.delete("store")


def stores_of(account: AccountBackend, *, max_stores: int | None = None) -> Stores:
    return Service(account=account, max_stores=max_stores).stores


@pytest.mark.proves("Create or Update Object Store: 201")
@pytest.mark.parametrize("processes", [1, 3])
async def test_of_many_creators_of_one_store_exactly_one_created_it(
    account: AccountBackend, processes: int
) -> None:
    """Each process has its own `Stores`, and so nothing but the account to agree by."""
    callers = [stores_of(account) for _ in range(processes)] * 4
    answers = await asyncio.gather(
        *(stores.put("store", configuration(str(number))) for number, stores in enumerate(callers))
    )
    assert [created for _, created in answers].count(True) == 1
    found = await callers[0].get("store")
    assert found in [store for store, _ in answers]
    assert len(await callers[0].list()) == 1


@pytest.mark.proves("Delete Object Store: 200")
@pytest.mark.parametrize("processes", [1, 3])
async def test_of_many_who_delete_one_store_exactly_one_does(
    account: AccountBackend, processes: int
) -> None:
    callers = [stores_of(account) for _ in range(processes)] * 4
    await callers[0].put("store", configuration())
    answers = await asyncio.gather(
        *(stores.delete("store") for stores in callers), return_exceptions=True
    )
    assert answers.count(None) == 1
    assert {type(answer) for answer in answers} == {type(None), StoreNotFoundError}


@pytest.mark.proves("Create or Update Object Store: 200")
async def test_a_store_that_is_created_updated_and_deleted_at_once_is_whole_or_gone(
    account: AccountBackend,
) -> None:
    callers = [stores_of(account) for _ in range(3)]
    for _ in range(5):
        await asyncio.gather(
            *(stores.put("store", configuration(str(n))) for n, stores in enumerate(callers)),
            *(stores.delete("store") for stores in callers),
            return_exceptions=True,
        )
        for store in await callers[0].list():
            assert await callers[1].get("store") == store
            assert store.bucket_name in ("0", "1", "2")


@pytest.mark.proves("D23")
async def test_an_account_takes_no_more_stores_than_it_may_have(account: AccountBackend) -> None:
    stores = stores_of(account, max_stores=3)
    answers = await asyncio.gather(
        *(stores.put(f"store-{number % 5}", configuration()) for number in range(10)),
        return_exceptions=True,
    )
    assert len(await stores.list()) == 3
    refused = [answer for answer in answers if isinstance(answer, LimitExceededError)]
    assert len(refused) == 4
    assert sum(not isinstance(answer, BaseException) and answer[1] for answer in answers) == 3


@pytest.mark.proves("D23")
async def test_an_account_that_is_full_still_takes_updates_and_has_room_after_a_deletion(
    account: AccountBackend,
) -> None:
    stores = stores_of(account, max_stores=1)
    await stores.put("store", configuration())
    _, created = await stores.put("store", configuration("other"))
    assert not created
    with pytest.raises(LimitExceededError, match="at most 1 object stores"):
        await stores.put("second", configuration())
    await stores.delete("store")
    _, created = await stores.put("second", configuration())
    assert created


@pytest.mark.proves("D23")
async def test_an_account_that_may_have_no_stores_takes_none(account: AccountBackend) -> None:
    with pytest.raises(LimitExceededError):
        await stores_of(account, max_stores=0).put("store", configuration())


@pytest.mark.proves("D24")
async def test_stores_are_listed_by_name(account: AccountBackend) -> None:
    stores = stores_of(account)
    for name in ("b", "a", "B", "~", "a.b", "10", "9"):
        await stores.put(name, configuration())
    assert [store.name for store in await stores.list()] == ["10", "9", "B", "a", "a.b", "b", "~"]


async def cached_by(service: Service, cluster: str, namespace: str) -> object:
    """What is at `key` in a namespace of a cluster."""
    return await service.cache.engine.get(CacheKey(cluster, namespace, "key"))
