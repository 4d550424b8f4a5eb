"""Storage that is down, slow, or has lost what it had."""

from __future__ import annotations

import time

import pytest

from emulator import Emulator
from tests.contract.stores import Store, configuration
from tests.support.bodies import some_bytes
from tests.support.raw_client import Client
from tests.support.waiting import wait_until

from .conftest import a_store
from .rules import FOR_EVER
from .tiers import cached, outcome, stored
from .wire import Connection

pytestmark = pytest.mark.parametrize("emulator", ["memory", "fakeredis"], indirect=True)

INTERNAL = "Internal Server Error: the service could not complete the request."
SLOW = {"type": "storage_slow", "seconds": 0.05}
LARGE = 9 * 1024 * 1024


def test_what_is_cached_is_served_while_storage_is_down(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    emulator.faults.add("storage_down")
    for _ in range(2):
        assert store.get("key").body == b"body"
        assert outcome(emulator) == "cache_hit"
    assert store.head("key").status == 200


def test_what_is_not_cached_is_500_until_storage_is_back(emulator: Emulator, store: Store) -> None:
    emulator.tiers.put("store", "cold", b"body", tier="storage")
    with emulator.faults.add("storage_down"):
        for key in ("cold", "nothing"):
            answer = store.get(key)
            assert (answer.status, answer.json) == (500, {"message": INTERNAL})
            assert outcome(emulator, key) == "internal_error"
        assert store.head("cold").status == 500
    assert store.get("cold").body == b"body"
    assert store.get("nothing").status == 404


@pytest.mark.parametrize("size", [0, 3, 100_000, LARGE])
def test_nothing_can_be_put_and_the_old_object_stays(
    emulator: Emulator, store: Store, size: int
) -> None:
    store.put("key", b"old", headers=[("mo-meta-mark", "old")])
    with emulator.faults.add("storage_down"):
        answer = store.put("key", some_bytes(size))
        assert (answer.status, answer.json) == (500, {"message": INTERNAL})
        assert store.put("other", some_bytes(size)).status == 500
        found = store.get("key")
        assert (found.body, found.headers.get("mark")) == (b"old", "old")
        assert outcome(emulator) == "cache_hit"
    emulator.tiers.flush("my-valkey-cluster")
    assert store.get("key").body == b"old"
    assert store.get("other").status == 404
    assert stored(emulator) == ["key"]


def test_a_put_in_chunks_fails_as_well_and_the_connection_goes_on(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add("storage_down", times=1)
    with store.client.wire() as wire:
        parts = [b"one", b"two"]
        assert wire.request("PUT", store.path_of("key"), body=parts).status == 500
        assert wire.request("PUT", store.path_of("key"), body=parts).status == 204
        assert wire.request("GET", store.path_of("key")).body == b"onetwo"


def test_stores_and_keys_do_not_lie_in_storage(emulator: Emulator, store: Store) -> None:
    emulator.faults.add("storage_down")
    assert store.describe().status == 200
    assert store.client.get("/roles").status == 200
    assert store.configure(configuration(bucket="another")).status == 200
    assert store.delete().status == 200


def test_only_the_operation_that_matched_finds_storage_down(
    emulator: Emulator, store: Store
) -> None:
    for key in ("one", "two"):
        emulator.tiers.put("store", key, b"body", tier="storage")
    emulator.faults.add("storage_down", key="one", times=1)
    with store.client.wire() as wire:
        statuses = [wire.request("GET", store.path_of(key)).status for key in ("one", "two", "one")]
    assert statuses == [500, 200, 200]


def test_slow_storage_answers_late_and_right(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(SLOW)
    before = time.monotonic()
    assert store.put("key", b"body").status == 204
    assert time.monotonic() - before >= 0.05
    emulator.tiers.flush("my-valkey-cluster")
    before = time.monotonic()
    assert store.get("key").body == b"body"
    assert time.monotonic() - before >= 0.05
    assert rule.fired == 2


def test_a_get_from_the_cache_does_not_wait_for_storage(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    rule = emulator.faults.add({**FOR_EVER, "type": "storage_slow"})
    assert store.get("key").body == b"body"
    assert rule.fired == 1


def test_who_waits_for_storage_holds_up_nobody_else(emulator: Emulator, store: Store) -> None:
    store.put("key", b"old")
    store.put("other", b"other")
    emulator.tiers.put("store", "cold", b"cold", tier="storage")
    rule = emulator.faults.add({**FOR_EVER, "type": "storage_slow"}, key="slow*", times=3)
    with (
        Connection(store.client) as reader,
        Connection(store.client) as writer,
        Connection(store.client) as streamer,
    ):
        reader.ask("GET", store.path_of("slow-1"))
        writer.ask("PUT", store.path_of("slow-2"), body=b"late")
        streamer.ask("PUT", store.path_of("slow-3"), body=some_bytes(LARGE))
        wait_until(lambda: rule.fired == 3)
        assert store.get("other").body == b"other"
        assert store.get("cold").body == b"cold"
        assert store.put("key", b"new").status == 204
        assert store.get("key").body == b"new"
        assert store.put("slow-2", b"at once").status == 204
        assert store.get("slow-2").body == b"at once"


def test_an_upload_that_waits_is_not_seen_before_it_is_there(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"old")
    rule = emulator.faults.add({"type": "storage_slow", "seconds": 0.3}, operation="PutObject")
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), body=b"new")
        wait_until(lambda: rule.fired)
        assert store.get("key").body == b"old"
        assert connection.head()[0] == 204
    assert store.get("key").body == b"new"


def test_storage_may_be_slow_and_then_down(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(SLOW, "storage_down")
    before = time.monotonic()
    assert store.get("key").status == 500
    assert time.monotonic() - before >= 0.05


def test_both_tiers_can_be_down(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    with emulator.faults.add("cache_down", "storage_down"):
        assert store.get("key").status == 500
        assert store.put("key", b"new").status == 500
    assert store.get("key").body == b"body"


def test_storage_loses_all_that_it_has(emulator: Emulator, owner: Client) -> None:
    one, two = a_store(owner, "one"), a_store(owner, "two")
    for store in (one, two):
        store.put("a", b"a")
    emulator.faults.add("storage_lost", operation="DescribeObjectStore", times=1)
    assert one.describe().status == 200
    assert stored(emulator, "one") == stored(emulator, "two") == []
    assert cached(emulator, "one") == cached(emulator, "two") == ["a"]
    assert one.get("a").body == b"a"
    emulator.tiers.flush("my-valkey-cluster")
    assert one.get("a").status == 404


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"store": "one"}, {"one": [], "two": ["a", "d/c"]}),
        ({"store": "?wo"}, {"one": ["a", "d/c"], "two": []}),
        ({"key": "d*"}, {"one": ["a"], "two": ["a"]}),
        ({"store": "two", "key": "a"}, {"one": ["a", "d/c"], "two": ["d/c"]}),
    ],
)
def test_storage_loses_what_a_store_has_or_what_is_under_some_keys(
    emulator: Emulator, owner: Client, where: dict[str, str], left: dict[str, list[str]]
) -> None:
    for name in ("one", "two"):
        store = a_store(owner, name)
        for key in ("a", "d/c"):
            store.put(key, b"body")
    emulator.faults.add({"type": "storage_lost", **where}, operation="ListObjectStores")
    assert owner.get("/objectstore").status == 200
    for name in ("one", "two"):
        assert stored(emulator, name) == left[name]
        assert cached(emulator, name) == ["a", "d/c"]


