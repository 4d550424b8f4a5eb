"""CORS headers on all answers of the data plane, and OPTIONS without credentials."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.core import headers
from tests.contract.expect import expect_error
from tests.contract.stores import LIST, Store, Stores, configuration, unique_name
from tests.support.emulators import raw_client
from tests.support.raw_client import Client, Fields, Response

from .expect import CORS, expect_cors, expect_no_cors, request_id
from .stores import EPHEMERAL, extended, limited

METHODS = ("GET", "PUT", "DELETE", "HEAD")
ORIGIN: Fields = [("Origin", "https://player.example")]


def send(store: Store, method: str, key: str = "key", headers: Fields = ()) -> Response:
    body = b"body" if method == "PUT" else None
    return store.client.request(method, store.path_of(key), headers=headers, body=body)


def expect_answer(answer: Response, status: int) -> None:
    """`answer` has that status, the CORS headers, and a request id."""
    assert answer.status == status, answer
    expect_cors(answer)
    request_id(answer)


@pytest.fixture
def shared(frozen: Stores) -> Store:
    """A store with the object `key`."""
    store = frozen.create(name="store")
    assert store.put("key", b"body").status == 204
    return store


SUCCESSES = {"GET": 200, "HEAD": 200, "PUT": 204, "DELETE": 204}


@pytest.mark.proves("CORS: 200, 204")
@pytest.mark.parametrize("headers", [(), ORIGIN], ids=["without an origin", "with one"])
@pytest.mark.parametrize(("method", "status"), SUCCESSES.items())
def test_a_success_has_the_cors_headers(
    shared: Store, method: str, status: int, headers: Fields
) -> None:
    expect_answer(send(shared, method, headers=headers), status)


@pytest.mark.proves("CORS: 200, 204")
def test_a_large_object_that_is_streamed_has_the_cors_headers(frozen: Stores) -> None:
    store = limited(frozen)
    body = bytes(9 * 1024 * 1024)
    expect_answer(store.put("key", body), 204)
    answer = store.get("key")
    expect_answer(answer, 200)
    assert len(answer.body) == len(body)


@pytest.mark.proves("CORS: 400")
@pytest.mark.parametrize("key", ["", "%zz", "%00", "k" * 1025])
@pytest.mark.parametrize("method", METHODS)
def test_the_refusal_of_a_malformed_key_has_the_cors_headers(
    shared: Store, method: str, key: str
) -> None:
    expect_answer(send(shared, method, key), 400)


@pytest.mark.proves("CORS: 400")
@pytest.mark.parametrize("method", METHODS)
def test_the_refusal_of_a_malformed_store_name_has_the_cors_headers(
    shared: Store, method: str
) -> None:
    expect_answer(send(Store(shared.client, "no%20name"), method), 400)


@pytest.mark.proves("CORS: 400")
def test_the_refusal_of_bad_parameters_has_the_cors_headers(shared: Store) -> None:
    expect_answer(shared.put("key", b"body", query="ttl_seconds=0"), 400)
    expect_answer(shared.put("key", b"body", headers=[("mo-tag-", "x")]), 400)
    expect_answer(shared.put("key", b"body", headers=[("mo-persistence", "x")]), 400)
    expect_answer(shared.get("key", headers=[("read-concern", "x")]), 400)
    large = [*EPHEMERAL, ("Content-Length", str(2**40))]
    expect_answer(shared.put("key", None, headers=large), 400)


@pytest.mark.proves("CORS: 400")
def test_the_refusal_of_a_malformed_body_has_the_cors_headers(shared: Store) -> None:
    headers = [("Transfer-Encoding", "chunked"), ("Expect", "100-continue")]
    with shared.client.wire() as wire:
        wire.send_head("PUT", shared.path_of("key"), shared.client.fields(headers))
        assert wire.answer("PUT").status == 100
        wire.send(b"zz\r\n")
        expect_answer(wire.answer("PUT"), 400)


@pytest.mark.proves("CORS: 401")
@pytest.mark.parametrize("key", [None, "unknown"])
@pytest.mark.parametrize("method", METHODS)
def test_the_refusal_of_an_unknown_caller_has_the_cors_headers(
    shared: Store, method: str, key: str | None
) -> None:
    expect_answer(send(shared.seen_by(shared.client.with_key(key)), method), 401)


@pytest.mark.proves("CORS: 403")
@pytest.mark.parametrize("method", METHODS)
def test_the_refusal_of_a_caller_who_may_not_has_the_cors_headers(
    emulator: Emulator, shared: Store, method: str
) -> None:
    rule = {"type": "store", "permissions": ["read"], "stores": {"name": "other"}, "items": "*"}
    emulator.create_role("stranger", {"rules": [rule]})
    stranger = shared.client.with_key(emulator.create_api_key("stranger"))
    expect_answer(send(shared.seen_by(stranger), method), 403)


@pytest.mark.proves("CORS: 404")
@pytest.mark.parametrize("method", METHODS)
def test_the_404_of_an_unknown_store_has_the_cors_headers(shared: Store, method: str) -> None:
    expect_answer(send(Store(shared.client, unique_name()), method), 404)


@pytest.mark.proves("CORS: 404")
def test_a_miss_has_the_cors_headers(shared: Store) -> None:
    expect_answer(shared.get("absent"), 404)
    expect_answer(shared.head("absent"), 404)


@pytest.mark.proves("CORS: 405, D102")
@pytest.mark.parametrize("method", ["POST", "PATCH", "FOO", "get", "TRACE", "CONNECT"])
@pytest.mark.parametrize("key", ["key", "", "folder/key"])
def test_the_405_of_an_unknown_method_has_the_cors_headers_and_no_request_id(
    shared: Store, method: str, key: str
) -> None:
    answer = send(shared, method, key)
    expect_error(answer, 405)
    assert answer.headers.all("Allow") == ["DELETE, GET, HEAD, OPTIONS, PUT"]
    expect_cors(answer)
    assert "mo-request-id" not in answer.headers


@pytest.mark.proves("CORS: 429")
@pytest.mark.parametrize("method", METHODS)
def test_a_429_has_the_cors_headers(frozen: Stores, method: str) -> None:
    store = limited(frozen, read_operations_per_second=1, write_operations_per_second=1)
    send(store, method)
    expect_answer(send(store, method), 429)


@pytest.mark.proves("CORS: 500")
@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize(
    ("method", "operation"),
    [("GET", "GetObject"), ("HEAD", "GetObject"), ("PUT", "PutObject"), ("DELETE", "DeleteObject")],
)
def test_a_500_has_the_cors_headers(
    emulator: Emulator, shared: Store, method: str, operation: str, after_work: bool
) -> None:
    fault = {"type": "status", "status": 500, "after_work": after_work}
    emulator.faults.add(fault, operation=operation)
    expect_answer(send(shared, method), 500)


@pytest.mark.proves("CORS: 200, 204")
def test_an_answer_that_a_fault_slows_down_has_the_cors_headers(
    emulator: Emulator, shared: Store
) -> None:
    emulator.faults.add({"type": "trickle", "bytes_per_second": 1000}, operation="GetObject")
    expect_answer(shared.get("key"), 200)


@pytest.mark.proves("CORS: 500")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_every_answer_of_a_fault_rule_has_the_cors_headers(
    emulator: Emulator, shared: Store, status: int
) -> None:
    emulator.faults.add({"type": "status", "status": status}, operation="DeleteObject")
    expect_answer(shared.remove("key"), status)


@pytest.mark.proves("CORS: 500")
@pytest.mark.parametrize("method", METHODS)
def test_the_500_of_a_tier_that_fails_has_the_cors_headers(
    emulator: Emulator, shared: Store, method: str
) -> None:
    emulator.tiers.flush("my-valkey-cluster")
    emulator.faults.add({"type": "storage_down"})
    expect_answer(send(shared, method), 500)


def expect_preflight(answer: Response) -> None:
    assert (answer.status, answer.body) == (204, b"")
    expect_cors(answer)
    assert "mo-request-id" not in answer.headers


PREFLIGHT: Fields = [
    ("Origin", "https://player.example"),
    ("Access-Control-Request-Method", "PUT"),
    ("Access-Control-Request-Headers", "authorization,mo-meta-content-type,mo-tag-team"),
    ("Accept", "*/*"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Dest", "empty"),
    ("Referer", "https://player.example/"),
    ("User-Agent", "Mozilla/5.0"),
]


@pytest.mark.proves("CORS: OPTIONS answers 204 without credentials")
@pytest.mark.parametrize("headers", [(), PREFLIGHT], ids=["plain", "as a browser sends it"])
@pytest.mark.parametrize("key", ["key", "absent", "folder/key", "a%20b"])
def test_options_is_204_without_credentials(shared: Store, key: str, headers: Fields) -> None:
    nobody = shared.seen_by(shared.client.with_key(None))
    expect_preflight(send(nobody, "OPTIONS", key, headers))


@pytest.mark.proves("CORS: OPTIONS answers 204 without credentials")
@pytest.mark.parametrize("key", ["unknown", "no key at all"])
def test_options_does_not_look_at_credentials(shared: Store, key: str) -> None:
    expect_preflight(send(shared.seen_by(shared.client.with_key(key)), "OPTIONS"))


@pytest.mark.proves("CORS: OPTIONS answers 204 without credentials")
def test_options_does_not_tell_whether_there_is_a_store(shared: Store) -> None:
    client = shared.client.with_key(None)
    expect_preflight(send(Store(client, unique_name()), "OPTIONS"))


@pytest.mark.proves("CORS: OPTIONS answers 204 without credentials")
def test_a_browser_goes_on_over_the_same_connection(shared: Store) -> None:
    path = shared.path_of("key")
    with shared.client.with_key(None).wire() as wire:
        expect_preflight(wire.request("OPTIONS", path, headers=PREFLIGHT))
        key: Fields = [("Authorization", str(shared.client.key)), *ORIGIN]
        put = wire.request("PUT", path, headers=[*key, ("mo-meta-a", "b")], body=b"new")
        expect_answer(put, 204)
        expect_preflight(wire.request("OPTIONS", path, body=b"with a body"))
        answer = wire.request("GET", path, headers=key)
        expect_answer(answer, 200)
        assert answer.body == b"new"


@pytest.mark.proves("CORS: OPTIONS answers 204 without credentials")
def test_a_fault_rule_does_not_meet_a_preflight(emulator: Emulator, shared: Store) -> None:
    emulator.faults.add({"type": "status", "status": 500})
    expect_preflight(send(shared, "OPTIONS"))


@pytest.mark.proves("CORS: data-plane responses, D102")
def test_other_answers_have_no_cors_headers(shared: Store, emulator: Emulator) -> None:
    client = shared.client
    others = [
        client.get(LIST),
        shared.describe(),
        shared.configure(extended(shared.describe().json)),
        client.get("/endpoints"),
        client.get("/no/such/path"),
        client.get("/api-keys"),
        client.get("/_emulator/health"),
        raw_client(emulator).with_key(None).get(LIST),
        Stores(client).named().configure(configuration()),
    ]
    assert [answer.status for answer in others] == [200, 200, 200, 200, 404, 200, 200, 401, 201]
    for answer in others:
        expect_no_cors(answer)
        assert "mo-request-id" not in answer.headers


@pytest.mark.proves("CORS: OPTIONS, D102")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (LIST, 405),
        (f"{LIST}/store", 405),
        ("/endpoints", 405),
        ("/_emulator/health", 405),
        ("/no/such/path", 404),
    ],
)
def test_options_elsewhere_is_refused(shared: Store, path: str, status: int) -> None:
    answer = shared.client.request("OPTIONS", path, headers=PREFLIGHT)
    expect_error(answer, status)
    expect_no_cors(answer)
    answer = shared.client.request("OPTIONS", "/api-keys", headers=PREFLIGHT)
    assert answer.status == 405
    expect_no_cors(answer)


@pytest.mark.proves("CORS: the first revision")
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "FOO"])
def test_in_the_first_revision_there_is_no_preflight(first_store: Store, method: str) -> None:
    answer = send(first_store, method, headers=PREFLIGHT)
    expect_error(answer, 405)
    assert answer.headers.all("Allow") == ["GET, HEAD, PUT"]
    expect_no_cors(answer)


@pytest.mark.proves("CORS: the first revision")
def test_in_the_first_revision_no_answer_has_the_cors_headers(first_store: Store) -> None:
    nobody: Client = first_store.client.with_key(None)
    for answer in (
        first_store.put("key", b"body", headers=ORIGIN),
        first_store.get("key", headers=ORIGIN),
        first_store.seen_by(nobody).get("key"),
    ):
        expect_no_cors(answer)


@pytest.mark.proves("CORS")
def test_the_values_of_the_cors_headers_are_those_of_the_page() -> None:
    assert dict(headers.CORS) == CORS
