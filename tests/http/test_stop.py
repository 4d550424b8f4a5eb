"""A stop of the server closes every connection that it has accepted: none is left to the garbage
collector."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Incoming
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.render import object_response
from emulator.http.server import HttpServer
from emulator.service.completion import Completion


class EndlessBody(BodyStream):
    """A body that goes on for as long as anybody reads it."""

    file = None

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            yield bytes(65536)

    async def close(self) -> None:
        """There is nothing to give back."""


async def endless(_: Incoming) -> Response:
    return object_response(ObjectInfo(2**40, 0, 0), EndlessBody())


def endless_server() -> HttpServer:
    endpoint = Endpoint(endless, "GetObject")
    return HttpServer(
        {Resource.OBJECT: {"GET": endpoint}}, Clock(), Completion(Clock()), InFlight()
    )


@pytest.fixture
def problems() -> Iterator[list[dict[str, Any]]]:
    """What the event loop reports of connections that it could not make or has lost."""
    found: list[dict[str, Any]] = []
    yield found
    gc.collect()  # What was left open is a ResourceWarning, and so an error.
    assert found == []


def rest_of(client: socket.socket) -> int:
    """How many bytes come until the end of the connection."""
    received = 0
    try:
        while piece := client.recv(2**20):
            received += len(piece)
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize("steps", range(6))
async def test_whoever_connects_at_the_moment_of_a_stop_is_turned_away_without_a_trace(
    problems: list[dict[str, Any]], steps: int
) -> None:
    """The system takes a connection at once; each step has the event loop do more about it."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)  # So that it reports a connection that could not be made.
    loop.set_exception_handler(lambda _, context: problems.append(context))
    server = endless_server()
    address = await server.start("127.0.0.1", 0)
    with socket.create_connection(address, timeout=10) as client:
        for _ in range(steps):
            await asyncio.sleep(0)
        await server.stop(grace_seconds=5)
        assert rest_of(client) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)


async def test_clients_that_do_not_read_their_answers_are_cut_off_when_their_time_is_up(
    problems: list[dict[str, Any]],
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: problems.append(context))
    server = endless_server()
    address = await server.start("127.0.0.1", 0)
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(3)
        ]
        for client in clients:
            client.sendall(b"GET /objectstore/store/key HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await loop.run_in_executor(None, client.recv, 1)  # The answer has begun.
        await server.stop(grace_seconds=0.1)
        for client in clients:
            assert rest_of(client) > 0
