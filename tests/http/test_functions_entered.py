"""How many of our functions one request enters: the figures may fall, not grow.

The functions of a connection are among them: it is ours, and no longer aiohttp's.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

import emulator
from emulator import Emulator
from emulator.core.revisions import REVISIONS
from tests.support.client import Client
from tests.support.emulators import ANY_NAMES

FIRST, LATER = min(REVISIONS), max(REVISIONS)

LIMITS = {
    (FIRST, ""): (34, 65),
    (FIRST, "?ttl_seconds=60"): (36, 71),
    (LATER, "?ttl_seconds=60"): (56, 93),
}
"""How many functions of ours a Get from the cache and a Put of a small object may enter, by the
revision and the query of the Put."""

OURS = str(Path(emulator.__file__).parent)

BODY = b"x" * 1024


@contextmanager
def entered(running: Emulator) -> Iterator[list[str]]:
    """The functions of ours that the emulator's thread enters inside the block."""
    names: list[str] = []

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(OURS):
            names.append(frame.f_code.co_name)

    in_loop(running, lambda: sys.setprofile(note))
    names.clear()
    try:
        yield names
        in_loop(running, lambda: None)
    finally:
        in_loop(running, lambda: sys.setprofile(None))


def in_loop(running: Emulator, call: Callable[[], object]) -> None:
    """Call it in the emulator's thread, and wait for that."""
    done = threading.Event()
    thread = running._thread
    assert thread is not None

    def do() -> None:
        call()
        done.set()

    thread.loop.call_soon_threadsafe(do)
    assert done.wait(10)


def exchange(connection: socket.socket, request: bytes, end: bytes) -> bytes:
    """Send a request in one piece, and read until its answer ends so."""
    connection.sendall(request)
    answer = b""
    while not answer.endswith(end):
        received = connection.recv(65536)
        assert received, answer
        answer += received
    return answer


@pytest.mark.parametrize(("revision", "query"), LIMITS)
def test_a_get_and_a_put_enter_no_more_functions_than_they_did(revision: str, query: str) -> None:
    with Emulator(cache="memory", api_revision=revision, **ANY_NAMES) as running:
        owner = Client(running.endpoint, running.api_key())
        owner.create_store("media")
        authorization = f"Authorization: {owner.api_key}\r\n".encode()
        get = b"GET /objectstore/media/key HTTP/1.1\r\nHost: h\r\n" + authorization + b"\r\n"
        put = f"PUT /objectstore/media/key{query} HTTP/1.1\r\nHost: h\r\n".encode() + authorization
        put += b"mo-meta-content-type: video/mp2t\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
        with socket.create_connection(owner.address) as connection:
            for _ in range(2):
                assert b" 204 " in exchange(connection, put, b"\r\n\r\n")
                assert b" 200 " in exchange(connection, get, BODY)
            with entered(running) as of_put:
                exchange(connection, put, b"\r\n\r\n")
            with entered(running) as of_get:
                exchange(connection, get, BODY)
    most_of_get, most_of_put = LIMITS[revision, query]
    assert len(of_get) <= most_of_get, " ".join(of_get)
    assert len(of_put) <= most_of_put, " ".join(of_put)
    assert "get_object" in of_get
    assert "put_object" in of_put
