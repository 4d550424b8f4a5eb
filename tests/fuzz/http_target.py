"""Fuzz target: the whole server behind a connection that sends arbitrary bytes."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import zlib
from collections.abc import Callable
from typing import Any

from emulator.app import App
from emulator.config import Config
from emulator.core.clock import Clock
from tests.fuzz.target import Target, nothing_logged
from tests.support.emulators import ANY_NAMES

MOST_TURNS = 300
"""How many turns of the loop an input may take: nothing that it asks for waits for anything."""

CALM_TURNS = 6
"""After how many turns without an answer the server is taken to wait for more input."""

INPUTS_OF_A_STATE = 50
"""After how many inputs the store and the object are made again: one may have deleted them."""

STATES_OF_AN_ACCOUNT = 40
"""After how many of these the emulator is reset."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [ -~]*\r\n")

_CONFIG = Config(
    port=0,
    cache="memory",
    api_revision="latest",
    no_limits=True,
    log_level="warning",
    **ANY_NAMES,
)

_HEAD = b"Host: localhost\r\nAuthorization: {OWNER}\r\n"

_ARN = "arn:aws:iam::123456789012:role/R"

_READ = {"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}


def _with_json(line: str, document: object) -> bytes:
    body = json.dumps(document).encode()
    head = b"%s HTTP/1.1\r\n" % line.encode() + _HEAD
    return head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _store(**more: object) -> dict[str, object]:
    return {
        "storage_config": {"s3": {"bucket_name": "b", "iam_role_arn": _ARN}},
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
        **more,
    }


STATE = (
    _with_json("PUT /objectstore/s", _store()),
    b"PUT /objectstore/s/k HTTP/1.1\r\n"
    + _HEAD
    + b"mo-meta-a: b\r\nContent-Length: 4000\r\n\r\n"
    + b"body" * 1000,
)
"""The requests that make what the others are about."""

VALID: dict[bytes, tuple[int, ...]] = {
    b"GET /objectstore/s/k HTTP/1.1\r\n" + _HEAD + b"\r\n": (200,),
    b"GET /objectstore/s/a%2Fb?x=1 HTTP/1.1\r\n" + _HEAD + b"Range: bytes=0-1\r\n\r\n": (404,),
    b"HEAD /objectstore/s/k HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n": (200,),
    b"PUT /objectstore/s/k?ttl_seconds=60 HTTP/1.1\r\n"
    + _HEAD
    + b"mo-meta-a: b\r\nmo-tag-t: v\r\nContent-Length: 5\r\n\r\nhello": (204,),
    b"PUT /objectstore/s/l HTTP/1.1\r\n"
    + _HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n": (204,),
    b"PUT /objectstore/s/k HTTP/1.1\r\n"
    + _HEAD
    + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok": (204,),
    b"PUT /objectstore/s/e HTTP/1.1\r\n"
    + _HEAD
    + b"mo-persistence: ephemeral\r\nContent-Length: 2\r\n\r\nok": (204,),
    b"DELETE /objectstore/s/none HTTP/1.1\r\n" + _HEAD + b"\r\n": (204,),
    b"OPTIONS /objectstore/s/k HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n"
    b"Access-Control-Request-Method: PUT\r\n\r\n": (204,),
    _with_json("PUT /objectstore/t", _store(object_store_limits={"read_requests_per_second": 9})): (
        201,
    ),
    b"DELETE /objectstore/t HTTP/1.1\r\n" + _HEAD + b"\r\n": (204,),
    b"GET /objectstore?limit=1 HTTP/1.1\r\n" + _HEAD + b"\r\n": (200,),
    b"GET /endpoints HTTP/1.1\r\n" + _HEAD + b"\r\n": (200,),
    _with_json("POST /roles", {"role_name": "r", "permissions": {"rules": [_READ]}}): (200,),
    b"GET /objectstore/s/k HTTP/1.0\r\nAuthorization: {OWNER}\r\n\r\n": (200,),
    b"GET http://host/objectstore/s/k HTTP/1.1\r\n" + _HEAD + b"\r\n": (200,),
    b"GET /objectstore/s/k HTTP/1.1\r\n"
    + _HEAD
    + b"\r\nGET /objectstore/s/none HTTP/1.1\r\n"
    + _HEAD
    + b"\r\n": (200, 404),
    b"GET /objectstore/s/k HTTP/1.1\r\n"
    + _HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n": (200,),
    b"GET /objectstore/s/k\r\n\r\n": (400,),
}
"""Requests with the statuses of their answers, when they follow ``STATE`` in this order."""

SEEDS = tuple(VALID)

TOKENS = (
    b"GET ",
    b"PUT ",
    b"DELETE ",
    b"TRACE ",
    b"/objectstore/s/",
    b"/objectstore/t",
    b"/api-keys",
    b" HTTP/1.1\r\n",
    b" HTTP/1.0\r\n",
    b" HTTP/2.0\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: +3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: keep-alive\r\n",
    b"Upgrade: h2c\r\n",
    b"Host: b\r\n",
    b"Authorization: x\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"?ttl_seconds=",
    b"&limit=",
    b"mo-meta-",
    b"mo-tag-",
    b"x" * 20_000,
    b"A: b\r\n" * 130,
)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that tells how the server makes its connections."""

    connect: Callable[[], Any]

    async def connect_accepted_socket(
        self, protocol_factory: Any, sock: socket.socket, **options: Any
    ) -> Any:
        self.connect = protocol_factory
        return await super().connect_accepted_socket(protocol_factory, sock, **options)


class _Transport(asyncio.Transport):
    """A connection whose client reads everything at once."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent = bytearray()
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def close(self) -> None:
        self._closing = True

    def abort(self) -> None:
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        """No input is long."""

    def resume_reading(self) -> None:
        """No input is long."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is buffered."""

    def get_write_buffer_size(self) -> int:
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """There is only one."""

    def get_protocol(self) -> asyncio.BaseProtocol:
        raise NotImplementedError


class HttpTarget(Target):
    """One connection to an emulator in this process, without a socket.

    For any bytes, in any pieces: what comes back begins with an answer or is nothing; no error is
    logged; and when the client is gone, nothing is left running.
    """

    name = "http"
    seeds = SEEDS
    tokens = TOKENS

    def __init__(self) -> None:
        self._loop = _Loop()
        self._problems: list[str] = []
        self._loop.set_exception_handler(
            lambda _, context: self._problems.append(str(context.get("message")))
        )
        self._app = App(_CONFIG, Clock())
        self._loop.run_until_complete(self._start())
        self._key = (self._app.opened.api_keys["owner"] or "").encode()
        self._run = 0

    async def _start(self) -> None:
        _, writer = await asyncio.open_connection(*await self._app.start())
        writer.close()
        await writer.wait_closed()
        for _ in range(CALM_TURNS):
            await asyncio.sleep(0)
        self._own_tasks = len(asyncio.all_tasks())

    def run(self, data: bytes) -> None:
        if self._run % (INPUTS_OF_A_STATE * STATES_OF_AN_ACCOUNT) == 0:
            self._loop.run_until_complete(self._app.control.state.reset())
        if self._run % INPUTS_OF_A_STATE == 0:
            for request in STATE:
                self.answer(request)
        self._run += 1
        self.answer(data)

    def answer(self, data: bytes) -> list[int]:
        """Send ``data``, and check what comes back; return the statuses in it."""
        with nothing_logged() as logged:
            sent = self._loop.run_until_complete(self._talk(data.replace(b"{OWNER}", self._key)))
        assert not logged, logged[0]
        assert not self._problems, self._problems.pop()
        assert not sent or _STATUS_LINE.match(sent), bytes(sent[:100])
        return [int(status) for status in _STATUS_LINE.findall(sent)]

    def close(self) -> None:
        self._loop.run_until_complete(self._app.stop())
        self._loop.close()

    async def _talk(self, data: bytes) -> bytearray:
        """Send ``data`` in one or two pieces, and then nothing more; return what comes back."""
        transport, connection = _Transport(), self._loop.connect()
        connection.connection_made(transport)
        cut = zlib.crc32(data) % (2 * len(data) + 1)
        for piece in (data[:cut], data[cut:]):
            if piece and not transport.is_closing():
                self._loop.call_soon(connection.data_received, piece)  # As a transport does.
            await asyncio.sleep(0)
        await self._until_calm(transport)
        if not transport.is_closing():
            self._loop.call_soon(connection.eof_received)
            await self._until_calm(transport)
        self._loop.call_soon(connection.connection_lost, None)
        await asyncio.sleep(0)
        for _ in range(MOST_TURNS):
            if len(asyncio.all_tasks()) <= self._own_tasks:
                return transport.sent
            await asyncio.sleep(0)
        left = sorted(str(task.get_coro()) for task in asyncio.all_tasks())
        raise AssertionError(f"the connection is lost, and something still runs on it: {left}")

    async def _until_calm(self, transport: _Transport) -> None:
        calm = 0
        while calm < CALM_TURNS and not transport.is_closing():
            before = len(transport.sent)
            await asyncio.sleep(0)
            calm = calm + 1 if len(transport.sent) == before else 0
