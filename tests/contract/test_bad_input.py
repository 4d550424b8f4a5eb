"""Requests that no operation takes: unknown paths and methods, too long, too large, no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.support.raw_client import Client, Fields, Response

from .expect import OBJECT_NOT_FOUND, expect_error, expect_object, expect_refused, expect_store
from .stores import LIST, TOO_LARGE, Store, Stores, configuration, unique_name

LIMIT = TOO_LARGE - 1
OBJECT_METHODS = {"GET", "HEAD", "PUT"}
STORE_METHODS = {"DELETE", "GET", "HEAD", "PUT"}
LIST_METHODS = {"GET", "HEAD"}
UNKNOWN_METHODS = ["PATCH", "POST", "OPTIONS", "FOO"]


def expect_method_refused(answer: Response, allowed: set[str]) -> None:
    expect_error(answer, 405)
    allow = ",".join(answer.headers.all("Allow"))
    assert {method.strip() for method in allow.split(",")} == allowed


def get_raw(store: Store, lines: list[bytes]) -> Response:
    """Send `lines` as the head of a request, and nothing after it."""
    with store.client.wire() as wire:
        wire.send(b"\r\n".join(lines) + b"\r\n\r\n")
        return wire.answer()


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/object",
        "/objectstores",
        "/objectstore2/store/key",
        "/v1/objectstore",
        "/objectstor%65s",
        "/OBJECTSTORE",
        "/ObjectStore/store",
        "//objectstore",
        "/no/such/path",
        "/%00",
        "/%zz",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_path_is_404(owner: Client, method: str, path: str) -> None:
    body = b"{}" if method == "PUT" else None
    answer = owner.request(method, path, body=body)
    expect_error(answer, 404)
    assert answer.message != OBJECT_NOT_FOUND


@pytest.mark.proves("D16")
@pytest.mark.parametrize("key", ["key", "folder/key"])
def test_deleting_an_object_is_405(store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_method_refused(store.client.delete(store.path_of(key)), OBJECT_METHODS)
    expect_object(store.get(key), b"body")


@pytest.mark.proves("D16")
def test_deleting_an_object_that_does_not_exist_is_405(store: Store) -> None:
    expect_method_refused(store.client.delete(store.path_of("key")), OBJECT_METHODS)


@pytest.mark.proves("D25")
@pytest.mark.parametrize("method", UNKNOWN_METHODS)
def test_an_unknown_method_on_an_object_is_405(store: Store, method: str) -> None:
    store.put("key", b"old")
    for body in (None, b"new"):
        answer = store.client.request(method, store.path_of("key"), body=body)
        expect_method_refused(answer, OBJECT_METHODS)
    expect_object(store.get("key"), b"old")


@pytest.mark.proves("D25")
@pytest.mark.parametrize("method", UNKNOWN_METHODS)
def test_an_unknown_method_on_a_store_is_405(stores: Stores, method: str) -> None:
    config = configuration()
    store = stores.create(config)
    for body in (None, b"{}"):
        answer = store.client.request(method, store.path, body=body)
        expect_method_refused(answer, STORE_METHODS)
    expect_store(store.describe(), 200, store.name, config)


@pytest.mark.proves("D25")
@pytest.mark.parametrize("method", [*UNKNOWN_METHODS, "PUT", "DELETE"])
def test_an_unknown_method_on_the_list_is_405(owner: Client, method: str) -> None:
    for body in (None, b"{}"):
        expect_method_refused(owner.request(method, LIST, body=body), LIST_METHODS)


@pytest.mark.proves("D25")
@pytest.mark.parametrize("method", ["put", "get", "Delete"])
def test_methods_have_case(stores: Stores, method: str) -> None:
    store = stores.create()
    expect_method_refused(store.client.request(method, store.path), STORE_METHODS)
    assert store.describe().status == 200


@pytest.mark.proves("D22")
@pytest.mark.parametrize(
    "length", [TOO_LARGE, 2 * TOO_LARGE, 2**63 - 1], ids=["5-GiB-and-a-byte", "10-GiB", "8-EiB"]
)
def test_a_body_over_5_gib_is_400_before_it_is_sent(store: Store, length: int) -> None:
    headers = [("Content-Length", str(length))]
    expect_refused(store, lambda key: store.put(key, None, headers=headers))


@pytest.mark.proves("D22")
def test_a_body_of_5_gib_is_not_refused(store: Store) -> None:
    headers = [("Content-Length", str(LIMIT)), ("Expect", "100-continue")]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), store.client.fields(headers))
        assert wire.answer("PUT").status == 100
        wire.finish_sending()
        wire.read_to_end()
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("D02")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("x-filler", "f" * 100_000)], id="one-of-100-KB"),
        pytest.param([("mo-meta-filler", "f" * 100_000)], id="metadata-of-100-KB"),
        pytest.param([(f"x-filler-{n}", "f") for n in range(300)], id="300"),
        pytest.param([(f"mo-meta-filler-{n}", "f") for n in range(300)], id="300-metadata"),
        pytest.param([("mo-meta-filler", "f")] * 300, id="300-of-one-name"),
    ],
)
def test_a_header_section_over_the_limit_is_431(store: Store, headers: Fields) -> None:
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), 431)
    expect_error(store.get("taken", headers=headers), 431)
    expect_error(store.client.get(LIST, headers=headers), 431)


@pytest.mark.proves("D02")
def test_a_request_line_over_the_limit_is_400(store: Store) -> None:
    key = "k" * 20_000
    expect_error(store.put(key, b"body"), 400)
    expect_error(store.get(key), 400)
    expect_error(store.client.get(f"{LIST}/{key}"), 400)
    expect_error(store.put("key", b"body", query="ttl_seconds=" + "1" * 20_000), 400)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("D02")
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"no request at all"], id="no-request"),
        pytest.param([b"GET /objectstore HTTP/x.y", b"Host: h"], id="broken-version"),
        pytest.param([b"GET /objectstore HTTP/1.1", b"no colon"], id="broken-header"),
        pytest.param([b"GET /objectstore HTTP/1.1", b"na me: x"], id="broken-header-name"),
        pytest.param(
            [b"GET /objectstore HTTP/1.1", b"Content-Length: x"], id="length-of-no-number"
        ),
        pytest.param([b"GET /objectstore HTTP/1.1", b"Content-Length: -1"], id="negative-length"),
        pytest.param(
            [b"GET /objectstore HTTP/1.1", b"Content-Length: 1", b"Content-Length: 2"],
            id="two-lengths",
        ),
        pytest.param([b"GET /objectstore HTTP/1.1", b"Content-Length: " + b"9" * 40], id="absurd"),
    ],
)
def test_what_is_no_http_is_400(store: Store, lines: list[bytes]) -> None:
    expect_error(get_raw(store, lines), 400)


ERRORS: Mapping[str, tuple[int, Callable[[Store], Response]]] = {
    "object-key": (400, lambda store: store.put("", b"body")),
    "ttl": (400, lambda store: store.put("key", b"body", query="ttl_seconds=0")),
    "configuration": (400, lambda store: store.configure([])),
    "credential": (401, lambda store: store.client.with_key("unknown").get(LIST)),
    "no-object": (404, lambda store: store.get("key")),
    "get-from-no-store": (404, lambda store: Store(store.client, unique_name()).get("key")),
    "no-store": (404, lambda store: Store(store.client, unique_name()).describe()),
    "path": (404, lambda store: store.client.get("/")),
    "method-on-a-store": (405, lambda store: store.client.request("PATCH", store.path)),
    "delete-object": (405, lambda store: store.remove("key")),
    "headers": (431, lambda store: store.get("key", headers=[("x", "f" * 100_000)])),
}
"""An error of each kind but those of roles: its status, and how an Owner of a store gets it."""


@pytest.mark.proves("D02")
@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_json_with_a_message(store: Store, error: str) -> None:
    status, attempt = ERRORS[error]
    expect_error(attempt(store), status)


@pytest.mark.proves("D02")
def test_a_refusal_for_the_role_is_json_with_a_message(store: Store, viewer: Client) -> None:
    expect_error(store.seen_by(viewer).put("key", b"body"), 403)


@pytest.mark.proves("D02")
@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0"])
def test_errors_are_json_whatever_the_client_accepts(store: Store, accept: str) -> None:
    expect_error(store.get("key", headers=[("Accept", accept)]), 404, OBJECT_NOT_FOUND)
