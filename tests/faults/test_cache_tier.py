"""A cache that is down, slow, or has lost what it had: it costs speed, never a wrong answer."""

from __future__ import annotations

import time

import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.suites import over
from tests.support.raw_client import Client
from tests.support.waiting import wait_until

from .conftest import a_store
from .tiers import cached, outcome, stored
from .wire import Connection

pytestmark = pytest.mark.parametrize(
    "emulator", over("memory", "fakeredis", "valkey"), indirect=True
)

SLOW = {"type": "cache_slow", "seconds": 0.05}


def test_a_get_is_answered_by_storage_while_the_cache_is_down(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"body", headers=[("mo-meta-mark", "kept")])
    with emulator.faults.add("cache_down"):
        for _ in range(2):
            answer = store.get("key")
            assert (answer.status, answer.body) == (200, b"body")
            assert answer.headers.get("mark") == "kept"
            assert outcome(emulator) == "storage_hit"
        assert store.head("key").status == 200
        assert store.get("nothing").status == 404
    assert store.get("key").body == b"body"


def test_a_put_succeeds_while_the_cache_is_down_and_no_stale_copy_is_served(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"old")
    assert store.get("key").body == b"old"
    with emulator.faults.add("cache_down", operation="PutObject"):
        assert store.put("key", b"new").status == 204
        assert store.get("key").body == b"new"
    for _ in range(2):
        assert store.get("key").body == b"new"
    assert outcome(emulator) == "cache_hit"


def test_no_stale_copy_is_served_after_a_get_that_could_not_fill_the_cache(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"old")
    with emulator.faults.add("cache_down"):
        assert store.put("key", b"new").status == 204
        assert store.get("key").body == b"new"
    emulator.tiers.drop("store", "key", tier="storage")
    assert store.get("key").status == 404


def test_only_the_operation_that_matched_finds_the_cache_down(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"body")
    store.put("other", b"body")
    emulator.faults.add("cache_down", key="key")
    with store.client.wire() as wire:
        for _ in range(2):
            assert wire.request("GET", store.path_of("key")).status == 200
            assert outcome(emulator) == "storage_hit"
            assert wire.request("GET", store.path_of("other")).status == 200
            assert outcome(emulator, "other") == "cache_hit"


def test_a_fault_ends_with_its_operation_also_on_the_same_connection(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"body")
    emulator.faults.add("cache_down", times=1)
    with store.client.wire() as wire:
        outcomes = []
        for _ in range(3):
            assert wire.request("GET", store.path_of("key")).body == b"body"
            outcomes.append(outcome(emulator))
    # What the cache had before is right still.
    assert outcomes == ["storage_hit", "cache_hit", "cache_hit"]


def test_an_object_that_expires_while_the_cache_is_down_is_gone(
    emulator: Emulator, store: Store
) -> None:
    emulator.clock.freeze()
    store.put("key", b"body", query="ttl_seconds=60")
    with emulator.faults.add("cache_down"):
        emulator.clock.advance(59)
        assert store.get("key").status == 200
        emulator.clock.advance(1)
        assert store.get("key").status == 404
    assert store.get("key").status == 404


