"""A stop of the server, while requests have begun or their answers have not left yet."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from emulator.core.clock import Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Handler, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.render import object_response
from emulator.http.request import Body
from emulator.http.server import HttpServer
from emulator.service.completion import Completion
from tests.support.loop_time import LoopTime

KEEP_ALIVE_SECONDS = 2 * 3600.0
"""Longer than the server keeps an idle connection."""

SIZE = 1_000_000
BUFFER = 4096
"""Of each socket: so little of an answer that the rest waits in the server."""


async def answer_at_once(incoming: Incoming) -> Response:
    """Write a body without waiting for its client to take any of it."""
    transport = incoming.request.peer.transport
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

    async def slow(_incoming: Incoming) -> Response:
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


PUT = b"PUT /objectstore/s/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"


async def read_all(incoming: Incoming) -> Response:
    """Read the body, and answer with its length."""
    size = sum([len(piece) async for piece in Body(incoming)])
    return Response(200, str(size).encode())


async def a_server_of_uploads() -> tuple[HttpServer, int]:
    table: Table = {Resource.OBJECT: {"PUT": Endpoint(read_all, "PutObject")}}
    server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
    return server, (await server.start("127.0.0.1", 0))[1]


@pytest.mark.proves("D121")
@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "kept-alive"])
async def test_an_upload_whose_head_has_come_is_finished_or_its_connection_is_closed(
    is_first: bool, steps: int
) -> None:
    """Each step has the event loop do more of what is between a head and its handler."""
    server, port = await a_server_of_uploads()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if not is_first:
        writer.write(PUT + bytes(1000))
        await reader.readuntil(b"\r\n\r\n1000")
    writer.write(PUT + bytes(500))
    for _ in range(steps):
        await asyncio.sleep(0)
    stopping = asyncio.ensure_future(server.stop(grace_seconds=3600))
    await others_run()
    writer.write(bytes(500))
    with contextlib.suppress(ConnectionError):
        answer = await asyncio.wait_for(reader.read(), 30)
        assert answer == b"" or answer.endswith(b"\r\n\r\n1000")
    await asyncio.wait_for(stopping, 30)
    writer.close()


@pytest.mark.proves("D121")
async def test_a_stop_closes_a_connection_on_which_a_part_of_a_head_has_come() -> None:
    server, port = await a_server_of_uploads()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(PUT[:20])
    await others_run()
    await asyncio.wait_for(server.stop(grace_seconds=3600), 30)
    assert await reader.read() == b""
    writer.close()


@pytest.mark.proves("D121")
async def test_a_stop_cuts_off_an_upload_that_does_not_go_on() -> None:
    server, port = await a_server_of_uploads()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(PUT + bytes(500))
    await others_run()
    await asyncio.wait_for(server.stop(grace_seconds=0.01), 30)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 30) == b""
    writer.close()


@pytest.mark.proves("D121")
async def test_a_handler_that_is_cut_off_has_ended_when_the_stop_returns() -> None:
    ended = False

    async def endless(_incoming: Incoming) -> Response:
        nonlocal ended
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended = True
        raise AssertionError

    server, port = await started(endless)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    await others_run()
    await server.stop(grace_seconds=0)
    assert ended
    writer.close()


@pytest.mark.proves("D121")
async def test_a_stop_waits_little_for_a_body_whose_request_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("emulator.http.connections._LINGER_SECONDS", 0.01)

    async def refuse(_incoming: Incoming) -> Response:
        return Response(403)

    table: Table = {Resource.OBJECT: {"PUT": Endpoint(refuse, "PutObject")}}
    server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
    _, port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(PUT + bytes(500))
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.wait_for(server.stop(grace_seconds=3600), 30)
    writer.close()


@pytest.mark.proves("D121")
async def test_a_download_that_had_begun_closes_its_connection_when_a_stop_comes() -> None:
    """Its head, which has left, says that the connection stays open."""
    server, port = await started()
    reader, writer = await get(port)
    await others_run()
    stopping = asyncio.ensure_future(server.stop(grace_seconds=3600))
    assert await reader.read() == b"x" * SIZE
    await asyncio.wait_for(stopping, 30)
    writer.close()
