"""Connections, as aiohttp's low-level server has them, and what it does not do for us there."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import hdrs, web

from emulator.transfer import CutOffError

_RESET = struct.pack("ii", 1, 0)  # Linger for no time: what was not sent is dropped.


class Malformed(Protocol):
    """Is told of what cannot be parsed."""

    def body_is_malformed(self, connection: asyncio.BaseProtocol) -> None:
        """The rest of the body of the request that ``connection`` is in will not come."""

    def refuse(
        self, request: web.BaseRequest, error: BaseException | None, message: str | None
    ) -> web.StreamResponse:
        """The answer to what is no request."""


class Connections(web.Server):
    """aiohttp's server, with connections that answer errors in our form.

    Args:
        handle: answers a request.
        malformed: is told of what is none.
        options: of each connection.
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

    def __call__(self) -> web.RequestHandler:
        """A new connection."""
        return _Connection(self, self._malformed, loop=asyncio.get_running_loop(), **self._options)


class _Connection(web.RequestHandler):
    def __init__(self, manager: web.Server, malformed: Malformed, **options: Any) -> None:
        super().__init__(manager, **options)
        self._malformed = malformed

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # aiohttp queues what it cannot parse behind the request that runs. If that request's own
        # body is what cannot be parsed, it would wait for ever for the rest of it.
        if self._messages:
            self._malformed.body_is_malformed(self)

    def close(self) -> None:
        """Close the connection, after the answer to the request that runs on it."""
        is_idle = self._waiter is not None and not self._waiter.done()
        super().close()
        if is_idle and self.transport is not None:
            self.transport.close()  # aiohttp leaves it open, and would answer nothing on it.

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


def is_out_of_step(request: web.BaseRequest) -> bool:
    """Whether nobody can tell where on the connection the next request begins: the body was
    malformed, or its client was never asked for it and may or may not send it."""
    content = request.content
    if content.exception() is not None:
        return True
    return not content.is_eof() and hdrs.EXPECT in request.headers


def cut_off(request: web.BaseRequest, cut: CutOffError) -> None:
    """Close the connection: at once and with a reset, or once what was written has gone."""
    transport = request.transport
    if transport is None:
        return
    if not cut.reset:
        transport.close()
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
