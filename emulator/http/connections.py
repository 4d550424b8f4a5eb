"""Connections on aiohttp's low-level server: errors in our form, and an orderly end."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import hdrs, web

from emulator.core.event_loop import sleep
from emulator.core.response_fault import CutOffError

_BACKLOG = 128
"""How many connections the system accepts in advance."""

_RESET = struct.pack("ii", 1, 0)  # Linger for no time: what was not sent is dropped.


class Malformed(Protocol):
    """Handles what cannot be parsed."""

    def body_is_malformed(self, connection: asyncio.BaseProtocol) -> None:
        """The rest of the body of the request that ``connection`` is in will not come."""

    def refuse(
        self, request: web.BaseRequest, error: BaseException | None, message: str | None
    ) -> web.StreamResponse:
        """The answer to bytes that are no request."""


class Connections(web.Server):
    """aiohttp's server, with connections that answer errors in our form.

    It listens itself, and keeps every connection from when it is accepted until it is lost. One
    left to the garbage collector causes a ResourceWarning, and in Python 3.13 a traceback.

    Args:
        handle: answers a request.
        malformed: handles what is no request.
        options: the options of each connection.
    """

    def __init__(
        self,
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        malformed: Malformed,
        **options: Any,
    ) -> None:
        super().__init__(handle)
        self._malformed = malformed
        self._options = options
        self._transports: dict[web.RequestHandler, asyncio.Transport] = {}

    def __call__(self) -> web.RequestHandler:
        """A new connection."""
        return _Connection(self, self._malformed, loop=asyncio.get_running_loop(), **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Keep the transport of a connection: aiohttp forgets it before all data has been sent."""
        super().connection_made(handler, transport)
        self._transports[handler] = transport

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Note that a connection is closed."""
        super().connection_lost(handler, exc)
        self._transports.pop(handler, None)

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> tuple[str, int]:
        """Accept connections; return the bound address.

        Raises:
            OSError: the address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self, host, port, backlog=_BACKLOG, reuse_port=reuse_port or None
        )
        address = self._listener.sockets[0].getsockname()
        return address[0], address[1]

    async def stop_listening(self) -> None:
        """Stop accepting. On return, ``connections`` has every accepted connection."""
        await close_listener(self._listener)
        for _ in range(2):
            await sleep(0)  # Each transport starts its connection, which begins to wait.

    def has_unsent(self) -> bool:
        """Whether a client has not taken all that was written to it."""
        return any(transport.get_write_buffer_size() for transport in self._transports.values())

    async def end(self, *, seconds: float) -> None:
        """Close every connection. After ``seconds``, cancel what still runs on one, and wait at
        most ``seconds`` more."""
        self.pre_shutdown()
        await self.shutdown(seconds)
        for transport in self._transports.values():
            transport.abort()  # Do not wait for clients that do not read.
        await sleep(0)  # Each transport closes its socket.


class _Connection(web.RequestHandler):
    def __init__(self, manager: web.Server, malformed: Malformed, **options: Any) -> None:
        super().__init__(manager, **options)
        self._malformed = malformed

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # aiohttp queues what it cannot parse behind the request that runs. If that request's own
        # body is what cannot be parsed, it would wait for ever for the rest of it.
        if self._messages and self._waiter is None:
            self._malformed.body_is_malformed(self)

    def close(self) -> None:
        """Close the connection, after the answer to the request that runs on it."""
        is_idle = self._waiter is not None and not self._waiter.done()
        super().close()
        if is_idle and self.transport is not None:
            self.transport.close()  # aiohttp would leave it open and never answer on it.

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,  # noqa: ARG002
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if isinstance(exc, ConnectionError):
            raise exc
        if request.writer.output_size > 0:
            raise CutOffError
        return self._malformed.refuse(request, exc, message)


async def close_listener(listener: asyncio.Server) -> None:
    """Stop accepting, and lose no connection that has been accepted.

    asyncio makes the transport of an accepted connection in a task, which fails if the listener is
    closed by then, and the socket leaks. So those tasks run before the listener is closed.
    """
    loop = listener.get_loop()
    for listening in listener.sockets:
        loop.remove_reader(listening.fileno())
    await sleep(0)  # Each task makes its transport.
    listener.close()


def is_out_of_step(request: web.BaseRequest) -> bool:
    """Whether it is unknown where the next request begins: the body was malformed, or the client
    was never told to continue and may or may not send it."""
    content = request.content
    if content.exception() is not None:
        return True
    return not content.is_eof() and hdrs.EXPECT in request.headers


def cut_off(request: web.BaseRequest, cut: CutOffError) -> None:
    """Close the connection: with a reset at once, or after the written data has been sent."""
    transport = request.transport
    if transport is None:
        return
    if not cut.reset:
        transport.close()
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
