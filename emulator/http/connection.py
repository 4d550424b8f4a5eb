"""One connection: it parses requests, has them answered in their order, and times the client out.

It stands on aiohttp's parser and its stream of a body alone. aiohttp's own connection makes a task
and several futures for every request, reads no request behind one that offers an upgrade, and has
no timeouts for heads and bodies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque

from aiohttp import StreamReader

from emulator.http.aiohttp_parser import Head, ParserError, ParsingProtocol, as_malformed, fail
from emulator.http.eager import Rest, begin
from emulator.http.malformed import LATE_HEAD, MalformedError
from emulator.http.message import BodyError, Request
from emulator.http.serving import Owner, Requests, remote_of
from emulator.http.timeouts import LINGER_SECONDS, StalledBodyError, Timeouts
from emulator.http.upgrades import rest_behind

logger = logging.getLogger(__name__)

_MOST_QUEUED = 16
"""How many requests are read ahead, and answered before other connections have their turn."""


class Connection(ParsingProtocol):
    """One connection.

    Args:
        requests: answers its requests.
        owner: knows all connections.
        timeouts: how long its client may take.
        loop: the event loop.
    """

    scheme = "http"

    def __init__(
        self,
        requests: Requests,
        owner: Owner,
        timeouts: Timeouts,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(loop)
        self._requests = requests
        self._owner = owner
        self._timeouts = timeouts
        self.remote: str | None = None
        self._queue: deque[tuple[Head, StreamReader]] = deque()
        self._running: Request | None = None
        self._waiting: Rest | None = None
        """The request that goes on in the task."""
        self._wake: asyncio.Future[None] | None = None
        self._closes_after = False
        self._is_dropping = False
        self._is_held_back = False
        self._unread: StreamReader | None = None
        """The body of a request that was answered before its end; it is read and dropped."""
        self._error: MalformedError | None = None
        """What is wrong with the bytes behind the last request in the queue."""
        self._is_closing = False
        self._is_malformed = False
        """Whether what comes is no HTTP any more."""
        self._has_ended = False
        """Whether the client has closed its direction of the connection."""
        self.is_full = False
        """Whether the client has not taken enough of what was written."""
        self.is_ending = False
        """Whether there will be no request after those that have come."""
        self._is_in_head = False
        """Whether a part of a head has come."""
        self._is_new = True
        """Whether nothing has come yet."""
        self._awaits_body = False
        self._since = loop.time()
        """Since when a head, a body or the next request has been awaited."""

    @property
    def carrier(self) -> asyncio.Transport:
        """What carries the bytes: the transport, unless that is inside of another."""
        assert self.transport is not None
        return self.transport

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request, of which at most a part of the head has come."""
        return self._running is None and not self._queue and self._unread is None

    @property
    def is_running(self) -> bool:
        """Whether a request is being answered, or waits for that."""
        return self._running is not None or bool(self._queue)

    @property
    def is_last(self) -> bool:
        """Whether no request follows the one that is being answered; asked if ``is_ending``."""
        return not self._queue and self._error is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        super().connection_made(transport)
        self.remote = remote_of(transport)
        self.task = self._loop.create_task(self._go_on())
        self._owner.add(self)
        self._owner.add_task(self.task)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End: whoever reads a body or writes an answer is told."""
        super().connection_lost(exc)
        self._is_closing = True
        self._queue.clear()
        self._unread = None
        running = self._running
        if running is not None and not running.content.is_eof():
            fail(running.content, exc or ConnectionResetError("Connection lost"))
        self._wake_up()
        self._owner.remove(self)

    def data_received(self, data: bytes) -> None:
        """Parse ``data``, and answer what has come."""
        if self._is_closing or self._is_malformed:
            return
        try:
            self._parse(data)
        except ParserError as error:
            self._note(as_malformed(error))
        if self._unread is not None:
            self._drop_unread()
        if self._running is None and self._unread is None:
            self._serve()
        if len(self._queue) > _MOST_QUEUED and self.transport is not None:
            self._is_held_back = True
            self.transport.pause_reading()  # Also where a body has made it read on meanwhile.

    def eof_received(self) -> bool:
        """The client sends no more; whether to leave the connection open, for the answer (D119)."""
        if not self.is_running or self._lacks_body():
            return False
        self._has_ended = self.is_ending = True
        return True

    def pause_writing(self) -> None:
        """Note that the client does not take what is written."""
        super().pause_writing()
        self.is_full = True

    def resume_writing(self) -> None:
        """Note that the client has taken most of what was written."""
        super().resume_writing()
        self.is_full = False

    def write(self, data: bytes | memoryview) -> None:
        """Send ``data`` after what was written before.

        Raises:
            ConnectionError: the connection is lost.
        """
        transport = self.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("Connection lost")
        transport.write(data)

    def await_body(self) -> None:
        """Note that a request waits for the next piece of its body.

        Raises:
            BodyError: it will not come.
        """
        if self._has_ended:
            raise BodyError("the body has ended early")
        self._awaits_body, self._since = True, self._loop.time()

    def body_came(self) -> None:
        """Note that a request no longer waits for its body."""
        self._awaits_body = False

    def look(self, now: float) -> None:
        """End what has taken too long until ``now``."""
        waited = now - self._since
        if self._running is not None:
            if self._awaits_body and waited >= self._timeouts.body:
                fail(self._running.content, StalledBodyError())
        elif self._unread is not None:
            if waited >= LINGER_SECONDS:
                self.close()
        elif self._is_in_head or self._is_new:
            if waited >= self._timeouts.head:
                self._end_head()
        elif self._has_ended or waited >= self._timeouts.keep_alive:
            self.close()

    def close(self) -> None:
        """Close the connection after what was written has been sent."""
        self._is_closing = True
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Break the connection off."""
        self._is_closing = True
        if self.transport is not None:
            self.transport.abort()

    def _parse(self, data: bytes) -> None:
        """Queue the requests in ``data``.

        Raises:
            ParserError: it is malformed.
        """
        rest: bytes | None = data  # Nothing, where the parser is to go on with what it has kept.
        while rest is not None:
            requests, upgraded, tail = self.parse(rest)
            if requests:
                self._queue.extend(requests)
                is_whole = not self._is_in_head
                self._is_in_head = self._is_new = False
            elif rest and self.is_idle and not self._is_in_head:
                self._is_in_head = True
                if not self._is_new:
                    self._since = self._loop.time()
            if upgraded:
                self.decline_upgrade()  # It is offered, and never accepted.
                rest = tail or None
            elif requests and requests[-1][0].upgrade:
                rest = rest_behind(requests, rest if is_whole else None)
                self.is_ending = rest is None
                rest = rest or None
            else:
                return

    def _note(self, error: MalformedError) -> None:
        """Note that what comes is malformed: the rest of a body, or what follows."""
        self._is_malformed = self.is_ending = True
        body = self._queue[-1][1] if self._queue else self._unread
        if body is None and self._running is not None:
            body = self._running.content
        if body is None or body.is_eof():
            self._error = error
        else:
            fail(body, BodyError("the body is malformed"))

    def _lacks_body(self) -> bool:
        """Whether a body has not come to its end."""
        if self._queue:
            return not self._queue[-1][1].is_eof()
        return self._running is not None and not self._running.content.is_eof()

    def _serve(self) -> None:
        """Answer the requests in the queue, as far as nothing has to be waited for."""
        for _ in range(_MOST_QUEUED):
            if self._running is not None or self._is_closing or not self._queue:
                break
            message, content = self._queue.popleft()
            request = self._running = Request(
                message.method,
                message.path,
                message.version,
                message.headers,
                message.raw_headers,
                not message.should_close,
                content,
                self,
            )
            try:
                rest = begin(self._requests.handle(request), self.task, self._loop)
            except Exception as error:
                self._fail(error)
                return
            if rest is not None:
                self._waiting = rest
                self._wake_up()
                return
            self._finish(request)
        else:
            self._loop.call_soon(self._serve)  # Others first.
            return
        if self._is_held_back:
            self._read_on()
        if self._error is not None and self.is_idle and not self._is_closing:
            with contextlib.suppress(ConnectionError):  # The client has gone.
                self._requests.refuse(self, self._error)
            self.close()

    def _read_on(self) -> None:
        """Read again, if that was held back because many requests had come at once."""
        if not self._queue and self.transport is not None:
            self._is_held_back = False
            if not self.is_body_full:
                self.transport.resume_reading()

    async def _go_on(self) -> None:
        """Run what has to wait."""
        while True:
            if self._waiting is not None:
                await self._run(self._waiting)
            elif self._is_closing:
                return
            else:
                self._wake = self._loop.create_future()
                try:
                    await self._wake
                except asyncio.CancelledError as error:
                    if self._waiting is None:
                        self.abort()  # Nobody could wait on it any more.
                        raise
                    self._waiting.cancel(error)  # It is meant: it was to be awaited now.

    async def _run(self, rest: Rest) -> None:
        request, self._waiting = self._running, None
        assert request is not None
        try:
            await rest
        except Exception as error:
            self._fail(error)
            return
        except BaseException:
            self.abort()
            raise
        self._finish(request)
        if self._queue or self._error is not None or self._is_held_back:
            self._loop.call_soon(self._serve)

    def _finish(self, request: Request) -> None:
        """End a request that was answered."""
        self._running, self._since = None, self._loop.time()
        if not request.content.is_eof():
            self._unread = request.content
            self._closes_after = not request.keeps_alive
            self._drop_unread()
        elif not request.keeps_alive or (self._has_ended and self.is_last):
            self.close()

    def _drop_unread(self) -> None:
        """Drop what has come of a body that nobody wants."""
        body = self._unread
        assert body is not None
        if body.exception() is not None or self._has_ended:
            self.close()
            return
        if self._is_dropping:
            return  # To read has had more parsed, and so led here again: what reads goes on.
        self._is_dropping = True
        while body.exception() is None and body.read_nowait():
            """More has been parsed meanwhile."""
        self._is_dropping = False
        if body.exception() is not None:
            self.close()
        elif body.is_eof():
            self._unread = None
            if self._closes_after:
                self.close()

    def _fail(self, error: Exception) -> None:
        """End the connection: a request could not be answered."""
        self._running = None
        if not isinstance(error, ConnectionError):
            logger.error("A request failed outside its handler", exc_info=error)
        self.close()

    def _end_head(self) -> None:
        if self._is_in_head and self.transport is not None:
            self.transport.write(LATE_HEAD)
        self.close()

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
