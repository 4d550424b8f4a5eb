"""Delete Object: 204 whether it was there or not, and everything that is answered instead."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.contract.expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_error,
    expect_object,
)
from tests.contract.stores import CACHE_LIMIT, Store, Stores
from tests.support.bodies import some_bytes
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Client

from .expect import expect_bytes_exceeded, expect_cors, expect_operations_exceeded, request_id
from .stores import EPHEMERAL, INSTANT, every_pair, extended, fill, flush, limited, placed, tags_of


def expect_deleted(store: Store) -> None:
    """The object `key` can be deleted, and is then in no tier."""
    answer = store.remove("key")
    assert (answer.status, answer.body) == (204, b"")
    request_id(answer)
    expect_cors(answer)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    assert (placed(store)["storage"], placed(store)["cache"]) == (None, None)


@every_pair
@pytest.mark.proves("Delete Object: 204 where it was there")
@pytest.mark.parametrize("size", [0, 4, CACHE_LIMIT + 1])
def test_a_deleted_object_is_gone_from_both_tiers(stores: Stores, size: int) -> None:
    store = limited(stores)
    assert store.put("key", some_bytes(size)).status == 204
    expect_deleted(store)
    flush(store)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@every_pair
@pytest.mark.proves("Delete Object: 204 where it was there")
def test_a_deleted_object_that_is_not_cached_is_gone(store: Store) -> None:
    fill(store)
    flush(store)
    expect_deleted(store)


@every_pair
@pytest.mark.proves("Delete Object: 204 where it was not there")
def test_deleting_what_is_not_there_is_204_time_and_again(store: Store) -> None:
    for _ in range(3):
        expect_deleted(store)


@every_pair
@pytest.mark.proves("Delete Object: 204, D97")
def test_a_deleted_ephemeral_object_is_gone(store: Store) -> None:
    store.put("key", b"body", headers=EPHEMERAL)
    expect_deleted(store)


@every_pair
@pytest.mark.proves("Delete Object: 204, D97")
def test_deleting_an_ephemeral_object_deletes_what_it_hides(store: Store) -> None:
    store.put("key", b"durable")
    store.put("key", b"ephemeral", headers=EPHEMERAL)
    expect_deleted(store)
    flush(store)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Delete Object: 204")
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
@pytest.mark.parametrize("headers", [[], EPHEMERAL], ids=["durable", "ephemeral"])
@pytest.mark.parametrize("noticed", [True, False])
def test_deleting_an_expired_object_is_204(
    start: Start, cache: str, headers: list[tuple[str, str]], noticed: bool
) -> None:
    emulator = start(cache=cache)
    emulator.clock.freeze(INSTANT)
    store = Stores(raw_client(emulator)).create(name="store")
    store.put("key", b"body", query="ttl_seconds=5", headers=headers)
    emulator.clock.advance(5)
    if noticed:
        expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    expect_deleted(store)
    emulator.clock.freeze(INSTANT)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@every_pair
@pytest.mark.proves("Delete Object: 204")
def test_deleting_an_object_leaves_the_others(stores: Stores) -> None:
    store, other = stores.create(), stores.create()
    keys = ["key/", "key/a", "ke", "key%20", "KEY", "key%2F%2E%2E"]
    for each in [*keys, "key"]:
        store.put(each, each.encode())
    other.put("key", b"other")
    expect_deleted(store)
    for each in keys:
        expect_object(store.get(each), each.encode())
    expect_object(other.get("key"), b"other")


@every_pair
@pytest.mark.proves("Delete Object: the path")
@pytest.mark.parametrize(
    "key", ["folder/subfolder/file.txt", "a%2Fb", "..", "a//b", "%E6%97%A5", "%25", "a%3Fb", "key/"]
)
def test_any_key_can_be_deleted(store: Store, key: str) -> None:
    assert store.put(key, b"body").status == 204
    answer = store.remove(key)
    assert answer.status == 204
    expect_error(store.get(key), 404, OBJECT_NOT_FOUND)


@every_pair
@pytest.mark.proves("Delete Object: 204")
def test_a_deleted_object_can_be_put_again(store: Store) -> None:
    store.put("key", b"old", headers=[("mo-tag-a", "b"), ("mo-meta-mark", "old")])
    assert store.remove("key").status == 204
    assert store.put("key", b"new").status == 204
    answer = store.get("key")
    expect_object(answer, b"new")
    assert "mark" not in answer.headers
    assert tags_of(store) == {}


@every_pair
@pytest.mark.proves("Delete Object: 204, D29")
def test_another_store_over_the_bucket_sees_a_deletion_once_nothing_is_cached(
    stores: Stores,
) -> None:
    config = extended()
    one, other = stores.create(config), stores.create(config)
    one.put("key", b"body")
    expect_object(other.get("key"), b"body")
    assert one.remove("key").status == 204
    flush(other)
    expect_error(other.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Delete Object: 404")
def test_deleting_an_object_of_an_unknown_store_is_404(stores: Stores) -> None:
    answer = stores.named().remove("key")
    expect_error(answer, 404, STORE_NOT_FOUND)
    request_id(answer)


@pytest.mark.proves("Delete Object: 403")
def test_deleting_an_object_as_a_viewer_is_403(store: Store, viewer: Client) -> None:
    fill(store)
    for key in ("key", "absent"):
        expect_error(store.seen_by(viewer).remove(key), 403)
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("Delete Object: 403, D18")
def test_a_role_that_may_write_one_key_may_delete_that(emulator: Emulator, frozen: Stores) -> None:
    store = frozen.create(name="store")
    items = {"key": "mine"}
    rule = {"type": "store", "permissions": ["write"], "stores": {"name": "store"}, "items": items}
    emulator.create_role("writer", {"rules": [rule]})
    writer = store.seen_by(store.client.with_key(emulator.create_api_key("writer")))
    for key in ("mine", "yours"):
        store.put(key, b"body")
    assert writer.remove("mine").status == 204
    expect_error(writer.remove("yours"), 403)
    expect_object(store.get("yours"), b"body")


@pytest.mark.proves("Delete Object: 401")
@pytest.mark.parametrize("key", [None, "", "no key", b"\xff"])
def test_deleting_an_object_without_a_valid_key_is_401(
    store: Store, key: str | bytes | None
) -> None:
    fill(store)
    expect_error(store.seen_by(store.client.with_key(key)).remove("key"), 401)
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("Delete Object: 400")
@pytest.mark.parametrize("key", ["", "%00", "%FF", "%zz", "k" * 1025])
def test_deleting_an_object_with_a_malformed_key_is_400(store: Store, key: str) -> None:
    expect_error(store.remove(key), 400)


@pytest.mark.proves("Delete Object: 429, operations only")
def test_deleting_over_the_limit_of_operations_is_429(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=2)
    store.put("key", b"body")
    assert store.remove("absent").status == 204
    expect_operations_exceeded(store.remove("key"))
    expect_object(store.get("key"), b"body")
    emulator.clock.advance(0.5)
    assert store.remove("key").status == 204


@pytest.mark.proves("Delete Object: 429, the bytes limit does not apply")
def test_deleting_over_the_limit_of_bytes_is_204(frozen: Stores) -> None:
    store = limited(frozen, write_bytes_per_second=1, read_bytes_per_second=1)
    store.put("key", b"body")
    store.get("key")
    expect_bytes_exceeded(store.put("key", b"x"))
    expect_bytes_exceeded(store.get("key"))
    for key in ("key", "key", "absent"):
        assert store.remove(key).status == 204


@pytest.mark.proves("Delete Object: 500")
def test_a_deletion_that_storage_fails_is_500_and_the_object_stays(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    fill(store)
    emulator.faults.add({"type": "storage_down"}, operation="DeleteObject")
    answer = store.remove("key")
    expect_error(answer, 500)
    request_id(answer)
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("Delete Object: 204, D34")
def test_a_cache_that_fails_does_not_bring_a_deleted_object_back(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    for headers in ([], EPHEMERAL):
        store.put("key", b"body", headers=headers)
        emulator.faults.add({"type": "cache_down"}, operation="DeleteObject")
        assert store.remove("key").status == 204
        emulator.faults.clear()
        expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Delete Object: HTTP")
def test_a_connection_goes_on_after_a_delete_with_and_without_a_body(store: Store) -> None:
    with store.client.wire() as wire:
        for body in (None, b"", b"body", [b"in", b"chunks"]):
            assert wire.request("PUT", store.path_of("key"), body=b"body").status == 204
            assert wire.request("DELETE", store.path_of("key"), body=body).status == 204
            expect_error(wire.request("GET", store.path_of("key")), 404)


@pytest.mark.proves("Delete Object: the first revision")
def test_in_the_first_revision_deleting_an_object_is_405(first_store: Store) -> None:
    fill(first_store)
    answer = first_store.remove("key")
    expect_error(answer, 405)
    assert answer.headers.all("Allow") == ["GET, HEAD, PUT"]
    expect_object(first_store.get("key"), b"body")
