"""Connections that are closed while the body of a request is on its way."""

from __future__ import annotations

import http.client

import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.support.bodies import some_bytes
from tests.support.raw_client import chunk

from .operations import OPERATIONS
from .rules import in_request
from .wire import Connection


def test_an_upload_is_closed_before_its_body_was_sent(emulator: Emulator, store: Store) -> None:
    store.put("key", b"old")
    with emulator.faults.add(in_request(after_bytes=10)):
        for key in ("key", "other"):
            with Connection(store.client) as connection:
                connection.ask("PUT", store.path_of(key), length=100_000, body=b"0123456789")
                assert connection.rest() == b""
    assert store.get("key").body == b"old"
    assert store.get("other").status == 404


def test_an_upload_is_reset_before_its_body_was_sent(emulator: Emulator, store: Store) -> None:
    store.put("key", b"old")
    reset = in_request(after_bytes=10, reset=True)
    with emulator.faults.add(reset), Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), length=100_000, body=b"0123456789")
        assert connection.rest_and_reset() == b""
    assert store.get("key").body == b"old"


def test_an_upload_is_closed_with_its_first_byte_where_nothing_is_said(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(in_request())
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), length=100_000, body=b"0")
        assert connection.rest() == b""


def test_an_upload_is_not_closed_before_so_many_bytes_have_come(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add(in_request(after_bytes=10))
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), length=12, body=b"012345678")
        connection.send(b"9")
        assert connection.rest() == b""
    with store.client.wire() as wire:
        assert wire.request("PUT", store.path_of("key"), body=b"012345678").status == 204
        assert wire.request("PUT", store.path_of("empty"), body=b"").status == 204
        assert wire.request("GET", store.path_of("key")).body == b"012345678"
    assert rule.fired == 3


def test_an_upload_that_is_closed_at_its_last_byte_is_not_stored(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"old")
    with emulator.faults.add(in_request(after_bytes=3)), Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), body=b"new")
        assert connection.rest() == b""
    assert store.get("key").body == b"old"


def test_bytes_of_chunks_are_counted_without_their_frames(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(in_request(after_bytes=6))
    with store.client.wire() as wire:
        assert wire.request("PUT", store.path_of("key"), body=[b"12", b"34", b"5"]).status == 204
    fields = [*store.client.fields(), ("Transfer-Encoding", "chunked")]
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), fields)
        for part in (b"12", b"34", b"56"):
            wire.send(chunk(part))
        assert wire.read_to_end() == b""
    assert store.get("key").body == b"12345"


@pytest.mark.parametrize("size", [1024 * 1024, 9 * 1024 * 1024])
def test_a_large_upload_is_closed_in_the_middle(
    emulator: Emulator, store: Store, size: int
) -> None:
    store.put("key", b"old")
    broken = pytest.raises((ConnectionError, http.client.HTTPException))
    with emulator.faults.add(in_request(after_bytes=size // 2)), broken:
        store.put("key", some_bytes(size))
    assert store.get("key").body == b"old"


def test_a_request_with_a_document_is_closed_before_its_body_was_sent(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(in_request())
    for name in ("CreateOrUpdateObjectStore", "CreateRole", "CreateApiKey", "InviteMember"):
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            OPERATIONS[name].send(store.client)
    emulator.faults.clear()
    assert store.client.get("/roles?type=custom").json["roles"] == []
    assert store.client.get("/_emulator/account/invitations").json["invitations"] == []


def test_a_request_without_a_body_is_not_closed_in_it(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(in_request())
    assert store.get("key").status == 404
    assert store.describe().status == 200
    assert store.delete().status == 200
    assert rule.fired == 0
