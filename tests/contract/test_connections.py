"""HTTP/1.1 as clients use it: one connection for many requests, `Expect`, and chunks."""

from __future__ import annotations

import json

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import LAST_CHUNK, Client, chunk

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object, expect_store
from .stores import JSON, LIST, TOO_LARGE, Store, Stores, configuration

EXPECT = ("Expect", "100-continue")
LARGE = 9 * 1024 * 1024


@pytest.mark.proves("HTTP/1.1: persistent connections")
@pytest.mark.parametrize("size", [0, 10, LARGE])
def test_one_connection_serves_many_requests(store: Store, size: int) -> None:
    with store.client.wire() as wire:
        for number in range(3):
            path, body = store.path_of(f"key-{number}"), some_bytes(size, seed=number)
            assert wire.request("PUT", path, body=body).status == 204
            expect_object(wire.request("GET", path), body)
            assert wire.request("PUT", path, body=[b"in", b"chunks"]).status == 204
            expect_object(wire.request("GET", path), b"inchunks")
        assert wire.request("GET", LIST).status == 200


@pytest.mark.proves("HTTP/1.1: persistent connections")
def test_one_connection_serves_the_life_of_a_store(stores: Stores) -> None:
    store, config = stores.named(), configuration()
    body = json.dumps(config).encode()
    with store.client.wire() as wire:
        answer = wire.request("PUT", store.path, headers=JSON, body=body)
        expect_store(answer, 201, store.name, config)
        assert wire.request("PUT", store.path, headers=JSON, body=body).status == 200
        assert wire.request("GET", store.path).json == {"name": store.name, **config}
        assert wire.request("DELETE", store.path).status == 200
        expect_error(wire.request("GET", store.path), 404, STORE_NOT_FOUND)


@pytest.mark.proves("HTTP/1.1: persistent connections")
@pytest.mark.parametrize(
    "body", [None, b"small", [b"in", b"chunks"]], ids=["no", "small", "chunks"]
)
@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        pytest.param("GET", "{store}/missing", 404, id="no-object"),
        pytest.param("GET", "{store}-missing/key", 404, id="get-from-no-store"),
        pytest.param("PUT", "{store}-missing/key", 404, id="put-into-no-store"),
        pytest.param("PUT", "{store}/key?ttl_seconds=0", 400, id="ttl"),
        pytest.param("PUT", "{store}/%FF", 400, id="object-key"),
        pytest.param("PUT", "{store}", 400, id="configuration"),
        pytest.param("GET", "/no/such/path", 404, id="path"),
        pytest.param("DELETE", "{store}/key", 405, id="method"),
    ],
)
def test_a_connection_survives_an_error(
    store: Store, method: str, target: str, status: int, body: bytes | list[bytes] | None
) -> None:
    store.put("key", b"body")
    with store.client.wire() as wire:
        for _ in range(2):
            answer = wire.request(method, target.format(store=store.path), body=body)
            expect_error(answer, status)
            expect_object(wire.request("GET", store.path_of("key")), b"body")


@pytest.mark.proves("HTTP/1.1: persistent connections")
@pytest.mark.parametrize(
    "body", [None, b"small", [b"in", b"chunks"]], ids=["no", "small", "chunks"]
)
def test_a_connection_survives_a_refusal(store: Store, viewer: Client, body: bytes | None) -> None:
    store.put("key", b"body")
    strange = [("Authorization", "unknown")]
    path = store.path_of("key")
    with viewer.with_key(None).wire() as wire:
        expect_error(wire.request("PUT", path, headers=strange, body=body), 401)
        known = [("Authorization", str(viewer.key))]
        expect_error(wire.request("PUT", path, headers=known, body=body), 403)
        expect_object(wire.request("GET", path, headers=known), b"body")


@pytest.mark.proves("HTTP/1.1: persistent connections")
def test_each_request_of_a_connection_shows_its_own_key(store: Store, viewer: Client) -> None:
    path = store.path_of("key")
    with store.client.with_key(None).wire() as wire:
        for key, status in ((store.client.key, 204), (viewer.key, 403), ("unknown", 401)):
            headers = [("Authorization", str(key))]
            assert wire.request("PUT", path, headers=headers, body=b"body").status == status
        expect_error(wire.request("PUT", path, body=b"body"), 401)


