"""Pages of a store's objects: by prefix, as folders, by search, and one object alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control.object_pages import Asked, Chosen, choose
from emulator.core.object_info import ObjectInfo
from tests.suites import examples
from tests.support.client import create_store, object_path
from tests.support.emulators import Start, as_new, client, control

KEYS = ["a", "b/1", "b/2/x", "b/2/y", "c/1", "c/é", "d e+f&g", "z%2F"]


@pytest.fixture
def emulator(with_either_cache: Emulator) -> Emulator:
    """An emulator with a store of these keys: each is in one tier or in both."""
    emulator = as_new(with_either_cache)
    owner = client(emulator)
    create_store(owner, "store")
    for number, key in enumerate(KEYS):
        assert owner.put("store", key, b"body").status == 204
        if number % 3:
            emulator.tiers.drop("store", key, tier=("storage", "cache")[number % 2])
    return emulator


def page(emulator: Emulator, **query: object) -> Any:
    answer = control(emulator, "GET", f"/objects/store?{urlencode(query)}")
    assert answer.status == 200, answer
    return answer.json()


def keys_of(document: Any) -> list[str]:
    return [each["key"] for each in document["objects"]]


def test_without_a_query_all_objects_are_on_one_page(emulator: Emulator) -> None:
    found = page(emulator)
    assert found.keys() == {"objects"}
    assert keys_of(found) == sorted(KEYS)
    assert found["objects"] == [each.document() for each in emulator.tiers.objects("store")]


def test_a_page_has_no_more_than_its_limit_and_says_where_the_next_begins(
    emulator: Emulator,
) -> None:
    found, after = [], ""
    for _ in range(len(KEYS)):
        part = page(emulator, limit=3, after=after)
        assert part["count"] == len(KEYS)
        assert len(part["objects"]) <= 3
        found += keys_of(part)
        after = part["next"]
        if after is None:
            break
    assert found == sorted(KEYS)


def test_a_last_page_that_is_full_has_no_next(emulator: Emulator) -> None:
    assert page(emulator, limit=len(KEYS))["next"] is None


def test_with_a_delimiter_keys_are_folders(emulator: Emulator) -> None:
    found = page(emulator, delimiter="/")
    assert keys_of(found) == ["a", "d e+f&g", "z%2F"]
    assert found["prefixes"] == ["b/", "c/"]
    inside = page(emulator, delimiter="/", prefix="b/")
    assert (keys_of(inside), inside["prefixes"]) == (["b/1"], ["b/2/"])
    assert page(emulator, delimiter="/", prefix="b/", after="b/2/")["objects"] == []


def test_a_folder_counts_once_on_a_page(emulator: Emulator) -> None:
    first = page(emulator, delimiter="/", limit=2)
    assert (keys_of(first), first["prefixes"], first["next"]) == (["a"], ["b/"], "b/")
    second = page(emulator, delimiter="/", limit=2, after="b/")
    assert (keys_of(second), second["prefixes"]) == (["d e+f&g"], ["c/"])


def test_a_search_finds_a_text_anywhere_in_a_key(emulator: Emulator) -> None:
    assert keys_of(page(emulator, search="1")) == ["b/1", "c/1"]
    assert keys_of(page(emulator, search="e+f&")) == ["d e+f&g"]
    assert page(emulator, search="B", limit=1)["count"] == 0


def test_an_empty_text_is_as_none(emulator: Emulator) -> None:
    assert page(emulator, prefix="", search="", after="", delimiter="") == page(emulator)


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "x", "", "1" * 30, "٣", "+1", " 1"])
def test_a_limit_is_a_whole_number_from_1_on(emulator: Emulator, limit: str) -> None:
    answer = control(emulator, "GET", f"/objects/store?limit={quote(limit)}")
    assert answer.status == 400
    assert answer.json()["message"] == "Invalid limit: it must be a whole number from 1 on"


@pytest.mark.parametrize("query", ["limits=1", "prefix=a&prefix=b", "limit=1&limit=1"])
def test_a_parameter_is_known_and_given_once(emulator: Emulator, query: str) -> None:
    assert control(emulator, "GET", f"/objects/store?{query}").status == 400


def test_a_store_that_is_not_there_has_no_page(emulator: Emulator) -> None:
    assert control(emulator, "GET", "/objects/other?limit=1").status == 404
    assert control(emulator, "GET", "/objects/other/key").status == 404


def test_what_was_written_since_the_last_page_is_on_the_next(emulator: Emulator) -> None:
    owner = client(emulator)
    assert page(emulator, limit=1)["count"] == len(KEYS)
    assert page(emulator, limit=1)["count"] == len(KEYS)
    owner.put("store", "0", b"")
    assert keys_of(page(emulator, limit=1)) == ["0"]
    emulator.tiers.drop("store", "0")
    assert keys_of(page(emulator, limit=1)) == ["a"]
    emulator.tiers.put("store", "0", b"", tier="cache")
    assert keys_of(page(emulator, limit=1)) == ["0"]
    emulator.checkpoint("x")
    emulator.tiers.drop("store", "0")
    assert keys_of(page(emulator, limit=1)) == ["a"]
    emulator.restore("x")
    assert keys_of(page(emulator, limit=1)) == ["0"]
    emulator.tiers.flush("cluster")
    assert keys_of(page(emulator, limit=1)) == ["a"]
    emulator.reset()
    create_store(owner, "store")
    assert page(emulator, limit=1)["count"] == 0


def test_the_clock_changes_no_page_and_what_has_expired_is_on_it(emulator: Emulator) -> None:
    emulator.clock.freeze(2_000_000_000_000_000)
    client(emulator).put("store", "0", b"", ttl_seconds=10)
    for _ in range(2):
        assert keys_of(page(emulator, limit=1)) == ["0"]
        emulator.clock.advance(20)
    entry = page(emulator, limit=1)["objects"][0]["storage"]
    assert entry["expires_at"] == "2033-05-18T03:33:30.000000Z"


def test_stores_with_the_same_bucket_have_pages_of_their_own(emulator: Emulator) -> None:
    owner = client(emulator)
    create_store(owner, "nested", prefix="b")
    owner.put("nested", "new", b"")
    found = control(emulator, "GET", "/objects/nested?limit=9").json()
    assert keys_of(found) == ["1", "2/y", "new"]
    narrowed = control(emulator, "GET", "/objects/nested?limit=9&prefix=n").json()
    assert keys_of(narrowed) == ["new"]


@pytest.mark.parametrize("key", KEYS)
def test_one_object_is_shown_as_the_list_has_it(emulator: Emulator, key: str) -> None:
    answer = control(emulator, "GET", f"/objects/store/{quote(key, safe='')}")
    assert answer.status == 200
    (listed,) = [each for each in page(emulator)["objects"] if each["key"] == key]
    assert answer.json() == listed
    assert emulator.tiers.get("store", key).document() == listed


def test_an_object_in_neither_tier_is_not_found(emulator: Emulator) -> None:
    answer = control(emulator, "GET", "/objects/store/nothing")
    assert (answer.status, answer.json()) == (404, {"message": "Object not found."})
    with pytest.raises(LookupError):
        emulator.tiers.get("store", "nothing")


@pytest.mark.parametrize("raw", ["", "%00", "%ff", "a" * 1025])
def test_a_key_that_no_object_can_have_is_refused(emulator: Emulator, raw: str) -> None:
    assert control(emulator, "GET", f"/objects/store/{raw}").status == 400


def test_to_look_at_an_object_is_no_hit_and_no_request(emulator: Emulator) -> None:
    emulator.journal.clear()
    before = emulator.tiers.counts()
    control(emulator, "GET", "/objects/store/a")
    page(emulator, limit=5)
    assert emulator.tiers.counts() == before
    assert emulator.journal.calls() == []
    assert client(emulator).call("GET", object_path("store", "a")).status == 200


_TEXT = st.text(st.sampled_from("ab/é"), max_size=4)


@given(
    keys=st.sets(st.text(st.sampled_from("ab/é"), min_size=1, max_size=5), max_size=25),
    asked=st.builds(
        Asked,
        prefix=_TEXT,
        delimiter=st.sampled_from(["", "/", "ab", "é"]),
        search=_TEXT,
        limit=st.none() | st.integers(1, 4),
    ),
)
@settings(max_examples=examples(200), deadline=None)
def test_all_pages_together_have_every_entry_once_in_order(keys: set[str], asked: Asked) -> None:
    matching = [key for key in keys if key.startswith(asked.prefix) and asked.search in key]
    wanted = sorted({_entry(key, asked) for key in matching})
    found, after = [], ""
    while True:
        chosen: Chosen = asyncio.run(choose(keys, asked._replace(after=after)))
        assert chosen.matching == len(matching)
        assert set(chosen.keys) <= keys
        assert all(asked.delimiter in each for each in chosen.prefixes)
        found += sorted([*chosen.keys, *chosen.prefixes])
        if chosen.next is None:
            break
        assert asked.limit is not None
        assert len(chosen.keys) + len(chosen.prefixes) == asked.limit
        after = chosen.next
    assert found == wanted


def _entry(key: str, asked: Asked) -> str:
    """The folder of a key, or the key: said in another way."""
    rest = key[len(asked.prefix) :]
    if not asked.delimiter or asked.delimiter not in rest:
        return key
    return asked.prefix + rest.split(asked.delimiter)[0] + asked.delimiter


def filled(emulator: Emulator, count: int) -> None:
    """Put objects into both tiers of a new store, without the service."""
    create_store(client(emulator), "store")
    app = emulator._running()

    async def fill() -> None:
        store = await app._stores.get("store")
        for number in range(count):
            key, info = f"{number % 300:03}/{number:06}", ObjectInfo(1, number, number)
            await app._storage.put(store.location(key), info, b"x")
            await app._cache_tier.put(store, key, info, b"x")

    emulator._call(fill())


def least_time(work: Callable[[], object]) -> float:
    """The least processor time that the work takes, of several times, in seconds."""
    taken = []
    for _ in range(7):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.slow
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_a_page_of_100_000_objects_takes_less_than_to_sort_their_keys_three_times(
    start: Start, cache: str
) -> None:
    """In processor time, in which it does not count what else the machine does."""
    keys = [f"{number:06}" for number in range(100_000)]
    Random(1).shuffle(keys)
    sorting = least_time(lambda: sorted(keys))
    emulator = start(cache=cache)
    filled(emulator, 100_000)
    page(emulator, limit=100)
    for query in (
        {},
        {"after": "150"},
        {"delimiter": "/"},
        {"delimiter": "/", "prefix": "200/"},
        {"search": "999"},
    ):
        taken = least_time(partial(page, emulator, **{"limit": 100, **query}))
        assert page(emulator, limit=100, **query)["count"] > 0
        assert taken < 3 * sorting, query
