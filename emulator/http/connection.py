"""One connection on aiohttp's low-level server: errors in our form, timeouts, a half-closed end."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from aiohttp import hdrs, web
from aiohttp.http import HttpVersion11

from emulator.core.response_fault import CutOffError
from emulator.http.upgrades import Queued, offers_upgrade, rest_behind

_RESET = struct.pack("ii", 1, 0)  # Linger for no time: what was not sent is dropped.


class Timeouts(NamedTuple):
    """How long clients may take, in seconds of real time (D120)."""

    head: float = 30.0
    """For the head of a request, from its first byte on, or from when the connection was made."""
    body: float = 60.0
    """For the next piece of a body that a request waits for."""
    keep_alive: float = 75.0
    """For the next request on a connection."""


DEFAULT_TIMEOUTS = Timeouts()


class StalledBodyError(web.RequestPayloadError):
    """The body has stopped coming."""


class Requests(Protocol):
    """The requests on connections, as far as a connection knows of them."""

    def is_running(self, connection: Connection) -> bool:
        """Whether a request on ``connection`` is being answered."""

    def lacks_body(self, connection: Connection) -> bool:
        """Whether the body of the request that runs on ``connection`` has not come to its end."""

    def end_body(self, connection: Connection, error: Exception) -> None:
        """The rest of the body of the request that runs on ``connection`` will not come: have it
        fail with ``error``. Does nothing if the body is complete, or no request runs."""

    def refuse(
        self, request: web.BaseRequest, error: BaseException | None, message: str | None
    ) -> web.StreamResponse:
        """The answer to bytes that are no request."""


class Body(Protocol):
    """The body of a request."""

    def is_eof(self) -> bool:
        """Whether it has come to its end."""


class Connection(web.RequestHandler):
    """One connection of ``server``.

    Args:
        server: all connections.
        requests: knows the requests that run, and handles what is no request.
        timeouts: how long the client may take.
        late_head: what is sent to a client whose head has not come in time.
        options: those of aiohttp's connections.
    """

    def __init__(
        self,
        server: web.Server,
        requests: Requests,
        timeouts: Timeouts,
        late_head: bytes,
        **options: Any,
    ) -> None:
        super().__init__(server, **options, keepalive_timeout=timeouts.keep_alive)
        self._requests = requests
        self._timeouts = timeouts
        self._late_head = late_head
        self._head_since: float | None = self._now()
        """Since when the next head has been awaited, if it is overdue some time."""
        self._is_in_head = False
        """Whether a part of a head has come."""
        self._body_since: float | None = None
        """Since when a request has been waiting for the next piece of its body."""
        self._has_ended = False
        """Whether the client has closed its direction of the connection."""
        self._unread: Body | None = None
        """The body of the last request that was answered before its body had come."""
        self.is_ending = False
        """Whether there will be no request after those that have come."""
        self.is_broken = False
        """Whether it is unknown where the next request begins."""

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request, of which at most a part of the head has come."""
        return self._waiter is not None and not self._waiter.done()

    @property
    def is_last(self) -> bool:
        """Whether no request follows the one that is being answered; asked if ``is_ending``."""
        return self.is_broken or not (self._messages or self._message_tail)

    def data_received(self, data: bytes) -> None:
        """Parse ``data``."""
        waiter = self._waiter
        was_idle = waiter is not None and not waiter.done()
        super().data_received(data)
        if not self._messages:
            if was_idle:
                self._await_head()
        elif was_idle:
            if getattr(self._messages[-1][0], "upgrade", False):  # As offers_upgrade: a hot path.
                self._read_on(data)
            self._head_since, self._is_in_head = None, False
        elif waiter is None:
            # aiohttp queues what it cannot parse behind the request that runs. If that request's
            # own body is what cannot be parsed, it would wait for ever for the rest of it.
            self._requests.end_body(self, web.RequestPayloadError("malformed body"))
            if offers_upgrade(self._messages[-1]):
                self.is_ending = True  # The parser may have dropped what follows.

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks for this result.
        """The client sends no more; whether to leave the connection open, for the answer (D119)."""
        super().eof_received()
        is_lingering = self._unread is not None and not self._unread.is_eof()
        if self.is_idle or is_lingering or self._requests.lacks_body(self):
            return False
        self._has_ended = self.is_ending = True
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        """Note that the connection is lost."""
        task, is_answered = self._task_handler, self._current_request is None
        super().connection_lost(exc)
        if task is not None and is_answered:
            task.cancel()  # It would wait ten seconds for the rest of an unread body.

    def linger(self, body: Body) -> None:
        """Note that a request is answered, and the rest of its body is to be read and dropped, so
        that a reset does not overtake the answer. Close the connection if it will not come."""
        self._unread = body
        if self.is_broken or (self._has_ended and not body.is_eof()):
            self.force_close()

    def await_body(self) -> None:
        """Note that a request waits for the next piece of its body.

        Raises:
            web.RequestPayloadError: it will not come.
        """
        if self._has_ended:
            self.force_close()  # As in eof_received, before the request ran.
            raise web.RequestPayloadError("the body has ended early")
        if self._messages:
            self.is_ending = self.is_broken = True
            raise web.RequestPayloadError("the body is malformed")
        self._body_since = self._now()

    def body_came(self) -> None:
        """Note that a request no longer waits for its body."""
        self._body_since = None

    def look(self, now: float) -> None:
        """End what has taken too long until ``now``."""
        if self._head_since is not None and now - self._head_since >= self._timeouts.head:
            self._end_head()
        if self._body_since is not None and now - self._body_since >= self._timeouts.body:
            self._requests.end_body(self, StalledBodyError())
        if self._has_ended and self.is_idle:
            self.force_close()  # It was to be kept alive when its last answer began.

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,  # noqa: ARG002
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request, or to one whose handler failed."""
        if isinstance(exc, ConnectionError):
            raise exc
        if request.writer.output_size > 0:
            raise CutOffError
        return self._requests.refuse(request, exc, message)

    def _now(self) -> float:
        return self._loop.time()

    def _await_head(self) -> None:
        self._is_in_head = True
        if self._head_since is None:
            self._head_since = self._now()

    def _end_head(self) -> None:
        if self.is_idle and self.transport is not None:
            if self._is_in_head:
                self.transport.write(self._late_head)
            self.force_close()

    def _read_on(self, data: bytes) -> None:
        """Parse what follows the last request of ``data``, which offers an upgrade (D119)."""
        queued: Sequence[Queued] = self._messages
        rest: bytes | None = data
        while queued and offers_upgrade(queued[-1]):
            known = None if self._is_in_head else rest
            rest = rest_behind(queued, known, is_kept=bool(self._message_tail))
            if not rest:
                self.is_ending = self.is_ending or rest is None
                return
            count = len(self._messages)
            super().data_received(rest)
            queued = [*self._messages][count:]


def is_out_of_step(request: web.BaseRequest) -> bool:
    """Whether it is unknown where the next request begins: the body was malformed, the client was
    never told to continue and may or may not send it, or it is to be a tunnel."""
    content = request.content
    if content.exception() is not None:
        return True
    is_open = hdrs.EXPECT in request.headers or request.method == hdrs.METH_CONNECT
    return not content.is_eof() and is_open


def answer_as_http_1_1(request: web.BaseRequest) -> None:
    """Have the status line of the answer say HTTP/1.1: it repeats the version of the request, which
    may not exist, and what was not parsed counts as HTTP/1.0."""
    request._version = HttpVersion11
    request._cache.pop("version", None)


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