def test_stores_can_be_changed_while_the_cache_is_down(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    with emulator.faults.add("cache_down"):
        assert store.delete().status == 200
    assert store.describe().status == 404
    again = a_store(store.client, "store")
    assert again.get("key").body == b"body"
    assert outcome(emulator) == "storage_hit"


def test_a_slow_cache_answers_late_and_right(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    rule = emulator.faults.add(SLOW)
    before = time.monotonic()
    assert store.get("key").body == b"body"
    assert time.monotonic() - before >= 0.05
    assert outcome(emulator) == "cache_hit"
    before = time.monotonic()
    assert store.put("key", b"new").status == 204
    assert time.monotonic() - before >= 0.05
    rule.remove()
    assert store.get("key").body == b"new"
    assert outcome(emulator) == "cache_hit"


@pytest.mark.parametrize(
    "latency",
    [
        {"distribution": "uniform", "min_seconds": 0.05, "max_seconds": 0.06},
        {"distribution": "lognormal", "median_seconds": 0.05, "sigma": 0},
    ],
    ids=["uniform", "lognormal"],
)
def test_how_slow_the_cache_is_may_be_left_to_chance(
    emulator: Emulator, store: Store, latency: dict[str, object]
) -> None:
    store.put("key", b"body")
    emulator.faults.add({"type": "cache_slow", **latency})
    before = time.monotonic()
    assert store.get("key").body == b"body"
    assert time.monotonic() - before >= 0.05


def test_a_slow_cache_holds_up_nobody_else(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    store.put("other", b"body")
    rule = emulator.faults.add({"type": "cache_slow", "seconds": 0.5}, key="key", times=1)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired)
        for key in ("other", "key"):
            assert store.get(key).body == b"body"
            assert outcome(emulator, key) == "cache_hit"
        assert connection.head()[0] == 200
        assert connection.exactly(4) == b"body"


def test_of_two_puts_cache_and_storage_have_the_same_one_however_slow_the_cache_is(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add(
        {"type": "cache_slow", "seconds": 0.2}, operation="PutObject", times=1
    )
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), body=b"first")
        wait_until(lambda: rule.fired)
        assert store.put("key", b"second").status == 204
        assert connection.head()[0] == 204
    found = store.get("key").body
    assert outcome(emulator) == "cache_hit"
    emulator.tiers.flush("my-valkey-cluster")
    assert store.get("key").body == found


def test_a_cache_loses_all_that_it_has(emulator: Emulator, owner: Client) -> None:
    one, two = a_store(owner, "one"), a_store(owner, "two")
    for store in (one, two):
        store.put("a", b"a")
        store.put("b", b"b")
    emulator.faults.add("cache_lost", operation="DescribeObjectStore", times=1)
    assert one.describe().status == 200
    assert cached(emulator, "one") == cached(emulator, "two") == []
    assert stored(emulator, "one") == stored(emulator, "two") == ["a", "b"]
    assert one.get("a").body == b"a"
    assert outcome(emulator, "a") == "storage_hit"
    assert one.get("a").body == b"a"
    assert outcome(emulator, "a") == "cache_hit"


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"store": "one"}, {"one": [], "two": ["a", "b", "d/c"]}),
        ({"store": "t*"}, {"one": ["a", "b", "d/c"], "two": []}),
        ({"key": "a"}, {"one": ["b", "d/c"], "two": ["b", "d/c"]}),
        ({"key": "d/?"}, {"one": ["a", "b"], "two": ["a", "b"]}),
        ({"store": "one", "key": "[ab]"}, {"one": ["a", "b", "d/c"], "two": ["a", "b", "d/c"]}),
        ({"store": "two", "key": "?"}, {"one": ["a", "b", "d/c"], "two": ["d/c"]}),
        ({"store": "nowhere"}, {"one": ["a", "b", "d/c"], "two": ["a", "b", "d/c"]}),
    ],
)
def test_a_cache_loses_what_a_store_has_or_what_is_under_some_keys(
    emulator: Emulator, owner: Client, where: dict[str, str], left: dict[str, list[str]]
) -> None:
    for name in ("one", "two"):
        store = a_store(owner, name)
        for key in ("a", "b", "d/c"):
            store.put(key, key.encode())
    emulator.faults.add({"type": "cache_lost", **where}, operation="ListObjectStores")
    assert owner.get("/objectstore").status == 200
    for name in ("one", "two"):
        assert cached(emulator, name) == left[name]
        assert stored(emulator, name) == ["a", "b", "d/c"]
        for key in ("a", "b", "d/c"):
            assert Store(owner, name).get(key).body == key.encode()


def test_what_is_lost_before_a_put_does_not_take_the_new_object_with_it(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add("cache_lost", "storage_lost", operation="PutObject")
    store.put("one", b"1")
    store.put("two", b"2")
    assert cached(emulator) == stored(emulator) == ["two"]


def test_one_line_of_the_log_names_the_fault(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    # One of its own: an emulator says the same thing only once a second.
    with Emulator(cache=emulator.config.cache) as own:
        store = a_store(Client(own.endpoint, own.api_key("owner")), "store")
        store.put("key", b"body")
        caplog.clear()
        with own.faults.add("cache_down"):
            store.put("key", b"new")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "a fault rule has taken the cache tier down" in caplog.messages[0]
    assert "\n" not in caplog.messages[0]
    assert not caplog.records[0].exc_info


def test_no_fault_of_the_cache_leaves_a_traceback(
    emulator: Emulator, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store.put("key", b"body")
    for effect in ("cache_down", SLOW, "cache_lost", {"type": "cache_lost", "key": "key"}):
        with emulator.faults.add(effect):
            assert store.get("key").status == 200
            assert store.put("key", b"new").status == 204
            assert store.configure({"no": "store"}).status == 400
    assert all("fault rule" in message for message in caplog.messages)
    assert "Traceback" not in caplog.text


def test_a_cache_that_is_down_and_loses_a_key_in_one_rule_loses_it_without_a_complaint(
    emulator: Emulator, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.put("key", b"body")
    lost = {"type": "cache_lost", "key": "key"}
    with emulator.faults.add("cache_down", lost, operation="GetObject"):
        assert store.get("key").body == b"body"
    assert cached(emulator) == []
    assert not [message for message in caplog.messages if "written" in message]
