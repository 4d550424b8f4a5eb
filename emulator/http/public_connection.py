"""One connection on aiohttp's own server, as far as that is documented: slower, and with its rules.

A protocol stands before that of aiohttp. It sees what comes, and whether the client takes what is
written; answers are written past aiohttp, by the same code as on a `Connection`. docs/internals.md
says what differs.
"""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from aiohttp import StreamReader, web

from emulator.http.malformed import LATE_HEAD, LIMITS
from emulator.http.message import BodyError, Request
from emulator.http.serving import READ_AHEAD_BYTES, Owner, Requests, remote_of
from emulator.http.timeouts import LINGER_SECONDS, Timeouts

logger = logging.getLogger(__name__)

_HAND_OVER_SECONDS = 0.05
"""How long aiohttp may take from the arrival of a request, or from the answer to the one before, to
the call of the handler."""

_LOST = "Connection lost"


class PublicConnection(asyncio.Protocol):
    """One connection.

    Args:
        requests: answers its requests.
        owner: knows all connections.
        timeouts: how long its client may take.
        loop: the event loop.
    """

    scheme = "http"
    is_ending = False  # Not even aiohttp says how many requests have come.
    is_last = False

    def __init__(
        self,
        requests: Requests,
        owner: Owner,
        timeouts: Timeouts,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        server = web.Server(
            self._answer,
            logger=_log_of_aiohttp,
            access_log=None,
            keepalive_timeout=timeouts.keep_alive,
            lingering_time=LINGER_SECONDS,
            read_bufsize=READ_AHEAD_BYTES,
            auto_decompress=False,  # D38: a body is stored as it was sent.
            **LIMITS,
        )
        self._aiohttp: asyncio.Protocol = server()
        self._requests = requests
        self._owner = owner
        self._timeouts = timeouts
        self._loop = loop
        self.transport: asyncio.Transport | None = None
        self.remote: str | None = None
        self.is_full = False
        self.is_running = False
        self._drained: asyncio.Future[None] | None = None
        self._body: StreamReader | None = None
        """Of the last request."""
        self._active_at = loop.time()
        """When the client has last sent something, or has been answered."""
        self._since: float | None = self._active_at
        """Since when a head, or the next piece of a body, has been awaited."""
        self._is_new = True
        """Whether nothing has come yet."""
        self._has_ended = False
        """Whether the client has closed its direction of the connection."""

    @property
    def carrier(self) -> asyncio.Transport:
        """The transport."""
        assert self.transport is not None
        return self.transport

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request, of which at most a part of the head has come."""
        return not (self.is_running or self._lacks_body or self._may_hand_over)

    @property
    def _may_hand_over(self) -> bool:
        """Whether aiohttp may have a request that it has not handed over."""
        return self._loop.time() - self._active_at < _HAND_OVER_SECONDS

    @property
    def _lacks_body(self) -> bool:
        """Whether the body of the last request is still read, by its handler or, where that did not
        want it, by aiohttp."""
        body = self._body
        return body is not None and not body.is_eof() and body.exception() is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        self.transport = cast(asyncio.Transport, transport)
        self.remote = remote_of(transport)
        self._owner.add(self)
        self._aiohttp.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End: whoever reads a body or writes an answer is told."""
        self.transport = None
        self._aiohttp.connection_lost(exc)
        self._wake_up()
        self._owner.remove(self)

    def data_received(self, data: bytes) -> None:
        """Have aiohttp parse ``data``."""
        self._active_at, self._is_new = self._loop.time(), False
        if self._since is None and not self.is_running and not self._lacks_body:
            self._since = self._active_at
        self._aiohttp.data_received(data)

    def eof_received(self) -> bool:
        """The client sends no more; whether to leave the connection open, for the answer (D119)."""
        if self.is_idle or self._lacks_body:
            return False
        self._has_ended = True
        return True

    def pause_writing(self) -> None:
        """Note that the client does not take what is written."""
        self._aiohttp.pause_writing()
        self.is_full = True

    def resume_writing(self) -> None:
        """Note that the client has taken most of what was written."""
        self._aiohttp.resume_writing()
        self.is_full = False
        self._wake_up()

    def write(self, data: bytes | memoryview) -> None:
        """Send ``data`` after what was written before.

        Raises:
            ConnectionError: the connection is lost.
        """
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError(_LOST)
        self.transport.write(data)

    async def drain(self) -> None:
        """Return once the client has taken most of what was written.

        Raises:
            ConnectionError: the connection is lost.
        """
        while self.is_full and self.transport is not None:
            self._drained = self._loop.create_future()
            await self._drained
        if self.transport is None:
            raise ConnectionResetError(_LOST)

    def await_body(self) -> None:
        """Note that a request waits for the next piece of its body.

        Raises:
            BodyError: it will not come.
        """
        if self._has_ended:
            raise BodyError("the body has ended early")
        self._since = self._loop.time()

    def body_came(self) -> None:
        """Note that a request no longer waits for its body."""
        self._since = None

    def look(self, now: float) -> None:
        """End what has taken too long until ``now``. aiohttp itself waits for the next request, and
        for the rest of a body that nobody wants."""
        waited = 0.0 if self._since is None else now - self._since
        if self.is_running:
            if waited >= self._timeouts.body or (self._has_ended and self._lacks_body):
                self.abort()  # Whoever reads the body is told.
        elif waited >= self._timeouts.head:
            self._end_head()
        elif self._has_ended and not self._may_hand_over:
            self.close()

    def close(self) -> None:
        """Close the connection after what was written has been sent."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Break the connection off."""
        if self.transport is not None:
            self.transport.abort()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, past aiohttp."""
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self._owner.add_task(task)
        self._body, self._since, self.is_running = request.content, None, True
        ours = Request(
            request.method,
            request.raw_path,
            request.version,
            request.headers,
            request.raw_headers,
            request.keep_alive,
            request.content,
            self,
        )
        try:
            await self._requests.handle(ours)
        except Exception as error:
            if not isinstance(error, ConnectionError):
                logger.error("A request failed outside its handler", exc_info=error)
            self.close()
            return _Answered(keeps_alive=False)
        except BaseException:
            self.abort()
            raise
        finally:
            self.is_running, self._since, self._active_at = False, None, self._loop.time()
        return _Answered(keeps_alive=ours.keeps_alive)

    def _end_head(self) -> None:
        if self.transport is not None and not self._is_new:
            self.transport.write(LATE_HEAD)
        self.close()

    def _wake_up(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)


class _Answered(web.StreamResponse):
    """An answer that was written already.

    Args:
        keeps_alive: whether the connection stays open.
    """

    def __init__(self, *, keeps_alive: bool) -> None:
        super().__init__()
        self._keeps_alive = keeps_alive

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open."""
        return self._keeps_alive

    async def prepare(self, _request: web.BaseRequest) -> None:
        """Write no head."""

    async def write_eof(self, _data: bytes = b"") -> None:
        """Write no more."""


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Whether a record is of something else than malformed bytes, which it would quote: they may
    hold an API key."""
    error = record.exc_info[1] if record.exc_info else None
    return not type(error).__module__.startswith("aiohttp")


_log_of_aiohttp = logging.getLogger(f"{__name__}.aiohttp")
_log_of_aiohttp.addFilter(_is_no_refusal)
