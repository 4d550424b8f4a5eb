"""The HTTP server: it listens, hands requests to handlers, and finishes them before it stops.

It sits on aiohttp's low-level server. Routing by the raw path and errors in JSON would leave
nothing for aiohttp's application to do, and that costs throughput.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from aiohttp import hdrs, web

from emulator.auth.keys import redact
from emulator.errors import InternalError, ServiceError
from emulator.http.handlers import Handler
from emulator.http.malformed import LIMITS, refuse
from emulator.http.render import method_not_allowed, not_found, service_error
from emulator.http.routing import Resource, parse_target

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.01


class HttpServer:
    """Serves a table of handlers on one address.

    Args:
        table: the handlers by resource and method.
    """

    def __init__(self, table: Mapping[Resource, Mapping[str, Handler]]) -> None:
        self._table = table
        self._busy: dict[asyncio.BaseProtocol, web.BaseRequest] = {}
        self._draining = False
        self._open = asyncio.Event()
        self._open.set()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return the address that was bound: port 0 takes a free one.

        Raises:
            OSError: the address cannot be bound.
        """
        self._server = _Server(
            self,
            access_log=None,
            auto_decompress=False,  # D38: a body is stored as it was sent.
            **LIMITS,
        )
        self._runner = web.ServerRunner(self._server, shutdown_timeout=1)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, host, port)
        await self._site.start()
        address = self._runner.addresses[0]
        return address[0], address[1]

    async def stop(self, *, grace_seconds: float) -> None:
        """Stop listening, finish the requests that are running, and close every connection.

        Requests that still run after ``grace_seconds`` are cut off.
        """
        # aiohttp's own clean-up drops what still arrives on a connection, and so would leave an
        # upload waiting for the rest of its body. It gets only the connections that are done.
        await self._site.stop()
        self._draining = True
        for connection in self._server.connections:
            if connection not in self._busy:
                connection.close()
        await self._wait_for_quiet(grace_seconds)
        if self._busy:
            logger.warning("Cut off %d requests that did not finish", len(self._busy))
        await self._runner.cleanup()

    @asynccontextmanager
    async def quiet(self, *, grace_seconds: float) -> AsyncIterator[None]:
        """Have no request running for a while: new ones wait until it is over.

        Requests that still run after ``grace_seconds`` are cut off.
        """
        self._open.clear()
        try:
            await self._wait_for_quiet(grace_seconds)
            for request in self._busy.values():
                if request.transport is not None:
                    request.transport.abort()
            await self._wait_for_quiet(grace_seconds)
            yield
        finally:
            self._open.set()

    async def _wait_for_quiet(self, grace_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        while self._unfinished() and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)  # A transport tells nobody that it has sent all.

    def _unfinished(self) -> bool:
        return bool(self._busy) or any(
            connection.transport is not None and connection.transport.get_write_buffer_size()
            for connection in self._server.connections
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if not self._open.is_set():
            await self._open.wait()
        connection = request.protocol
        self._busy[connection] = request
        try:
            response = await self._respond(request)
        finally:
            del self._busy[connection]
        if self._draining or _is_out_of_step(request):
            response.force_close()
        return response

    def body_is_malformed(self, connection: asyncio.BaseProtocol) -> None:
        """Tell the request that ``connection`` is in that the rest of its body will not come."""
        request = self._busy.get(connection)
        if request is not None and not request.content.is_eof():
            request.content.set_exception(web.RequestPayloadError("malformed body"))

    def refuse(self, error: BaseException | None, message: str | None) -> web.StreamResponse:
        """Answer what aiohttp could not parse as a request."""
        response = refuse(error, message, self._table)
        response.force_close()
        return response

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        # D32: whether there is such an operation does not depend on who asks.
        target = parse_target(request.raw_path)
        if target.resource is None:
            return not_found(target.path)
        handlers = self._table[target.resource]
        handler = handlers.get(request.method)
        if handler is None:
            return method_not_allowed(request.method, target.path, handlers)
        try:
            return await handler(request, target)
        except ServiceError as error:
            return service_error(error, target.path)
        except ConnectionError:
            raise  # The client is gone: aiohttp closes the connection.
        except Exception:
            logger.exception("%s %s failed", request.method, redact(unquote(target.path)))
            if request.writer.output_size > 0:
                raise ConnectionError("the answer has begun: it can only be cut off") from None
            return service_error(InternalError(), target.path)


def _is_out_of_step(request: web.BaseRequest) -> bool:
    """Whether nobody can tell where on the connection the next request begins: the body was
    malformed, or its client was never asked for it and may or may not send it."""
    content = request.content
    if content.exception() is not None:
        return True
    return not content.is_eof() and hdrs.EXPECT in request.headers


class _Server(web.Server):
    """aiohttp's server, with connections that answer errors in our form."""

    def __init__(self, server: HttpServer, **options: Any) -> None:
        super().__init__(server.handle)
        self._http_server = server
        self._options = options

    def __call__(self) -> web.RequestHandler:
        return _Connection(
            self, self._http_server, loop=asyncio.get_running_loop(), **self._options
        )


class _Connection(web.RequestHandler):
    def __init__(self, manager: web.Server, server: HttpServer, **options: Any) -> None:
        super().__init__(manager, **options)
        self._http_server = server

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # aiohttp queues what it cannot parse behind the request that runs. If that request's own
        # body is what cannot be parsed, it would wait for ever for the rest of it.
        if self._messages:
            self._http_server.body_is_malformed(self)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,  # noqa: ARG002
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionError("An answer has begun: the connection can only be closed")
        return self._http_server.refuse(exc, message)
