"""A body that nobody wanted, and what comes behind it in the same data."""

from __future__ import annotations

import asyncio

import pytest

from emulator.core.event_loop import sleep
from emulator.http.connection import Connection
from emulator.http.malformed import MalformedError
from emulator.http.message import Peer, Request
from emulator.http.serving import READ_AHEAD_BYTES, Served
from emulator.http.timeouts import DEFAULT_TIMEOUTS

HEAD = b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = b"%x\r\n%b\r\n" % (2 * READ_AHEAD_BYTES + 1, bytes(2 * READ_AHEAD_BYTES + 1))
"""A chunk behind which aiohttp's parser in C stops from 3.14 on, until somebody reads the body."""
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Written(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.data: list[bytes | bytearray | memoryview] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.data.append(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True


class Methods:
    """Answers each request with its method, a PUT after a wait, and reads no body."""

    def __init__(self, *, waits: bool) -> None:
        self._waits = waits

    async def handle(self, request: Request) -> None:
        if self._waits and request.method == "PUT":
            await sleep(0)
        request.peer.write(request.method.encode())

    def refuse(self, peer: Peer, error: MalformedError) -> None:
        peer.write(b"%d" % error.status)


class Alone:
    """Owns one connection."""

    def add(self, connection: Served) -> None: ...

    def add_task(self, task: asyncio.Task[None]) -> None:
        self.task = task

    def remove(self, connection: Served) -> None: ...


async def answered(*data: bytes, waits: bool) -> Written:
    """What is written on a connection to which ``data`` comes."""
    loop, owner, transport = asyncio.get_running_loop(), Alone(), Written()
    connection = Connection(Methods(waits=waits), owner, DEFAULT_TIMEOUTS, loop)
    connection.connection_made(transport)
    await sleep(0)
    loop.call_soon(connection.data_received, b"".join(data))
    for _ in range(5):
        await sleep(0)
    connection.connection_lost(None)
    await asyncio.wait_for(owner.task, 10)
    return transport


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("count", [1, 3])
async def test_requests_behind_a_long_unread_body_are_answered(count: int, waits: bool) -> None:
    written = await answered(HEAD, LONG, b"0\r\n\r\n", GET * count, waits=waits)

    assert written.data == [b"PUT", *[b"GET"] * count]
    assert not written.is_closed


@pytest.mark.parametrize("waits", [False, True])
async def test_a_connection_closes_where_an_unread_body_becomes_malformed(waits: bool) -> None:
    written = await answered(HEAD, LONG, b"no size\r\n", GET, waits=waits)

    assert written.data in ([b"PUT"], [b"400"])  # 400 where the parser has gone on to it.
    assert written.is_closed
