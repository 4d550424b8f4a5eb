"""What every cache engine does: copies of objects, by cluster, namespace and key."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.entries import SLACK_MILLISECONDS
from emulator.backends.cache.fakeredis import MAX_LIFETIME_MILLISECONDS, FakeRedisCache
from emulator.backends.copy_on_write import SHARDS
from emulator.core.clock import MICROSECONDS
from emulator.core.object_info import ObjectInfo
from tests.suites import examples, over
from tests.support.bodies import some_bytes

from .engines import CACHES, opened_cache
from .objects import an_info, infos, utf8_text

KEY = CacheKey("cluster", "namespace", "key")

DAY = 24 * 60 * 60 * MICROSECONDS

EVERY_ENGINE = pytest.mark.parametrize("engine", over(*CACHES))

BODIES = [b"", b"\n", b"\n\n{}\n", b'{"size":0}\nbody', b"\r\n", bytes(range(256)), b"\0"]


def copy_of(body: bytes, *, version: int = 1) -> CachedObject:
    return CachedObject(an_info(len(body), version=version, metadata={"a": "1"}), body)


async def fill(cache: Cache, keys: list[CacheKey]) -> dict[CacheKey, CachedObject]:
    """Set another copy at each of `keys`."""
    copies = {key: copy_of(str(number).encode()) for number, key in enumerate(keys)}
    for key, copy in copies.items():
        await cache.set(key, copy, lifetime=None)
    return copies


async def test_where_nothing_was_set_there_is_no_copy(cache: Cache) -> None:
    assert await cache.get(KEY) is None
    await cache.set(KEY, copy_of(b"body"), lifetime=None)
    for other in (
        KEY._replace(cluster="other"),
        KEY._replace(namespace="other"),
        KEY._replace(key="other"),
        KEY._replace(key=""),
        KEY._replace(key="*"),
    ):
        assert await cache.get(other) is None


@pytest.mark.parametrize("body", [*BODIES, some_bytes(100_000)], ids=lambda body: repr(body[:8]))
async def test_a_copy_comes_back_whatever_its_body(cache: Cache, body: bytes) -> None:
    await cache.set(KEY, copy_of(body), lifetime=None)
    assert await cache.get(KEY) == copy_of(body)


@settings(max_examples=examples(80))
@EVERY_ENGINE
@given(info=infos, body=st.binary(max_size=50))
async def test_a_copy_comes_back_with_all_that_is_kept_with_it(
    engine: str, info: ObjectInfo, body: bytes
) -> None:
    async with opened_cache(engine) as cache:
        await cache.set(KEY, CachedObject(info, body), lifetime=None)
        assert await cache.get(KEY) == CachedObject(info, body)


@pytest.mark.parametrize("lifetime", [None, DAY])
async def test_a_copy_takes_the_place_of_the_one_before(cache: Cache, lifetime: int | None) -> None:
    for version, body in enumerate([b"a long body", b"", b"short"]):
        await cache.set(KEY, copy_of(body, version=version), lifetime=lifetime)
        assert await cache.get(KEY) == copy_of(body, version=version)


async def test_a_copy_that_is_deleted_is_gone_and_no_other(cache: Cache) -> None:
    others = [KEY._replace(key=key) for key in ("key2", "*", "k*", "KEY", "key/")]
    copies = await fill(cache, [KEY, *others])
    await cache.delete(KEY)
    assert await cache.get(KEY) is None
    for other in others:
        assert await cache.get(other) == copies[other]


async def test_deleting_where_there_is_no_copy_does_nothing(cache: Cache) -> None:
    await cache.delete(KEY)
    await cache.set(KEY, copy_of(b"body"), lifetime=None)
    await cache.delete(KEY)
    await cache.delete(KEY)
    assert await cache.get(KEY) is None


@pytest.mark.proves("D15")
async def test_dropping_a_namespace_leaves_the_others_and_other_clusters_alone(
    cache: Cache,
) -> None:
    dropped = [KEY._replace(key=key) for key in ("key", "", "a/b", "*", "[a]", "\n", "日本", ":")]
    kept = [key._replace(namespace=name) for key in dropped for name in ("namespace2", "other")]
    kept += [key._replace(cluster="other") for key in dropped]
    copies = await fill(cache, dropped + kept)
    await cache.drop("cluster", "namespace")
    assert [key for key in dropped if await cache.get(key) is not None] == []
    assert [key for key in kept if await cache.get(key) != copies[key]] == []


@pytest.mark.proves("D15")
async def test_a_namespace_of_many_keys_is_dropped_to_the_last(cache: Cache) -> None:
    dropped = [KEY._replace(key=f"key-{number}") for number in range(2500)]
    kept = [key._replace(namespace="other") for key in dropped[:100]]
    copies = await fill(cache, dropped + kept)
    await cache.drop("cluster", "namespace")
    assert sum([await cache.get(key) is not None for key in dropped]) == 0
    assert [key for key in kept if await cache.get(key) != copies[key]] == []


async def test_while_a_large_namespace_is_dropped_from_fakeredis_others_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("emulator.core.slices._TURN_NANOSECONDS", 0)
    async with opened_cache("fakeredis") as cache:
        await fill(cache, [KEY._replace(key=f"key-{number}") for number in range(2500)])
        dropping = [asyncio.ensure_future(cache.drop("cluster", "namespace")) for _ in range(2)]
        turns = 0
        while not all(each.done() for each in dropping):
            await asyncio.sleep(0)
            turns += 1
        assert turns >= SHARDS // 4
        await asyncio.gather(*dropping)
        assert await cache.list("cluster", "namespace") == []
        await cache.check()


async def test_a_namespace_may_be_dropped_twice_and_filled_again(cache: Cache) -> None:
    await cache.drop("cluster", "namespace")
    for _ in range(2):
        await fill(cache, [KEY])
        await cache.drop("cluster", "namespace")
        assert await cache.get(KEY) is None


@pytest.mark.parametrize("other", ["a", "abc", "aba", "AB", "abab"])
async def test_dropping_a_namespace_leaves_those_with_a_similar_name_alone(
    cache: Cache, other: str
) -> None:
    gone, stays = KEY._replace(namespace="ab"), KEY._replace(namespace=other)
    copies = await fill(cache, [gone, stays])
    await cache.drop("cluster", "ab")
    assert await cache.get(gone) is None
    assert await cache.get(stays) == copies[stays]


async def test_clearing_forgets_every_copy_in_every_cluster(cache: Cache) -> None:
    keys = [
        CacheKey(cluster, namespace, key)
        for cluster in ("a", "b")
        for namespace in ("c", "d")
        for key in ("e", "f")
    ]
    for _ in range(2):
        copies = await fill(cache, keys)
        assert [await cache.get(key) for key in keys] == list(copies.values())
        await cache.clear()
        assert [await cache.get(key) for key in keys] == [None] * len(keys)


async def test_flushing_a_cluster_forgets_every_copy_in_it_and_leaves_others_alone(
    cache: Cache,
) -> None:
    await cache.flush("cluster")
    flushed = [
        CacheKey("cluster", namespace, key) for namespace in ("n", "nn", "m") for key in ("", "*")
    ]
    kept = [place._replace(cluster=name) for place in flushed for name in ("cluster2", "*", "c")]
    for _ in range(2):
        copies = await fill(cache, flushed + kept)
        await cache.flush("cluster")
        assert [place for place in flushed if await cache.get(place) is not None] == []
        assert [place for place in kept if await cache.get(place) != copies[place]] == []


async def test_an_engine_that_works_passes_its_check(cache: Cache) -> None:
    await cache.check()
    await cache.set(KEY, copy_of(b"body"), lifetime=None)
    await cache.check()


@pytest.mark.parametrize(
    "lifetime",
    [
        pytest.param(DAY, id="a-day"),
        pytest.param((MAX_LIFETIME_MILLISECONDS - SLACK_MILLISECONDS) * 1000, id="the-longest"),
        pytest.param((MAX_LIFETIME_MILLISECONDS - SLACK_MILLISECONDS + 1) * 1000, id="longer"),
        pytest.param(2**63 * 1000, id="beyond-64-bits"),
        pytest.param(10**24, id="thirty-thousand-million-years"),
        pytest.param(1, id="a-microsecond"),
    ],
)
async def test_a_copy_stays_for_its_lifetime_however_long(cache: Cache, lifetime: int) -> None:
    await cache.set(KEY, copy_of(b"body"), lifetime=lifetime)
    assert await cache.get(KEY) == copy_of(b"body")


async def test_a_copy_without_any_lifetime_left_still_takes_the_place_of_the_one_before(
    cache: Cache,
) -> None:
    await cache.set(KEY, copy_of(b"old"), lifetime=None)
    await cache.set(KEY, copy_of(b"new", version=2), lifetime=0)
    assert await cache.get(KEY) in (None, copy_of(b"new", version=2))


_texts = utf8_text(max_bytes=1024, min_size=0)
_namespaces = st.text("abAB01", min_size=1, max_size=3)
_hostile_texts = st.text("ab*?[]\\^-:\n", min_size=1, max_size=4)


@settings(max_examples=examples(60))
@EVERY_ENGINE
@given(keys=st.lists(_texts, min_size=1, max_size=8, unique=True))
async def test_every_key_has_a_copy_of_its_own(engine: str, keys: list[str]) -> None:
    async with opened_cache(engine) as cache:
        places = [KEY._replace(key=key) for key in keys]
        copies = await fill(cache, places)
        assert [await cache.get(place) for place in places] == list(copies.values())
        await cache.delete(places[0])
        assert [await cache.get(place) for place in places] == [None, *list(copies.values())[1:]]
        await cache.drop("cluster", "namespace")
        assert [await cache.get(place) for place in places] == [None] * len(places)


@settings(max_examples=examples(100))
@EVERY_ENGINE
@given(
    places=st.lists(
        st.builds(
            CacheKey,
            st.sampled_from(["c", "C", "c*", "c:a", "日本"]),
            _namespaces,
            _hostile_texts | utf8_text(max_bytes=200),
        ),
        min_size=2,
        max_size=6,
        unique=True,
    )
)
@example([CacheKey("c", "a", "b:c"), CacheKey("c", "b", "a:c"), CacheKey("c:a", "b", "c")])
async def test_every_cluster_and_namespace_has_keys_of_its_own(
    engine: str, places: list[CacheKey]
) -> None:
    async with opened_cache(engine) as cache:
        copies = await fill(cache, places)
        assert {place: await cache.get(place) for place in places} == copies
        cluster, namespace, _ = places[0]
        await cache.drop(cluster, namespace)
        left = {place: await cache.get(place) for place in places}
        assert left == {
            place: None if place[:2] == (cluster, namespace) else copy
            for place, copy in copies.items()
        }


_places = st.builds(
    CacheKey,
    st.sampled_from(["c", "d"]),
    st.sampled_from(["n", "nn", "m"]),
    st.sampled_from(["k", "k/", "*"]),
)
_operations = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "delete", "drop", "flush", "clear"]),
        _places,
        st.sampled_from([None, DAY, 10**24]),
    ),
    max_size=30,
)


@settings(max_examples=examples(60))
@EVERY_ENGINE
@given(operations=_operations)
async def test_a_cache_is_a_dictionary_of_copies(
    engine: str, operations: list[tuple[str, CacheKey, int | None]]
) -> None:
    model: dict[CacheKey, CachedObject] = {}
    async with opened_cache(engine) as cache:
        for version, (operation, place, lifetime) in enumerate(operations):
            if operation == "set":
                model[place] = copy_of(b"body", version=version)
                await cache.set(place, model[place], lifetime=lifetime)
            elif operation == "delete":
                model.pop(place, None)
                await cache.delete(place)
            elif operation == "drop":
                await cache.drop(place.cluster, place.namespace)
                model = {key: copy for key, copy in model.items() if key[:2] != place[:2]}
            elif operation == "flush":
                await cache.flush(place.cluster)
                model = {key: copy for key, copy in model.items() if key[0] != place.cluster}
            else:
                await cache.clear()
                model.clear()
            assert await cache.get(place) == model.get(place)
            assert await cache.list(place.cluster, place.namespace) == sorted(
                (key.key, copy.info) for key, copy in model.items() if key[:2] == place[:2]
            )
        for place, copy in model.items():
            assert await cache.get(place) == copy


def ask(cache: FakeRedisCache, command: str, name: str, *rest: str) -> object:
    """What the fakeredis server of the cluster `cluster` answers."""
    return cache._cluster("cluster").execute(command, name.encode(), *rest)


async def test_an_entry_of_fakeredis_is_a_line_of_json_and_the_body() -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        info = ObjectInfo(5, 17, 18, expires_at=19, metadata={"content-type": "text/é\u2028"})
        await cache.set(KEY, CachedObject(info, b"bo\ndy"), lifetime=None)
        assert list(cache._cluster("cluster").slices()) == [[b"namespace:key"]]
        entry = ask(cache, "GET", "namespace:key")
        assert isinstance(entry, bytes)
        line, body = entry.split(b"\n", 1)
        assert body == b"bo\ndy"
        assert json.loads(line) == {
            "size": 5,
            "created_at": 17,
            "version": 18,
            "expires_at": 19,
            "metadata": {"content-type": "text/é\u2028"},
        }


@pytest.mark.parametrize("lifetime", [0, 1, 999, 1000, MICROSECONDS, DAY, 365 * DAY])
async def test_an_entry_of_fakeredis_outlives_its_object_by_the_slack(lifetime: int) -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        before = time.time_ns() // 1_000_000
        await cache.set(KEY, copy_of(b"body"), lifetime=lifetime)
        end = ask(cache, "PEXPIRETIME", "namespace:key")
        after = time.time_ns() // 1_000_000
        assert isinstance(end, int)
        assert before + lifetime // 1000 <= end - SLACK_MILLISECONDS <= after + lifetime // 1000 + 1


@pytest.mark.parametrize("lifetime", [None, 20 * 365 * DAY, 10**24])
async def test_an_entry_of_fakeredis_has_no_end_where_its_object_has_none_to_speak_of(
    lifetime: int | None,
) -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        await cache.set(KEY, copy_of(b"before"), lifetime=DAY)
        await cache.set(KEY, copy_of(b"body"), lifetime=lifetime)
        assert ask(cache, "PTTL", "namespace:key") == -1


async def test_the_entries_of_fakeredis_are_where_checkpoints_look_for_them() -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        await cache.set(KEY, copy_of(b"body"), lifetime=DAY)
        cluster = cache._cluster("cluster")
        held = cluster.share()
        entry, end = ask(cache, "GET", "namespace:key"), ask(cache, "PEXPIRETIME", "namespace:key")
        values = {name: item.value for shard in held for name, item in shard.items()}
        assert values == {b"namespace:key": entry}
        for change in (
            cache.set(KEY, copy_of(b"new"), lifetime=None),
            cache.delete(KEY),
            cache.drop("cluster", "namespace"),
            cache.flush("cluster"),
            cache.clear(),
        ):
            await change
            assert ask(cache, "GET", "namespace:key") != entry
            cluster = cache._cluster("cluster")
            cluster.replace(held)
            assert list(cluster.slices()) == [[b"namespace:key"]]
            assert ask(cache, "GET", "namespace:key") == entry
            assert ask(cache, "PEXPIRETIME", "namespace:key") == end


async def test_an_entry_of_fakeredis_that_was_brought_back_still_has_its_end() -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        await cache.set(KEY, copy_of(b"body"), lifetime=None)
        ask(cache, "PEXPIRE", "namespace:key", "20")
        await cache.set(KEY._replace(key="other"), copy_of(b"body"), lifetime=None)
        checkpoint = await cache.checkpoint()
        await cache.clear()
        await checkpoint.restore()
        while ask(cache, "EXISTS", "namespace:key"):
            """Its time is fakeredis's own, which goes by."""
        assert await cache.get(KEY) is None
        assert await cache.list("cluster", "namespace") == [("other", copy_of(b"body").info)]
        await checkpoint.restore()
        assert await cache.get(KEY) is None


