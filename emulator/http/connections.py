"""All connections of the HTTP server: they are accepted, looked after, drained and cut."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from emulator.core.event_loop import sleep
from emulator.http.connection import Connection, Requests, Timeouts
from emulator.http.listening import Acceptor, bind

_LOOK_SECONDS = 1.0
"""How often connections are looked at for what has taken too long: no request needs a timer."""

_POLL_SECONDS = 0.005

_LINGER_SECONDS = 0.5
"""How long a drain waits for clients that still send the body of a request that is answered."""


class Connections(web.Server):
    """aiohttp's server, with connections that answer errors in our form.

    It listens itself, and keeps every connection from when it is accepted until it is lost. One
    left to the garbage collector causes a ResourceWarning, and in Python 3.13 a traceback.

    Args:
        handle: answers a request.
        requests: knows the requests that run, and handles what is no request.
        timeouts: how long clients may take.
        late_head: what is sent to a client whose head has not come in time.
        options: the options of each connection.
    """

    def __init__(
        self,
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        requests: Requests,
        timeouts: Timeouts,
        *,
        late_head: bytes,
        **options: Any,
    ) -> None:
        super().__init__(handle)
        self._requests = requests
        self._of_each = (requests, timeouts, late_head)
        self._options = options
        self._transports: dict[web.RequestHandler, asyncio.Transport] = {}
        self._next_look: asyncio.TimerHandle | None = None

    def __call__(self) -> web.RequestHandler:
        """A new connection."""
        loop = asyncio.get_running_loop()
        return Connection(self, *self._of_each, loop=loop, **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Keep the transport of a connection: aiohttp forgets it before all data has been sent."""
        super().connection_made(handler, transport)
        self._transports[handler] = transport
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Note that a connection is closed."""
        super().connection_lost(handler, exc)
        self._transports.pop(handler, None)

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> list[tuple[str, int]]:
        """Accept connections; return the bound addresses.

        ``host`` may be several addresses and names, separated by commas.

        Raises:
            OSError: an address cannot be bound; ``filename`` is the address, if it is known.
        """
        sockets = await bind(host.split(","), port, reuse_port=reuse_port)
        addresses = [listening.getsockname()[:2] for listening in sockets]
        self._acceptor = Acceptor(self)
        self._acceptor.start(sockets)
        return addresses

    async def stop_listening(self) -> None:
        """Stop accepting. On return, every accepted connection is known."""
        await self._acceptor.stop()
        for _ in range(2):
            await sleep(0)  # Each transport starts its connection, which begins to wait.

    async def drain(self, *, grace_seconds: float) -> None:
        """Wait until every connection is closed, at most ``grace_seconds``.

        A connection closes after the answer of a request that has begun, even if only its head is
        parsed and nobody handles it yet; who answers has to see to that. Others close at once.
        """
        loop = asyncio.get_running_loop()
        answered_at = loop.time()
        deadline = answered_at + grace_seconds
        while True:
            for connection in self._known():
                if connection.is_idle:
                    connection.force_close()
            await sleep(0)  # What was closed is lost.
            now = loop.time()
            if not self._transports or now >= deadline:
                return
            if self._has_unsent() or any(map(self._requests.is_running, self._known())):
                answered_at = now
            elif now - answered_at >= _LINGER_SECONDS:
                return
            await sleep(_POLL_SECONDS)  # A transport has no event for "all sent".

    async def cut(self, *, seconds: float) -> None:
        """Break every connection off, cancel what runs on it, and wait at most ``seconds`` until
        that has ended."""
        if self._next_look is not None:
            self._next_look.cancel()
        self.handler_cancellation = True
        for transport in [*self._transports.values()]:
            transport.abort()  # Do not wait for clients that do not read.
        await sleep(0)  # Each transport closes its socket.
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.connections and loop.time() < deadline:
            await sleep(_POLL_SECONDS)

    def _look(self) -> None:
        """End what has taken too long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in self._known():
            connection.look(now)
        self._next_look = loop.call_later(_LOOK_SECONDS, self._look) if self._transports else None

    def _known(self) -> list[Connection]:
        return [each for each in self._transports if isinstance(each, Connection)]

    def _has_unsent(self) -> bool:
        """Whether a client has not taken all that was written to it."""
        return any(transport.get_write_buffer_size() for transport in self._transports.values())
