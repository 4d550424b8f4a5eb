"""A client that does not read its answer holds little memory, wherever the body comes from."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from emulator.backends.storage.base import BodyStream
from emulator.backends.storage.memory import MemoryStorage
from emulator.core.clock import Clock
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.response_fault import Portion, ResponseFault
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Incoming
from emulator.http.in_flight import InFlight
from emulator.http.message import Request, Response
from emulator.http.render import json_response, object_response
from emulator.http.server import HttpServer
from emulator.service.completion import Completion

SIZE = 8 * 1024 * 1024
BODY = bytes(range(256)) * (SIZE // 256)
INFO = ObjectInfo(SIZE, 0, 0)

MOST_BYTES = 512 * 1024
"""The most that a stalled client may hold: half of what is promised."""

BUFFER = 4096
"""Of each socket: so little of an answer that the rest waits in the server."""


class LargePieces(BodyStream):
    """A body from an engine that gives it in large pieces, as a network may."""

    file = None

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, SIZE, 4 * 1024 * 1024):
            yield BODY[start : start + 4 * 1024 * 1024]

    async def close(self) -> None:
        """There is nothing to give back."""


async def from_a_cache(_: Incoming) -> Response:
    return object_response(INFO, BODY)


async def from_memory_storage(_: Incoming) -> Response:
    storage, location = MemoryStorage(), Location("bucket", "key")
    await storage.put(location, INFO, BODY)
    stored = await storage.open(location, inline_bytes=0)
    assert stored is not None
    return object_response(stored.info, stored.body)


async def from_a_network(_: Incoming) -> Response:
    return object_response(INFO, LargePieces())


async def never_waits(_seconds: float) -> None:
    """A fault without its delay."""


async def with_a_fault(incoming: Incoming) -> Response:
    incoming.operation.response_fault = ResponseFault(never_waits, sent=Portion(fraction=1.0))
    return object_response(INFO, BODY)


async def at_a_high_rate(incoming: Incoming) -> Response:
    incoming.operation.response_fault = ResponseFault(never_waits, rate=1e12)
    return object_response(INFO, LargePieces())


ANSWERS = (from_a_cache, from_memory_storage, from_a_network, with_a_fault, at_a_high_rate)


async def a_document(_: Incoming) -> Response:
    return json_response("x" * SIZE)


class Stalled:
    """A server whose only client has sent a request and does not read."""

    def __init__(self, server: HttpServer, client: socket.socket) -> None:
        self.server = server
        self.client = client

    @property
    def unsent(self) -> int:
        """How many bytes of the answer are in the memory of the server."""
        transports = self.server._server._connections.values()
        return max(each.get_write_buffer_size() for each in transports)


async def stalled(handler: Callable[[Incoming], object]) -> Stalled:
    async def narrow(incoming: Incoming) -> Response:
        transport = incoming.request.peer.transport
        assert transport is not None
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        response: Response = await handler(incoming)  # type: ignore[misc]
        return response

    server = HttpServer(
        {Resource.OBJECT: {"GET": Endpoint(narrow, "GetObject")}},
        Clock(),
        Completion(Clock()),
        InFlight(),
    )
    _, port = await server.start("127.0.0.1", 0)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    await loop.sock_sendall(client, b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    made = Stalled(server, client)
    for _ in range(200):
        await asyncio.sleep(0)
    return made


@pytest.mark.parametrize("handler", [*ANSWERS, a_document])
async def test_a_client_that_does_not_read_holds_little_memory(
    handler: Callable[[Incoming], object],
) -> None:
    one = await stalled(handler)
    assert 0 < one.unsent <= MOST_BYTES
    one.client.close()
    await one.server.stop(grace_seconds=5)


@pytest.mark.parametrize("handler", ANSWERS)
async def test_a_client_that_reads_late_gets_every_byte_once(
    handler: Callable[[Incoming], object],
) -> None:
    one = await stalled(handler)
    reader, writer = await asyncio.open_connection(sock=one.client, limit=2 * SIZE)
    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(SIZE) == BODY
    stopping = asyncio.ensure_future(one.server.stop(grace_seconds=5))
    assert await reader.read() == b""
    await stopping
    writer.close()


async def test_a_body_that_nobody_reads_is_not_read_from_its_socket_beyond_a_limit() -> None:
    """What waits for room in memory relies on this."""
    arrived: asyncio.Future[Request] = asyncio.get_running_loop().create_future()

    async def waits(incoming: Incoming) -> Response:
        arrived.set_result(incoming.request)
        await asyncio.Event().wait()
        raise AssertionError

    server = HttpServer(
        {Resource.OBJECT: {"PUT": Endpoint(waits, "PutObject")}},
        Clock(),
        Completion(Clock()),
        InFlight(),
    )
    _, port = await server.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PUT /objectstore/s/k HTTP/1.1\r\nHost: h\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n" % (4 * SIZE) + bytes(4 * SIZE))
    request = await arrived
    transport = request.peer.transport
    assert transport is not None
    while transport.is_reading():  # noqa: ASYNC110
        await asyncio.sleep(0)
    for _ in range(200):
        await asyncio.sleep(0)
    assert request.content.total_bytes <= 1024 * 1024
    writer.transport.abort()
    await server.stop(grace_seconds=0)


async def test_the_head_and_a_small_body_leave_in_one_segment() -> None:
    async def small(_: Incoming) -> Response:
        return object_response(ObjectInfo(1024, 0, 0), bytes(1024))

    server = HttpServer(
        {Resource.OBJECT: {"GET": Endpoint(small, "GetObject")}},
        Clock(),
        Completion(Clock()),
        InFlight(),
    )
    _, port = await server.start("127.0.0.1", 0)
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    client.setblocking(False)
    head, _, body = (await asyncio.get_running_loop().sock_recv(client, 65536)).partition(
        b"\r\n\r\n"
    )
    assert (head[:13], body) == (b"HTTP/1.1 200 ", bytes(1024))
    client.close()
    await server.stop(grace_seconds=5)
