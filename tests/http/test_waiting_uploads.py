"""Uploads that find no room in memory: they wait, and end when their turn comes or nobody waits."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from emulator import Emulator
from emulator.service.body_budget import BodyBudget
from tests.support.client import Client
from tests.support.waiting import wait_until

SIZE = 1024 * 1024
BODY = b"x" * SIZE


class Uploads:
    """An emulator with room for one body, and connections that send some."""

    def __init__(self, emulator: Emulator, stack: ExitStack) -> None:
        self.emulator = emulator
        self.owner = Client(emulator.endpoint, emulator.api_key())
        self.owner.create_store("media")
        self._stack = stack

    @property
    def budget(self) -> BodyBudget:
        app = self.emulator._app
        assert app is not None
        budget = app._objects._budget
        assert budget is not None
        return budget

    def begin(self, key: str, sent: bytes, header: str = "") -> socket.socket:
        """Send a Put of a body, of which only this much has come so far."""
        connection = self._stack.enter_context(socket.create_connection(self.owner.address))
        connection.settimeout(20)
        head = f"PUT /objectstore/media/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}"
        head += f"Authorization: {self.owner.api_key}\r\nContent-Length: {SIZE}\r\n\r\n"
        connection.sendall(head.encode() + sent)
        return connection

    def wait_for(self, *, held: int, waiting: int) -> None:
        wait_until(lambda: (self.budget.held, self.budget.waiting) == (held, waiting))


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    with Emulator(upload_memory=SIZE) as emulator, ExitStack() as stack:
        yield Uploads(emulator, stack)


def test_an_upload_that_finds_no_room_is_received_once_there_is_some(uploads: Uploads) -> None:
    first = uploads.begin("first", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=0)
    second = uploads.begin("second", BODY)
    uploads.wait_for(held=SIZE, waiting=1)
    first.sendall(BODY[1000:])
    assert first.recv(1000).startswith(b"HTTP/1.1 204 ")
    assert second.recv(1000).startswith(b"HTTP/1.1 204 ")
    assert uploads.owner.get("media", "second").body == BODY
    uploads.wait_for(held=0, waiting=0)


def test_small_uploads_and_gets_do_not_wait(uploads: Uploads) -> None:
    uploads.begin("first", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=0)
    assert uploads.owner.put("media", "small", bytes(64 * 1024)).status == 204
    assert uploads.owner.get("media", "small").status == 200


def test_a_client_that_expects_to_be_told_is_told_to_continue_when_there_is_room(
    uploads: Uploads,
) -> None:
    first = uploads.begin("first", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=0)
    second = uploads.begin("second", b"", "Expect: 100-continue\r\n")
    uploads.wait_for(held=SIZE, waiting=1)
    second.setblocking(False)
    with pytest.raises(BlockingIOError):
        second.recv(1)
    second.settimeout(20)
    first.sendall(BODY[1000:])
    assert second.recv(1000).startswith(b"HTTP/1.1 100 ")
    second.sendall(BODY)
    assert second.recv(1000).startswith(b"HTTP/1.1 204 ")


def test_an_upload_whose_client_leaves_while_it_waits_ends(uploads: Uploads) -> None:
    uploads.begin("first", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=0)
    second = uploads.begin("second", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=1)
    second.close()
    uploads.wait_for(held=SIZE, waiting=0)


def test_a_reset_ends_uploads_that_wait_and_those_they_wait_for(uploads: Uploads) -> None:
    first = uploads.begin("first", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=0)
    second = uploads.begin("second", BODY[:1000])
    uploads.wait_for(held=SIZE, waiting=1)
    uploads.emulator.reset()
    assert (uploads.budget.held, uploads.budget.waiting) == (0, 0)
    for connection in (first, second):
        assert b"204" not in connection.recv(1000)


def test_a_body_that_is_too_large_is_refused_although_there_is_no_room() -> None:
    with Emulator(upload_memory=SIZE, max_object_bytes=SIZE - 1) as emulator, ExitStack() as stack:
        uploads = Uploads(emulator, stack)
        assert uploads.begin("large", b"").recv(1000).startswith(b"HTTP/1.1 400 ")