@pytest.mark.proves("HTTP/1.1: Expect")
@pytest.mark.parametrize("body", [b"", b"body", some_bytes(LARGE)], ids=["empty", "small", "9-MiB"])
def test_put_object_asks_for_the_body_that_a_client_holds_back(store: Store, body: bytes) -> None:
    headers = [("Content-Length", str(len(body))), EXPECT]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), store.client.fields(headers))
        answer = wire.answer("PUT")
        if body or answer.status == 100:
            assert answer.status == 100
            wire.send(body)
            answer = wire.answer("PUT")
        assert answer.status == 204
        expect_object(wire.request("GET", store.path_of("key")), body)


@pytest.mark.proves("HTTP/1.1: Expect")
def test_put_object_asks_for_chunks_that_a_client_holds_back(store: Store) -> None:
    headers = [("Transfer-Encoding", "chunked"), EXPECT]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), store.client.fields(headers))
        assert wire.answer("PUT").status == 100
        wire.send(chunk(b"body") + LAST_CHUNK)
        assert wire.answer("PUT").status == 204
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("HTTP/1.1: Expect")
def test_create_asks_for_the_configuration_that_a_client_holds_back(stores: Stores) -> None:
    store, config = stores.named(), configuration()
    body = json.dumps(config).encode()
    headers = [*JSON, ("Content-Length", str(len(body))), EXPECT]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path, store.client.fields(headers))
        assert wire.answer("PUT").status == 100
        wire.send(body)
        expect_store(wire.answer("PUT"), 201, store.name, config)


@pytest.mark.proves("HTTP/1.1: Expect")
@pytest.mark.parametrize(
    ("role", "target", "length", "status"),
    [
        pytest.param("stranger", "{store}/key", 9, 401, id="credential"),
        pytest.param("owner", "{store}/%FF", 9, 400, id="object-key"),
        pytest.param("viewer", "{store}/key", 9, 403, id="role"),
        pytest.param("owner", "{store}-missing/key", 9, 404, id="no-such-store"),
        pytest.param("owner", "{store}/key?ttl_seconds=0", 9, 400, id="ttl"),
        pytest.param("owner", "{store}/key", TOO_LARGE, 400, id="too-large"),
    ],
)
def test_a_bad_request_is_refused_before_its_body_is_asked_for(
    store: Store, viewer: Client, role: str, target: str, length: int, status: int
) -> None:
    owner = store.client
    client = {"owner": owner, "viewer": viewer, "stranger": owner.with_key("unknown")}[role]
    headers = [("Content-Length", str(length)), EXPECT]
    with client.wire() as wire:
        wire.send_head("PUT", target.format(store=store.path), client.fields(headers))
        expect_error(wire.answer("PUT"), status)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("HTTP/1.1: chunks")
def test_what_surrounds_the_data_of_chunks_is_not_stored(store: Store) -> None:
    fields = store.client.fields([("Transfer-Encoding", "chunked")])
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), fields)
        wire.send(b'5;name=value\r\nhello\r\n0006;a="b"\r\n world\r\n0\r\nx-trailer: x\r\n\r\n')
        assert wire.answer("PUT").status == 204
        expect_object(wire.request("GET", store.path_of("key")), b"hello world")


@pytest.mark.proves("HTTP/1.1: chunks")
def test_a_request_may_arrive_byte_by_byte(store: Store) -> None:
    body = b"body"
    fields = store.client.fields((), body)
    head = f"PUT {store.path_of('key')} HTTP/1.1\r\n".encode()
    for name, value in fields:
        head += f"{name}: {value!s}\r\n".encode()
    with store.client.wire() as wire:
        for octet in head + b"\r\n" + body:
            wire.send(bytes([octet]))
        assert wire.answer("PUT").status == 204
    expect_object(store.get("key"), body)
