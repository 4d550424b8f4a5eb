"""One pipelined connection to a Valkey server: commands are sent without waiting for answers.

redis-py's client takes three to six times the processor time per command: it waits for each answer
before it sends the next command over a connection, and manages a pool of connections. hiredis,
which packs commands and parses answers, is the part that would be hard to write.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from typing import Any

import hiredis

from emulator.backends.valkey.errors import DownError, LateError, LostError, RefusedError
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.event_loop import wait_for

_RUN_ID = re.compile(rb"^run_id:(\w+)", re.MULTILINE)

Word = bytes | str | int
"""A part of a command."""


class Connection(asyncio.Protocol):
    """A connection to the server at ``url``.

    Args:
        timeout: how many seconds may pass without a byte while an answer is due. After that the
            connection is closed.
    """

    def __init__(self, url: ValkeyUrl, timeout: float) -> None:
        self.run_id = ""
        """The id of the server's run, which changes with every start. It is empty if the user may
        not read it."""
        self.is_open = False
        self._url = url
        self._timeout = timeout
        self._reader = hiredis.Reader(replyError=_ReplyError)
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._unsent = 0
        self._lost_by: Exception | None = None

    def execute(self, *command: Word) -> asyncio.Future[Any]:
        """Send a command; return a future for its answer.

        The future raises ``RefusedError`` if the answer is an error, ``LostError`` if the
        connection ends before the answer, ``LateError`` if the answer takes too long.
        """
        answer = self._loop.create_future()
        if not self.is_open:
            answer.set_exception(self._lost_by or LostError(f"{self._url} is not connected"))
            return answer
        self._waiting.append((answer, self._loop.time()))
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout, self._look_at_oldest)
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type]
        return answer

    def close(self) -> None:
        """Close the connection. Calls that wait for an answer get a ``LostError``."""
        if self.is_open:
            self._lose(LostError(f"the connection to {self._url} was closed"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        _keep_alive(transport.get_extra_info("socket"))
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                answer, _ = self._waiting.popleft()
                if answer.done():  # The caller was cancelled.
                    continue
                if isinstance(reply, _ReplyError):
                    answer.set_exception(self._refused(str(reply)))
                else:
                    answer.set_result(reply)
        except (hiredis.ProtocolError, IndexError):
            self._lose(LostError(f"the server at {self._url} does not speak Valkey's protocol"))

    def connection_lost(self, exc: Exception | None) -> None:
        reason = f": {exc}" if exc is not None else ""
        self._lose(LostError(f"the connection to {self._url} was lost{reason}"))

    def _refused(self, reply: str) -> Exception:
        if reply.startswith("LOADING"):
            return DownError(f"{self._url} is still loading its data from disk")
        return RefusedError(str(self._url), reply)

    def _look_at_oldest(self) -> None:
        self._timer = None
        if not self._waiting:
            return
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:  # A large command is being sent.
            self._heard_at = self._loop.time()
        self._unsent = unsent
        late_at = max(self._waiting[0][1], self._heard_at) + self._timeout
        if self._loop.time() >= late_at:
            self._lose(_late(self._url, self._timeout))
        else:
            self._timer = self._loop.call_at(late_at, self._look_at_oldest)

    def _lose(self, error: Exception) -> None:
        self.is_open = False
        self._lost_by = self._lost_by or error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport.abort()
        waiting, self._waiting = self._waiting, deque()
        for answer, _ in waiting:
            if not answer.done():
                answer.set_exception(error)


class _ReplyError(Exception):
    """An error reply, as hiredis returns it."""


async def connect(url: ValkeyUrl, timeout: float) -> Connection:
    """Open a connection: log in, select the database, and read the id of the server's run.

    Raises:
        EngineUnavailableError: that failed. ``DownError`` if it fails for every client.
    """
    connection = await _opened(url, timeout)
    try:
        if url.password is not None:
            names = () if url.user is None else (url.user,)
            await connection.execute("AUTH", *names, url.password)
        if url.db:
            await connection.execute("SELECT", url.db)
        connection.run_id = await _run_id(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_alive(connection: socket.socket) -> None:
    """Detect within half a minute that a device on the way has dropped the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _opened(url: ValkeyUrl, timeout: float) -> Connection:
    opening = asyncio.get_running_loop().create_connection(
        lambda: Connection(url, timeout), url.host, url.port, ssl=url.ssl_context()
    )
    try:
        _, connection = await wait_for(opening, timeout)
    except (TimeoutError, asyncio.TimeoutError):
        raise _late(url, timeout) from None
    except ConnectionRefusedError:
        raise DownError(f"{url} cannot be reached: nothing listens there") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LostError(f"{url} cannot be reached: {reason}") from None
    return connection


def _late(url: ValkeyUrl, timeout: float) -> LateError:
    return LateError(f"{url}: no answer within {timeout:g} s (--valkey-timeout)")


async def _run_id(connection: Connection) -> str:
    try:
        found = _RUN_ID.search(await connection.execute("INFO", "server"))
    except RefusedError as error:
        if error.code != "NOPERM":
            raise
        return ""  # A caller that needs it raises its own error.
    return "" if found is None else found.group(1).decode()
