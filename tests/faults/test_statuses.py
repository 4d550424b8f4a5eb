"""Answers with an error: their form, and whether the work has been done."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.core.operation import ON_CLUSTERS
from emulator.core.operation import OPERATIONS as NAMES
from tests.contract.stores import Store, configuration
from tests.support.bodies import some_bytes
from tests.support.raw_client import Response

from .operations import OPERATIONS
from .rules import status

INTERNAL = "Internal Server Error: the service could not complete the request."

ANSWERS = {
    400: ("Bad Request", "The request was specified incorrectly."),
    401: ("Unauthenticated", "Invalid API key: it is not known here, or was revoked"),
    403: ("PermissionDenied", "The API key does not grant the required access."),
    429: ("LimitExceeded", "Request rate exceeded."),
    500: ("InternalError", INTERNAL),
    503: ("ServiceUnavailable", "Service Unavailable"),
}
"""The code and the message of each status whose text is the same everywhere."""


def expect_form(answer: Response, code: int, document: dict[str, str]) -> None:
    assert answer.status == code, answer
    assert answer.media_type == "application/json"
    assert answer.json == document
    assert list(answer.json) == list(document)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", ANSWERS)
def test_an_error_has_the_form_that_the_operation_gives_it(
    emulator: Emulator, store: Store, name: str, code: int
) -> None:
    emulator.faults.add(status(code))
    word, message = ANSWERS[code]
    form = {"code": word} if OPERATIONS[name].has_code else {}
    expect_form(OPERATIONS[name].send(store.client), code, {**form, "message": message})


NOT_FOUND = {
    "GetObject": "Object not found.",
    "PutObject": "Store Not Found",
    "CreateOrUpdateObjectStore": "Store Not Found",
    "DescribeObjectStore": "Store Not Found",
    "DeleteObjectStore": "Store Not Found",
    "ListObjectStores": "Store Not Found",
    **dict.fromkeys(ON_CLUSTERS, "Cluster Not Found"),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_found_is_what_the_operation_looks_for(
    emulator: Emulator, store: Store, name: str
) -> None:
    emulator.faults.add(status(404))
    form = {"code": "NotFound"} if OPERATIONS[name].has_code else {}
    document = {**form, "message": NOT_FOUND.get(name, "Not found")}
    expect_form(OPERATIONS[name].send(store.client), 404, document)


@pytest.mark.parametrize("code", [*ANSWERS, 404])
@pytest.mark.parametrize("message", ["Slow down.", 'é "quoted"\n', "x" * 1024])
def test_a_message_takes_the_place_of_the_usual_one(
    emulator: Emulator, store: Store, code: int, message: str
) -> None:
    emulator.faults.add(status(code, message=message))
    expect_form(store.get("key"), code, {"message": message})
    answer = store.client.get("/roles")
    assert answer.json["message"] == message
    assert set(answer.json) == {"code", "message"}


def test_the_usual_message_comes_back_with_the_next_rule(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(status(404, message="mine"), times=1)
    assert store.get("nothing").message == "mine"
    assert store.get("nothing").message == "Object not found."
    emulator.faults.add(status(429))
    assert store.get("nothing").message == "Request rate exceeded."


@pytest.mark.parametrize("code", [*ANSWERS, 404])
def test_head_has_the_head_of_the_error_and_no_body(
    emulator: Emulator, store: Store, code: int
) -> None:
    emulator.faults.add(status(code))
    head, get = store.head("key"), store.get("key")
    assert (head.status, head.body) == (code, b"")
    for name in ("Content-Type", "Content-Length"):
        assert head.headers.all(name) == get.headers.all(name)


@pytest.mark.parametrize("code", [*ANSWERS, 404])
def test_what_is_answered_instead_of_the_work_spares_it(
    emulator: Emulator, store: Store, code: int
) -> None:
    store.put("key", b"old", headers=[("mo-meta-mark", "old")])
    with emulator.faults.add(status(code)):
        assert store.put("key", b"new").status == code
        assert store.put("other", b"new").status == code
    found = store.get("key")
    assert (found.body, found.headers.get("mark")) == (b"old", "old")
    assert store.get("other").status == 404


@pytest.mark.parametrize("code", [*ANSWERS, 404])
def test_an_error_after_the_work_leaves_the_work_done(
    emulator: Emulator, store: Store, code: int
) -> None:
    store.put("key", b"old")
    with emulator.faults.add(status(code, after_work=True)):
        assert store.put("key", b"new").status == code
        answer = store.get("key")
        assert answer.status == code
        assert list(answer.json) == ["message"]
    assert store.get("key").body == b"new"


def test_a_store_is_deleted_or_made_by_an_answer_that_says_otherwise(
    emulator: Emulator, store: Store
) -> None:
    with emulator.faults.add(status(500, after_work=True)):
        assert store.delete().status == 500
        assert Store(store.client, "made").configure(configuration()).status == 500
    assert store.describe().status == 404
    assert Store(store.client, "made").describe().status == 200


def test_what_has_not_succeeded_is_answered_as_it_ended(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(status(500, after_work=True))
    assert store.get("nothing").message == "Object not found."
    assert store.put("key", query="ttl_seconds=never").status == 400
    assert rule.fired == 2


@pytest.mark.parametrize("size", [0, 1, 100_000, 9 * 1024 * 1024])
@pytest.mark.parametrize("after_work", [False, True])
def test_a_connection_serves_the_next_request_after_a_body_of_any_size(
    emulator: Emulator, store: Store, size: int, after_work: bool
) -> None:
    emulator.faults.add(status(500, after_work=after_work), times=1)
    body = some_bytes(size)
    with store.client.wire() as wire:
        assert wire.request("PUT", store.path_of("key"), body=body).status == 500
        next_one = wire.request("GET", store.path_of("key"))
    assert next_one.status == (200 if after_work else 404)
    if after_work:
        assert next_one.body == body


@pytest.mark.parametrize("size", [0, 1, 100_000, 9 * 1024 * 1024])
def test_a_download_that_is_replaced_by_an_error_leaves_the_connection_in_order(
    emulator: Emulator, store: Store, size: int
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(status(503, after_work=True), times=1)
    with store.client.wire() as wire:
        assert wire.request("GET", store.path_of("key")).message == "Service Unavailable"
        assert wire.request("GET", store.path_of("key")).body == some_bytes(size)


def test_a_body_in_chunks_leaves_the_connection_in_order_after_an_error(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(status(429), times=1)
    parts = [b"one", b"two"]
    with store.client.wire() as wire:
        assert wire.request("PUT", store.path_of("key"), body=parts).status == 429
        assert wire.request("PUT", store.path_of("key"), body=parts).status == 204
        assert wire.request("GET", store.path_of("key")).body == b"onetwo"


def test_a_client_that_waits_to_be_asked_for_its_body_is_not_asked(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(status(503))
    fields = [*store.client.fields(), ("Content-Length", "5"), ("Expect", "100-continue")]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), fields)
        assert wire.answer("PUT").status == 503


@pytest.mark.parametrize("name", ["ListApiKeys", "ListRoles", "CreateRole", "ListMembers"])
@pytest.mark.parametrize("code", ANSWERS)
def test_after_the_work_an_error_has_the_same_form(
    emulator: Emulator, store: Store, name: str, code: int
) -> None:
    emulator.faults.add(status(code, after_work=True))
    word, message = ANSWERS[code]
    expect_form(OPERATIONS[name].send(store.client), code, {"code": word, "message": message})
