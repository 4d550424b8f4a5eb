"""What the server does when an answer cannot be completed, or a client does not wait for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

import pytest

from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Handler, Incoming
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.render import object_response
from emulator.http.server import HttpServer
from emulator.service.completion import Completion

SIZE = 1_000_000


class BrokenBody(BodyStream):
    """A body whose engine fails after the first piece."""

    def __init__(self) -> None:
        self.file: BinaryIO | None = None
        self.closed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise OSError("the disk is gone")

    async def close(self) -> None:
        self.closed = True


class EndlessBody(BrokenBody):
    """A body that never ends by itself."""

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """A server with one operation; gives its port."""
    server = HttpServer(
        {Resource.OBJECT: {"GET": Endpoint(handler, "GetObject")}},
        Clock(),
        Completion(Clock()),
        InFlight(),
    )
    _, port = await server.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.stop(grace_seconds=5)


async def get(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /objectstore/s/k HTTP/1.1\r\nHost: h\r\n\r\n")
    return reader, writer


async def test_an_answer_that_cannot_be_completed_is_cut_off_and_never_followed_by_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = BrokenBody()

    async def handler(_incoming: Incoming) -> Response:
        return object_response(ObjectInfo(SIZE, 0, 0), body)

    async with serving(handler) as port:
        reader, writer = await get(port)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    head, _, received = answer.partition(b"\r\n\r\n")
    assert f"content-length: {SIZE}".encode() in head.lower()
    assert received == b"x" * 1000
    assert body.closed
    assert "the disk is gone" in caplog.text


async def test_a_failure_before_the_answer_is_a_500_in_json_and_its_cause_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(_incoming: Incoming) -> Response:
        raise RuntimeError("the cause")

    async with serving(handler) as port:
        reader, writer = await get(port)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"application/json" in head
    assert "the cause" in caplog.text


async def test_a_client_that_hangs_up_in_mid_download_gives_the_body_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    body = EndlessBody()

    async def handler(_incoming: Incoming) -> Response:
        return object_response(ObjectInfo(2**40, 0, 0), body)

    async with serving(handler) as port:
        reader, writer = await get(port)
        await asyncio.wait_for(reader.readexactly(100_000), 5)
        writer.transport.abort()
    assert body.closed
    assert not caplog.records


async def test_metadata_that_could_split_a_header_never_leaves_the_server() -> None:
    async def handler(_incoming: Incoming) -> Response:
        info = ObjectInfo(2, 0, 0, metadata={"x-note": "a\r\nset-cookie: b"})
        return object_response(info, b"ok")

    async with serving(handler) as port:
        reader, writer = await get(port)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in head
