"""Requests that come early, or are cancelled early: each is answered, in its order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.core.clock import Clock
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.server import HttpServer
from emulator.service.completion import Completion
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


async def test_a_request_that_is_cancelled_as_soon_as_it_waits_ends_where_it_waits() -> None:
    seen = []

    async def waits(_: Incoming) -> Response:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_soon(task.cancel)  # As a time limit of nearly nothing.
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
        return Response(204)

    table: Table = {Resource.OBJECT: {"GET": Endpoint(waits, "GetObject")}}
    server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
    reader, writer = await asyncio.open_connection(*await server.start("127.0.0.1", 0))
    for count in (1, 2):
        writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
        assert seen == ["cancelled"] * count
    writer.close()
    await server.stop(grace_seconds=1)


async def test_a_connection_whose_task_is_cancelled_between_two_requests_is_closed() -> None:
    tasks: list[asyncio.Task[None]] = []

    async def answer(incoming: Incoming) -> Response:
        tasks.append(incoming.request.peer.task)
        return Response(204)

    table: Table = {Resource.OBJECT: {"GET": Endpoint(answer, "GetObject")}}
    server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
    reader, writer = await asyncio.open_connection(*await server.start("127.0.0.1", 0))
    writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
    tasks[0].cancel()
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    await server.stop(grace_seconds=1)
