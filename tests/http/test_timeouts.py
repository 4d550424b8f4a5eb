"""Clients that are too slow are let go, by a clock that nobody moves but these tests (D120)."""

from __future__ import annotations

import asyncio
import json

import pytest

from emulator.core.clock import Clock
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Handler, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.request import Body
from emulator.http.server import HttpServer
from emulator.http.timeouts import Timeouts
from emulator.service.completion import Completion
from tests.support.connections import Upload
from tests.support.emulators import Start, client
from tests.support.loop_time import LoopTime
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.proves("D120")

TIMEOUTS = Timeouts(head=30, body=60, keep_alive=75)
LOOK = 1.1
"""A little more than the time between two looks at the connections."""

GET = b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n"
PUT = b"PUT /objectstore/s/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"


async def read_all(incoming: Incoming) -> Response:
    """Read the body, and answer with it."""
    body = b"".join([bytes(piece) async for piece in Body(incoming)])
    return Response(200, body)


class Connected:
    """A server, and one connection to it."""

    def __init__(self, handler: Handler = read_all) -> None:
        endpoint = Endpoint(handler, "PutObject")
        table: Table = {Resource.OBJECT: {"GET": endpoint, "PUT": endpoint}}
        self._server = HttpServer(
            table, Clock(), Completion(Clock()), InFlight(), timeouts=TIMEOUTS
        )
        self._time = LoopTime(asyncio.get_running_loop())

    async def __aenter__(self) -> Connected:
        _, port = await self._server.start("127.0.0.1", 0)
        self.reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        await self.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._server.stop(grace_seconds=0)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self.settle()

    async def pass_seconds(self, seconds: float) -> None:
        """Let so much time go by, and let the server look at its connections after it."""
        self._time.advance(seconds)
        await self.settle()
        self._time.advance(LOOK)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    async def answer(self) -> bytes:
        """All that comes until the connection is closed."""
        return await asyncio.wait_for(self.reader.read(), 30)

    @property
    def is_open(self) -> bool:
        return not self.reader.at_eof()


async def test_a_head_that_does_not_come_to_its_end_is_408_and_closes_the_connection() -> None:
    async with Connected() as connected:
        await connected.send(GET[:-2])
        await connected.pass_seconds(TIMEOUTS.head - 2 * LOOK)
        assert connected.is_open
        await connected.pass_seconds(LOOK)
        head, _, body = (await connected.answer()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"Connection: close" in head
    assert json.loads(body).keys() == {"message"}
    assert f"Content-Length: {len(body)}".encode() in head


async def test_a_head_that_comes_byte_by_byte_gets_no_more_time() -> None:
    async with Connected() as connected:
        for octet in GET[:7]:
            await connected.send(bytes([octet]))
            await connected.pass_seconds(TIMEOUTS.head / 10)
        assert connected.is_open
        await connected.pass_seconds(2 * LOOK)
        assert (await connected.answer()).startswith(b"HTTP/1.1 408 ")


async def test_a_head_on_a_connection_kept_alive_has_time_from_its_first_byte_on() -> None:
    async with Connected() as connected:
        await connected.send(GET)
        await connected.pass_seconds(TIMEOUTS.head + LOOK)
        await connected.send(GET[:5])
        await connected.pass_seconds(TIMEOUTS.head - 2 * LOOK)
        assert connected.is_open
        await connected.send(GET[5:])
        await connected.pass_seconds(TIMEOUTS.head + LOOK)
        assert connected.is_open


async def test_a_connection_on_which_nothing_comes_is_closed_without_an_answer() -> None:
    async with Connected() as connected:
        await connected.pass_seconds(TIMEOUTS.head + LOOK)
        assert await connected.answer() == b""


async def test_a_connection_is_kept_open_for_the_next_request_for_its_time() -> None:
    async with Connected() as connected:
        await connected.send(GET)
        await connected.pass_seconds(TIMEOUTS.keep_alive - 2 * LOOK)
        await connected.send(GET)
        await connected.pass_seconds(TIMEOUTS.keep_alive - 2 * LOOK)
        assert connected.is_open
        await connected.pass_seconds(2 * LOOK)
        assert (await connected.answer()).count(b"HTTP/1.1 200 ") == 2


async def test_a_body_that_stops_coming_is_408_and_closes_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Connected() as connected:
        await connected.send(PUT + b"ab")
        await connected.pass_seconds(TIMEOUTS.body - 2 * LOOK)
        assert connected.is_open
        await connected.pass_seconds(2 * LOOK)
        answer = await connected.answer()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    assert caplog.text == ""


async def test_each_piece_of_a_body_has_its_time() -> None:
    async with Connected() as connected:
        await connected.send(PUT)
        for octet in b"body":
            await connected.pass_seconds(TIMEOUTS.body - 2 * LOOK)
            await connected.send(bytes([octet]))
        head = await connected.reader.readuntil(b"\r\n\r\nbody")
    assert head.startswith(b"HTTP/1.1 200 ")


async def test_a_body_that_nobody_waits_for_is_not_late() -> None:
    """Such as one that a client holds back until it is asked for it."""
    may_read = asyncio.Event()

    async def later(incoming: Incoming) -> Response:
        await may_read.wait()
        return await read_all(incoming)

    async with Connected(later) as connected:
        await connected.send(PUT.replace(b"Host", b"Expect: 100-continue\r\nHost"))
        await connected.pass_seconds(10 * TIMEOUTS.body)
        may_read.set()
        await connected.settle()
        await connected.send(b"body")
        head = await connected.reader.readuntil(b"\r\n\r\nbody")
    assert head.startswith(b"HTTP/1.1 100 ")


async def test_a_request_that_takes_long_is_not_late() -> None:
    may_answer = asyncio.Event()

    async def later(_incoming: Incoming) -> Response:
        await may_answer.wait()
        return Response(200, b"late")

    async with Connected(later) as connected:
        await connected.send(GET)
        await connected.pass_seconds(10 * max(TIMEOUTS))
        may_answer.set()
        assert (await connected.reader.readuntil(b"late")).startswith(b"HTTP/1.1 200 ")


def test_an_upload_that_stops_coming_stores_nothing_and_is_in_the_journal(start: Start) -> None:
    emulator = start(body_timeout=20)
    owner = client(emulator)
    owner.create_store("store")
    with Upload(owner, "store", "key", size=4) as upload:
        upload.send(b"ab")
        time = LoopTime.of(emulator)
        with time.hurrying(20):
            assert upload.receive_head().startswith(b"HTTP/1.1 408 ")
    assert owner.get("store", "key").status == 404
    assert emulator.journal.calls(operation="PutObject")[-1].status == 408


def test_the_emulators_clock_times_nobody_out(start: Start) -> None:
    emulator = start()
    owner = client(emulator)
    owner.create_store("store")
    with Upload(owner, "store", "key", size=2) as upload:
        upload.send(b"a")
        emulator.clock.advance(7 * 24 * 3600)
        upload.send(b"b")
        assert upload.finish() == 204


async def test_nothing_looks_at_connections_when_there_are_none() -> None:
    async with Connected() as connected:
        await connected.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
        await connected.answer()
        connections = connected._server._server
        await wait_until_async(lambda: not connections._connections)
        await connected.pass_seconds(LOOK)
        assert connections._next_look is None
