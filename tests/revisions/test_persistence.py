"""mo-persistence and ttl_seconds of Put Object: objects in both tiers, and in the cache alone."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.contract.expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_error,
    expect_object,
    expect_refused,
)
from tests.contract.stores import CACHE_LIMIT, Store, Stores
from tests.support.bodies import some_bytes
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Fields, Response

from .expect import request_id
from .stores import (
    DURABLE,
    EPHEMERAL,
    INSTANT,
    SECOND,
    every_pair,
    extended,
    flush,
    limited,
    placed,
)


def put_ephemeral(store: Store, body: bytes = b"ephemeral", ttl: int | None = None) -> None:
    query = "" if ttl is None else f"ttl_seconds={ttl}"
    assert store.put("key", body, query=query, headers=EPHEMERAL).status == 204


def life(emulator: Emulator, tier: str) -> float | None:
    """How many seconds the object `key` of the store `store` has in a tier; None: no end."""
    (entry,) = emulator.tiers.objects("store")
    info = getattr(entry, tier)
    if info.expires_at is None:
        return None
    assert info.created_at == INSTANT
    return float((info.expires_at - INSTANT) / SECOND)


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, durable is cache and S3")
@pytest.mark.parametrize("headers", [[], DURABLE], ids=["default", "durable"])
def test_a_durable_object_is_in_the_cache_and_in_storage(store: Store, headers: Fields) -> None:
    answer = store.put("key", b"body", headers=headers)
    assert (answer.status, answer.body) == (204, b"")
    request_id(answer)
    found = placed(store)
    assert found["storage"]["size"] == found["cache"]["size"] == 4
    assert found["storage"]["expires_at"] is None
    flush(store)
    expect_object(store.get("key"), b"body")


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, ephemeral is cache only")
def test_an_ephemeral_object_is_in_the_cache_alone(store: Store) -> None:
    answer = store.put("key", b"body", headers=[*EPHEMERAL, ("mo-meta-content-type", "image/png")])
    assert (answer.status, answer.body) == (204, b"")
    request_id(answer)
    found = placed(store)
    assert found["storage"] is None
    assert found["cache"]["ephemeral"] is True
    for _ in range(2):
        read = store.get("key")
        expect_object(read, b"body")
        assert read.headers.all("content-type") == ["image/png"]
    flush(store)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Put Object: ttl_seconds, no default and no maximum for a durable object")
@pytest.mark.parametrize("headers", [[], DURABLE], ids=["default", "durable"])
@pytest.mark.parametrize("ttl", [None, 1, 600, 601, 86_400, 10**9])
def test_a_durable_object_lives_as_long_as_it_is_asked_to(
    emulator: Emulator, frozen: Stores, headers: Fields, ttl: int | None
) -> None:
    store = frozen.create(name="store")
    query = "" if ttl is None else f"ttl_seconds={ttl}"
    assert store.put("key", b"body", query=query, headers=headers).status == 204
    assert life(emulator, "storage") == life(emulator, "cache") == ttl


@pytest.mark.proves("Put Object: ttl_seconds, the default and the maximum of 600 seconds")
@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("", 600),
        ("ttl_seconds=1", 1),
        ("ttl_seconds=599", 599),
        ("ttl_seconds=600", 600),
        ("ttl_seconds=601", 600),
        ("ttl_seconds=0601", 600),
        ("ttl_seconds=86400", 600),
        (f"ttl_seconds={10**30}", 600),
    ],
)
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_an_ephemeral_object_lives_for_at_most_600_seconds(
    start: Start, cache: str, query: str, seconds: int
) -> None:
    emulator = start(cache=cache)
    emulator.clock.freeze(INSTANT)
    store = Stores(raw_client(emulator)).create(name="store")
    assert store.put("key", b"body", query=query, headers=EPHEMERAL).status == 204
    assert life(emulator, "cache") == seconds
    emulator.clock.freeze(INSTANT + seconds * SECOND - 1)
    expect_object(store.get("key"), b"body")
    emulator.clock.freeze(INSTANT + seconds * SECOND)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Put Object: ttl_seconds, the first revision")
def test_in_the_first_revision_601_seconds_are_601_seconds(start: Start) -> None:
    emulator = start(api_revision="2026-02-05")
    emulator.clock.freeze(INSTANT)
    store = Stores(raw_client(emulator)).create(name="store")
    answer = store.put("key", b"body", query="ttl_seconds=601", headers=EPHEMERAL)
    assert answer.status == 204
    assert life(emulator, "storage") == life(emulator, "cache") == 601
    emulator.tiers.flush("my-valkey-cluster")
    emulator.clock.freeze(INSTANT + 601 * SECOND - 1)
    expect_object(store.get("key"), b"body")


@every_pair
@pytest.mark.proves("Put Object: ttl_seconds, D06")
@pytest.mark.parametrize("ttl", ["0", "-1", "1.5", "", "ten", "1&ttl_seconds=2"])
def test_a_ttl_that_is_none_is_refused_for_an_ephemeral_object_too(store: Store, ttl: str) -> None:
    def attempt(key: str) -> Response:
        return store.put(key, b"new", query=f"ttl_seconds={ttl}", headers=EPHEMERAL)

    expect_refused(store, attempt, mentions=["ttl_seconds"])


BROKEN: dict[str, Fields] = {
    "unknown": [("mo-persistence", "permanent")],
    "empty": [("mo-persistence", "")],
    "in capitals": [("mo-persistence", "Ephemeral")],
    "all in capitals": [("mo-persistence", "DURABLE")],
    "both": [("mo-persistence", "durable, ephemeral")],
    "twice": [*EPHEMERAL, *EPHEMERAL],
    "one after the other": [*DURABLE, *EPHEMERAL],
    "with a parameter": [("mo-persistence", "ephemeral; ttl=5")],
}


@pytest.mark.proves("Put Object: mo-persistence, D96")
@pytest.mark.parametrize("headers", BROKEN.values(), ids=BROKEN)
def test_another_persistence_is_refused(store: Store, headers: Fields) -> None:
    expect_refused(
        store, lambda key: store.put(key, b"new", headers=headers), mentions=["mo-persistence"]
    )


@pytest.mark.proves("Put Object: mo-persistence, the first revision")
@pytest.mark.parametrize("headers", [*BROKEN.values(), EPHEMERAL], ids=[*BROKEN, "ephemeral"])
def test_the_first_revision_ignores_the_persistence(first_store: Store, headers: Fields) -> None:
    assert first_store.put("key", b"body", headers=headers).status == 204
    flush(first_store)
    expect_object(first_store.get("key"), b"body")
    assert placed(first_store)["storage"]["size"] == 4


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_an_ephemeral_object_hides_a_durable_one_and_leaves_it_alone(store: Store) -> None:
    store.put("key", b"durable", headers=[("mo-meta-mark", "durable"), ("mo-tag-a", "b")])
    before = placed(store)["storage"]
    put_ephemeral(store)
    for _ in range(2):
        read = store.get("key")
        expect_object(read, b"ephemeral")
        assert "mark" not in read.headers
    assert placed(store)["storage"] == before


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_once_the_cache_has_lost_an_ephemeral_object_a_get_finds_the_durable_one(
    store: Store,
) -> None:
    store.put("key", b"durable")
    put_ephemeral(store)
    flush(store)
    for _ in range(2):
        expect_object(store.get("key"), b"durable")


@pytest.mark.proves("Put Object: mo-persistence, gone after its TTL, D97")
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
@pytest.mark.parametrize("cached", [True, False])
def test_once_an_ephemeral_object_has_expired_a_get_finds_the_durable_one(
    start: Start, cache: str, cached: bool
) -> None:
    emulator = start(cache=cache)
    emulator.clock.freeze(INSTANT)
    store = Stores(raw_client(emulator)).create(name="store")
    store.put("key", b"durable")
    if not cached:
        flush(store)
    put_ephemeral(store, ttl=5)
    emulator.clock.advance(4.999999)
    expect_object(store.get("key"), b"ephemeral")
    emulator.clock.advance(0.000001)
    for _ in range(2):
        expect_object(store.get("key"), b"durable")
    (entry,) = emulator.tiers.objects("store")
    assert entry.cache is not None
    assert not entry.cache.ephemeral


@pytest.mark.proves("Put Object: mo-persistence, gone after its TTL, D97")
def test_a_durable_object_beneath_an_ephemeral_one_may_have_expired_too(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    store.put("key", b"durable", query="ttl_seconds=3")
    put_ephemeral(store, ttl=5)
    emulator.clock.advance(4)
    expect_object(store.get("key"), b"ephemeral")
    emulator.clock.advance(1)
    for _ in range(3):
        expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D97")
@pytest.mark.parametrize("size", [7, CACHE_LIMIT + 1])
def test_a_durable_put_replaces_an_ephemeral_object(stores: Stores, size: int) -> None:
    store, body = limited(stores), some_bytes(size)
    store.put("key", b"durable")
    put_ephemeral(store)
    assert store.put("key", body).status == 204
    for _ in range(2):
        expect_object(store.get("key"), body)
        flush(store)


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D08, D97")
def test_an_ephemeral_put_replaces_an_ephemeral_object(store: Store) -> None:
    headers = [*EPHEMERAL, ("mo-meta-mark", "first")]
    assert store.put("key", b"first", query="ttl_seconds=5", headers=headers).status == 204
    put_ephemeral(store, b"second")
    read = store.get("key")
    expect_object(read, b"second")
    assert "mark" not in read.headers


@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_an_ephemeral_body_is_at_most_as_large_as_the_cache_takes(stores: Stores) -> None:
    store = limited(stores)
    largest = some_bytes(CACHE_LIMIT)
    assert store.put("largest", largest, headers=EPHEMERAL).status == 204
    expect_object(store.get("largest"), largest)
    body = largest + b"x"

    def put_with_a_length(key: str) -> Response:
        return store.put(key, body, headers=EPHEMERAL)

    def put_in_chunks(key: str) -> Response:
        """Only the sum of the chunks tells the size."""
        return store.put(key, iter([body[:100], body[100:]]), headers=EPHEMERAL)

    for attempt in (put_with_a_length, put_in_chunks):
        expect_refused(store, attempt, mentions=["too large", str(CACHE_LIMIT)])


@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_a_body_that_is_too_large_to_be_ephemeral_is_refused_before_it_is_sent(
    store: Store,
) -> None:
    fields = store.client.fields(
        [*EPHEMERAL, ("Content-Length", str(CACHE_LIMIT + 1)), ("Expect", "100-continue")]
    )
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), fields)
        expect_error(wire.answer("PUT"), 400)


@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_an_ephemeral_put_that_ends_early_leaves_what_was_there(store: Store) -> None:
    put_ephemeral(store, b"old")
    with store.client.wire() as wire:
        fields = store.client.fields([*EPHEMERAL, ("Content-Length", "10")])
        wire.send_head("PUT", store.path_of("key"), fields)
        wire.send(b"half")
        wire.finish_sending()
        wire.read_to_end()
    expect_object(store.get("key"), b"old")


@pytest.mark.proves("Put Object: 500, D97")
def test_an_ephemeral_put_that_the_cache_cannot_keep_is_500(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    store.put("key", b"durable")
    down = {"type": "cache_down"}
    emulator.faults.add(down, operation="PutObject")
    expect_error(store.put("key", b"new", headers=EPHEMERAL), 500)
    expect_object(store.get("key"), b"durable")
    emulator.faults.clear()
    put_ephemeral(store)
    expect_object(store.get("key"), b"ephemeral")


@pytest.mark.proves("Put Object: 500, D59, D97")
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
@pytest.mark.parametrize("beneath", [None, b"durable"])
@pytest.mark.parametrize("operation", ["PutObject", "DeleteObject"])
def test_storage_that_fails_leaves_the_ephemeral_object(
    start: Start, cache: str, beneath: bytes | None, operation: str
) -> None:
    """Neither is it done by half: the durable object must not come back while the other lives."""
    emulator = start(cache=cache)
    store = Stores(raw_client(emulator)).create(name="store")
    if beneath is not None:
        store.put("key", beneath)
    put_ephemeral(store)
    emulator.faults.add({"type": "storage_down"}, operation=operation)
    answer = store.put("key", b"new") if operation == "PutObject" else store.remove("key")
    expect_error(answer, 500)
    expect_object(store.get("key"), b"ephemeral")
    emulator.faults.clear()
    expect_object(store.get("key"), b"ephemeral")


@pytest.mark.proves("Put Object: mo-persistence, ephemeral is cache only")
def test_storage_that_is_down_is_no_matter_to_an_ephemeral_object(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    emulator.faults.add({"type": "storage_down"})
    put_ephemeral(store)
    expect_object(store.get("key"), b"ephemeral")


@pytest.mark.proves("Put Object: 404")
def test_an_ephemeral_put_needs_a_store(stores: Stores) -> None:
    answer = stores.named().put("key", b"body", headers=EPHEMERAL)
    expect_error(answer, 404, STORE_NOT_FOUND)


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D29")
def test_stores_over_one_bucket_have_ephemeral_objects_of_their_own(stores: Stores) -> None:
    config = extended()
    one, other = stores.create(config), stores.create(config)
    one.put("key", b"durable")
    put_ephemeral(one)
    expect_object(one.get("key"), b"ephemeral")
    expect_object(other.get("key"), b"durable")


@every_pair
@pytest.mark.proves("Put Object: mo-persistence, D97")
def test_an_ephemeral_object_may_be_empty(store: Store) -> None:
    put_ephemeral(store, b"")
    expect_object(store.get("key"), b"")
