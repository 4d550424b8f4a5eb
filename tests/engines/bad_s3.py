"""A server in front of an S3 that can be told to misbehave, and notes what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aiohttp import ClientSession, web
from yarl import URL

from tests.support.ports import HOST

_RESET = struct.pack("ii", 1, 0)
_NOT_PASSED_ON = ("transfer-encoding", "content-length", "connection", "keep-alive")


_SOURCE_ETAG = "x-amz-copy-source-if-match"


class Asked(NamedTuple):
    """A request that came; ``target`` is its path with its query, as it came, ``form`` what the
    body of one to STS says, ``size`` how many bytes the body has, and ``source_etag`` which version
    of its source a copy is to be made of."""

    method: str
    target: str
    form: Mapping[str, str]
    size: int
    source_etag: str | None


class Forward:
    """Asks the S3 behind when it is called, and says that somebody is waiting for an answer."""

    def __init__(
        self, ask: Callable[[], Awaitable[web.Response]], kept_waiting: Callable[[], None]
    ) -> None:
        self._ask = ask
        self.keeps_waiting = kept_waiting

    async def __call__(self) -> web.Response:
        return await self._ask()


S3Fault = Callable[[web.BaseRequest, Forward], Awaitable[web.StreamResponse]]
"""Answers a request in its own way."""


def answers(status: int, code: str) -> S3Fault:
    """Refuse, as S3 does."""

    async def fault(request: web.BaseRequest, _forward: Forward) -> web.StreamResponse:
        if "Expect" not in request.headers:
            await request.content.read()
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>As told</Message></Error>"
        return web.Response(status=status, text=body, content_type="application/xml")

    return fault


async def hangs(_request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
    """Take the request and never answer."""
    forward.keeps_waiting()
    await asyncio.Event().wait()
    raise AssertionError


async def hangs_after_the_work(_request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
    """Do it, and never say so."""
    await forward()
    return await hangs(_request, forward)


async def resets(request: web.BaseRequest, _forward: Forward) -> web.StreamResponse:
    """Reset the connection."""
    assert request.transport is not None
    raw = request.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    request.transport.abort()
    return web.Response()


def cuts_short(after: int) -> S3Fault:
    """Close the connection after so many bytes of the answer's body."""

    async def fault(request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        whole = await forward()
        assert isinstance(whole.body, bytes)
        headers = {**whole.headers, "Content-Length": str(len(whole.body))}
        cut = web.StreamResponse(status=whole.status, headers=headers)
        await cut.prepare(request)
        await cut.write(whole.body[:after])
        assert request.transport is not None
        request.transport.close()
        return cut

    return fault


async def is_late(_request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
    """Keep who asks waiting first."""
    forward.keeps_waiting()
    return await forward()


class BadS3:
    """Passes requests on to the server at ``url``, but for those that it has fault with."""

    def __init__(self, url: str) -> None:
        self.asked: list[Asked] = []
        self._behind = url
        self._port = 0
        self.kept_waiting = 0
        """How many requests were kept waiting since the fault began."""
        self._fault: tuple[str, str, S3Fault] | None = None
        self._then: Callable[[], None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = contextlib.AsyncExitStack()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        self._thread.start()
        self._run(self._start())

    def stop(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def fault(
        self,
        fault: S3Fault,
        method: str = "",
        target: str = "",
        *,
        then: Callable[[], None] | None = None,
    ) -> Iterator[list[Asked]]:
        """Meanwhile have fault with every request of that method, if one is given, and with
        ``target`` in its own; what was asked since, whatever came of it.

        Each request that is kept waiting has ``then`` called.
        """
        self.asked.clear()
        self.kept_waiting, self._then = 0, then
        self._fault = (method, target, fault)
        try:
            yield self.asked
        finally:
            self._fault = None

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self) -> None:
        self._session = await self._stack.enter_async_context(
            ClientSession(auto_decompress=False, skip_auto_headers={"Content-Type"})
        )
        runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        self._port = runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._stack.aclose()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        form: dict[str, str] = {}
        body = b""
        if request.content_type == "application/x-www-form-urlencoded":
            body = await request.content.read()
            form = dict(parse_qsl(body.decode()))
        size, etag = request.content_length or 0, request.headers.get(_SOURCE_ETAG)
        asked = Asked(request.method, request.raw_path, form, size, etag)
        self.asked.append(asked)
        if self._fault is not None:
            method, target, fault = self._fault
            if method in ("", asked.method) and target in asked.target:
                forward = Forward(lambda: self._forward(request, body), self._keeps_waiting)
                return await fault(request, forward)
        return await self._forward(request, body)

    def _keeps_waiting(self) -> None:
        self.kept_waiting += 1
        if self._then is not None:
            self._then()

    async def _forward(self, request: web.BaseRequest, read: bytes) -> web.Response:
        url = URL(f"{self._behind}{request.raw_path}", encoded=True)
        headers = request.headers.copy()
        for name in ("Expect", "Transfer-Encoding"):
            headers.popall(name, None)
        if "Expect" in request.headers and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = io.BytesIO(read or await request.content.read())
        async with self._session.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            passed = answer.headers.copy()
            for name in _NOT_PASSED_ON:
                if request.method != "HEAD" or name != "content-length":
                    passed.popall(name, None)
            content = await answer.read()
            return web.Response(status=answer.status, headers=passed, body=content)