def test_keys_are_those_of_the_store_whatever_its_prefix(emulator: Emulator, owner: Client) -> None:
    with_prefix = Store(owner, "prefixed")
    with_prefix.configure(configuration(bucket="shared", prefix="some/prefix/"))
    plain = Store(owner, "plain")
    plain.configure(configuration(bucket="shared"))
    with_prefix.put("a", b"1")
    plain.put("a", b"2")
    emulator.faults.add({"type": "storage_lost", "store": "prefixed", "key": "a"}, times=1)
    owner.get("/objectstore")
    assert stored(emulator, "prefixed") == []
    assert stored(emulator, "plain") == ["a"]


def test_an_object_that_is_lost_everywhere_is_not_found_and_can_be_put_again(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"body")
    emulator.faults.add("cache_lost", "storage_lost", times=1)
    assert store.get("key").status == 404
    assert store.put("key", b"new").status == 204
    assert store.get("key").body == b"new"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_one_line_of_the_log_names_the_fault(
    emulator: Emulator, store: Store, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    with emulator.faults.add("storage_down"):
        body = b"body" if method == "PUT" else None
        assert store.client.request(method, store.path_of("key"), body=body).status == 500
    assert len(caplog.records) == 1
    [message] = caplog.messages
    assert "a fault rule has taken the storage tier down" in message
    assert f"{method} {store.path_of('key')}" in message
    assert "\n" not in message
    assert "Traceback" not in caplog.text
