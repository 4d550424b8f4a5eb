"""Requests that come before the answers to earlier ones: in their order, and never too many."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.support.client import Client


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def test_very_many_requests_at_once_are_answered_in_their_order(emulator: Emulator) -> None:
    owner = Client(emulator.endpoint, emulator.api_key())
    owner.create_store("s")
    for number in range(10):
        owner.put("s", str(number), b"%d" % number)
    head = f"Host: h\r\nAuthorization: {owner.api_key}\r\n\r\n"
    count = 2000
    requests = "".join(f"GET /objectstore/s/{n % 10} HTTP/1.1\r\n{head}" for n in range(count))
    with socket.create_connection(owner.address) as connection:
        connection.settimeout(30)
        connection.sendall(requests.encode())
        with connection.makefile("rb") as answers:
            for number in range(count):
                assert answers.readline() == b"HTTP/1.1 200 OK\r\n"
                while answers.readline() != b"\r\n":
                    """The headers."""
                assert answers.read(1) == b"%d" % (number % 10)
