"""A stop of the server, while answers that were written have not left yet."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from emulator.core.clock import Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Handler, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.render import object_response
from emulator.http.server import HttpServer
from emulator.service.completion import Completion
from tests.support.loop_time import LoopTime

KEEP_ALIVE_SECONDS = 2 * 3600.0
"""Longer than the server keeps an idle connection."""

SIZE = 1_000_000
BUFFER = 4096
"""Of each socket: so little of an answer that the rest waits in the server."""


async def answer_at_once(incoming: Incoming) -> web.StreamResponse:
    """Write a body without waiting for its client to take any of it."""
    transport = incoming.request.transport
    assert transport is not None
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    transport.set_write_buffer_limits(high=2 * SIZE)
    return object_response(ObjectInfo(SIZE, 0, 0), b"x" * SIZE)


async def started(handler: Handler = answer_at_once) -> tuple[HttpServer, int]:
    table: Table = {Resource.OBJECT: {"GET": Endpoint(handler, "GetObject")}}
    server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
    _, port = await server.start("127.0.0.1", 0)
    return server, port


async def get(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request of which the client has read the head of the answer, and hardly more."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=client, limit=BUFFER)
    writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def others_run() -> None:
    """Let everybody else do what does not need to be waited for."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_stop_waits_until_a_slow_client_has_taken_what_was_written() -> None:
    server, port = await started()
    reader, writer = await get(port)
    await others_run()
    stopping = asyncio.ensure_future(server.stop(grace_seconds=30))
    await others_run()
    assert not stopping.done()
    assert await reader.read() == b"x" * SIZE
    await stopping
    writer.close()


async def test_a_stop_waits_until_a_slow_client_has_taken_what_was_written_hours_ago() -> None:
    server, port = await started()
    reader, writer = await get(port)
    await others_run()
    LoopTime(asyncio.get_running_loop()).advance(KEEP_ALIVE_SECONDS)  # aiohttp lets go of it.
    await others_run()
    stopping = asyncio.ensure_future(server.stop(grace_seconds=30))
    await asyncio.wait([stopping], timeout=0.1)
    assert not stopping.done()
    assert await reader.read() == b"x" * SIZE
    await stopping
    writer.close()


async def test_a_stop_waits_for_a_client_that_takes_nothing_no_longer_than_its_grace() -> None:
    server, port = await started()
    _, writer = await get(port)
    await others_run()
    await asyncio.wait_for(server.stop(grace_seconds=0), 30)
    writer.transport.abort()


async def test_a_stop_waits_for_no_client_that_has_nothing_to_take() -> None:
    server, port = await started()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await others_run()
    await asyncio.wait_for(server.stop(grace_seconds=3600), 30)
    writer.close()


async def test_a_stop_closes_idle_connections_at_once_and_others_after_their_answer() -> None:
    came, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(_incoming: Incoming) -> web.StreamResponse:
        came.set()
        await may_go_on.wait()
        return object_response(ObjectInfo(4, 0, 0), b"body")

    server, port = await started(slow)
    idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
    busy, busy_writer = await asyncio.open_connection("127.0.0.1", port)
    busy_writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    await came.wait()
    stopping = asyncio.ensure_future(server.stop(grace_seconds=3600))
    assert await asyncio.wait_for(idle.read(), 30) == b""
    assert not stopping.done()
    may_go_on.set()
    head, _, body = (await busy.read()).partition(b"\r\n\r\n")
    assert b"\r\nconnection: close\r\n" in head.lower() + b"\r\n"
    assert body == b"body"
    await stopping
    for writer in (idle_writer, busy_writer):
        writer.close()
