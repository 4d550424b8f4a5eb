"""Get Object and HEAD of the later revision: read-concern, metadata, request id, miss."""

from __future__ import annotations

import pytest

from tests.contract.expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_error,
    expect_object,
)
from tests.contract.stores import Store, Stores
from tests.support.raw_client import Client, Fields, Response

from .expect import expect_cors, expect_no_cors, request_id
from .stores import EPHEMERAL, every_pair, fill, flush

CONCERNS: dict[str, Fields] = {
    "default": [],
    "balanced": [("read-concern", "balanced")],
    "consistent": [("read-concern", "consistent")],
    "another spelling of the name": [("Read-Concern", "consistent")],
}
BROKEN: dict[str, Fields] = {
    "unknown": [("read-concern", "eventual")],
    "empty": [("read-concern", "")],
    "in capitals": [("read-concern", "Balanced")],
    "both": [("read-concern", "balanced, consistent")],
    "twice": [*CONCERNS["balanced"], *CONCERNS["balanced"]],
    "one after the other": [*CONCERNS["balanced"], *CONCERNS["consistent"]],
}


@every_pair
@pytest.mark.proves("Get Object: read-concern, D98")
@pytest.mark.parametrize("headers", CONCERNS.values(), ids=CONCERNS)
def test_every_read_concern_finds_the_newest_object(store: Store, headers: Fields) -> None:
    for body in (b"first", b"second"):
        store.put("key", body)
        expect_object(store.get("key", headers=headers), body)
    store.put("key", b"ephemeral", headers=EPHEMERAL)
    expect_object(store.get("key", headers=headers), b"ephemeral")


@every_pair
@pytest.mark.proves("Get Object: read-concern, both fall back to S3")
@pytest.mark.parametrize("headers", CONCERNS.values(), ids=CONCERNS)
def test_every_read_concern_falls_back_to_storage(store: Store, headers: Fields) -> None:
    fill(store)
    flush(store)
    expect_object(store.get("key", headers=headers), b"body")


@pytest.mark.proves("Get Object: read-concern, D96")
@pytest.mark.parametrize("headers", BROKEN.values(), ids=BROKEN)
def test_another_read_concern_is_refused(store: Store, headers: Fields) -> None:
    fill(store)
    for key in ("key", "absent"):
        expect_error(store.get(key, headers=headers), 400, mentions=["read-concern"])
        answer = store.head(key, headers=headers)
        assert (answer.status, answer.body) == (400, b"")


@pytest.mark.proves("Get Object: read-concern, D99")
def test_an_unknown_store_comes_before_the_read_concern(stores: Stores) -> None:
    answer = stores.named().get("key", headers=BROKEN["unknown"])
    expect_error(answer, 404, STORE_NOT_FOUND)


@pytest.mark.proves("Get Object: read-concern, the first revision")
@pytest.mark.parametrize(
    "headers", [*BROKEN.values(), *CONCERNS.values()], ids=[*BROKEN, *CONCERNS]
)
def test_the_first_revision_ignores_the_read_concern(first_store: Store, headers: Fields) -> None:
    fill(first_store)
    expect_object(first_store.get("key", headers=headers), b"body")


@pytest.mark.proves("Get Object: read-concern")
def test_a_put_and_a_delete_have_no_read_concern(store: Store) -> None:
    headers = BROKEN["unknown"]
    assert store.put("key", b"body", headers=headers).status == 204
    assert store.remove("key", headers=headers).status == 204


@every_pair
@pytest.mark.proves("Get Object: the stored metadata, prefix stripped")
@pytest.mark.parametrize("persistence", [[], EPHEMERAL], ids=["durable", "ephemeral"])
def test_a_hit_has_the_metadata_without_its_prefix(store: Store, persistence: Fields) -> None:
    headers = [("mo-meta-content-type", "image/png"), ("Mo-Meta-Note", "n"), *persistence]
    store.put("key", b"body", headers=headers)
    answer = store.get("key")
    expect_object(answer, b"body")
    assert answer.headers.all("content-type") == ["image/png"]
    assert answer.headers.all("note") == ["n"]
    assert not [name for name in answer.headers.names() if name.lower().startswith("mo-meta-")]


@pytest.mark.proves("Get Object: 200 with mo-request-id")
@pytest.mark.parametrize(
    "name", ["mo-request-id", "Mo-Request-Id", "access-control-max-age", "date"]
)
def test_metadata_does_not_replace_what_the_service_says(store: Store, name: str) -> None:
    store.put("key", b"body", headers=[(f"mo-meta-{name}", "forged")])
    answer = store.get("key")
    request_id(answer)
    expect_cors(answer)


@pytest.mark.proves("Get Object: the first revision")
def test_metadata_may_be_called_as_a_later_header_in_the_first_revision(
    first_store: Store,
) -> None:
    first_store.put("key", b"body", headers=[("mo-meta-mo-request-id", "mine")])
    answer = first_store.get("key")
    assert answer.headers.all("mo-request-id") == ["mine"]
    expect_no_cors(answer)


@every_pair
@pytest.mark.proves("Get Object: miss")
def test_a_miss_is_404_with_the_message_of_the_page(store: Store) -> None:
    for _ in range(2):
        answer = store.get("key")
        expect_error(answer, 404, OBJECT_NOT_FOUND)
        request_id(answer)


def comparable(answer: Response) -> list[tuple[str, str]]:
    """The header fields but those that differ from answer to answer."""
    fields = answer.headers.fields
    return [each for each in fields if each[0].lower() not in ("date", "mo-request-id")]


@every_pair
@pytest.mark.proves("HEAD, D17")
@pytest.mark.parametrize("headers", [[], EPHEMERAL], ids=["durable", "ephemeral"])
def test_a_head_is_a_get_without_the_body(store: Store, headers: Fields) -> None:
    store.put("key", b"body", headers=[*headers, ("mo-meta-content-type", "image/png")])
    got, head = store.get("key"), store.head("key")
    assert (head.status, head.body) == (200, b"")
    assert comparable(head) == comparable(got)
    assert request_id(head) != request_id(got)
    expect_cors(head)


@pytest.mark.proves("HEAD, D17")
def test_a_head_is_refused_as_a_get_is(store: Store, stores: Stores, owner: Client) -> None:
    nobody = store.seen_by(owner.with_key(None))
    cases = [
        (store, "absent", 404),
        (stores.named(), "key", 404),
        (nobody, "key", 401),
        (store, "%zz", 400),
    ]
    for each, key, status in cases:
        got, head = each.get(key), each.head(key)
        assert (got.status, head.status, head.body) == (status, status, b"")
        assert comparable(head) == comparable(got)
        request_id(head)
        expect_cors(head)


@pytest.mark.proves("Get Object: the first revision")
def test_answers_of_the_first_revision_have_neither_request_id_nor_cors(
    first_store: Store,
) -> None:
    put = first_store.put("key", b"body")
    answers = [put, first_store.get("key"), first_store.head("key"), first_store.get("absent")]
    for answer in answers:
        assert "mo-request-id" not in answer.headers
        expect_no_cors(answer)