@pytest.mark.parametrize("name", ["memory", "fakeredis"])
async def test_a_copy_is_removed_once_it_has_expired_and_not_before(name: str) -> None:
    async with opened_cache(name) as cache:
        info = an_info(4)._replace(expires_at=DAY)
        await cache.set(KEY, CachedObject(info, b"body"), lifetime=DAY)
        assert await cache.expire(KEY, DAY - 1) == info
        assert await cache.get(KEY) == CachedObject(info, b"body")
        assert await cache.expire(KEY, DAY) == info
        assert await cache.get(KEY) is None
        assert await cache.expire(KEY, DAY) is None


@pytest.mark.parametrize("name", ["memory", "fakeredis"])
async def test_removing_what_has_expired_disturbs_no_lease(name: str) -> None:
    async with opened_cache(name) as cache:
        old, new = (
            CachedObject(an_info(4, version=each)._replace(expires_at=each), b"body")
            for each in (1, 2)
        )
        await cache.set(KEY, old, lifetime=1)
        lease = await cache.begin_write(KEY)
        await cache.expire(KEY, 1)
        await cache.end_write(KEY, lease, new, lifetime=1)
        assert await cache.get(KEY) == new


@pytest.mark.parametrize("name", ["memory", "fakeredis"])
async def test_every_copy_that_expires_is_found_with_its_instant(name: str) -> None:
    async with opened_cache(name) as cache:
        wanted = {}
        for number in range(6000):
            key = CacheKey(f"cluster-{number % 2}", f"namespace{number % 3}", f"a:{number}/ü")
            expires_at = None if number % 4 == 3 else DAY + number
            info = an_info(0)._replace(expires_at=expires_at)
            lifetime = None if expires_at is None else expires_at
            await cache.set(key, CachedObject(info, b""), lifetime=lifetime)
            if expires_at is not None:
                wanted[key] = expires_at
        found = [each async for some in cache.expiring() for each in some]
        assert len(found) == len(wanted)
        assert dict(found) == wanted


async def test_a_cluster_without_entries_takes_no_memory() -> None:
    async with opened_cache("fakeredis") as cache:
        assert isinstance(cache, FakeRedisCache)
        for number in range(3):
            key = KEY._replace(cluster=f"cluster-{number}")
            await cache.set(key, copy_of(b"body"), lifetime=None)
        checkpoint = await cache.checkpoint()
        for number in range(3):
            await cache.drop(f"cluster-{number}", KEY.namespace)
        assert cache._clusters == {}
        await checkpoint.restore()
        assert await cache.get(KEY._replace(cluster="cluster-1")) == copy_of(b"body")
