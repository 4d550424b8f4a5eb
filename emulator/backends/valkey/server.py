"""One Valkey server, over one connection that the whole process shares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from emulator.backends.valkey.connection import Connection, Word, connect
from emulator.backends.valkey.errors import LateError, LostError
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.background import in_background

T = TypeVar("T")

AVOID_SECONDS = 1.0
"""How long a server that was late is avoided by calls that are not ``patient``."""

RETRIES = 3
"""How often a command is sent again, without delay, when its connection is lost: a restart of the
server may close more than one connection."""

Command = Callable[[str], Sequence[Word]]
"""Returns the words of a command, given the run of the server that will execute it."""


def words(*command: Word) -> Command:
    """Return a command that is the same in every run."""
    return lambda _run: command


class Valkey(Protocol):
    """A Valkey: a single server, or a cluster of nodes."""

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        """Send a command to the server that has the hash tag ``tag``; return the answer.

        The command may be executed more than once: it is sent again when a connection is lost. With
        ``patient=False``, fail at once while the server is known to be late.

        Raises:
            EngineUnavailableError: it was not executed, or may have been executed or not.
        """

    async def servers(self) -> Sequence[Server]:
        """Return every server that has keys.

        Raises:
            EngineUnavailableError: they are not known.
        """

    async def close(self) -> None:
        """Close every connection."""


class SharedTask(Generic[T]):
    """Work that runs once for all callers that want it at the same time."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._running: asyncio.Future[T] | None = None

    async def result(self) -> T:
        """Wait for the work, which is started unless it runs already; return its result."""
        # Ended work is not shared, also in the moment before ``_ended`` is called: a connection
        # that was lost by then would be every attempt's.
        if self._running is None or self._running.done():
            self._running = in_background(self._work())
            self._running.add_done_callback(self._ended)
        return await asyncio.shield(self._running)

    async def cancel(self) -> None:
        """Cancel the work if it runs."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def _ended(self, running: asyncio.Future[T]) -> None:
        if self._running is running:
            self._running = None
        if not running.cancelled():
            running.exception()  # Mark it as retrieved: all callers may have been cancelled.


class Server(Valkey):
    """The server at ``url``.

    Args:
        timeout: how many seconds it may take to answer, or to connect and log in.
    """

    def __init__(self, url: ValkeyUrl, timeout: float) -> None:
        self.url = url
        self._timeout = timeout
        self._connection: Connection | None = None
        self._connecting = SharedTask(self._connect)
        self._avoid_until = 0.0

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        del tag
        return await self.do(command, patient=patient)

    async def do(self, command: Command, *, patient: bool = True) -> Any:
        """Send a command, which may be executed more than once; return the answer.

        Raises:
            EngineUnavailableError: it was not executed, or may have been executed or not.
        """
        if not patient and not self._is_connected() and self._is_avoided():
            raise LateError(f"{self.url} did not answer in time a moment ago")
        try:
            for _ in range(RETRIES):
                with suppress(LostError):
                    return await self._do(command)
            return await self._do(command)
        except LateError:
            self._avoid_until = asyncio.get_running_loop().time() + AVOID_SECONDS
            raise

    async def servers(self) -> Sequence[Server]:
        return (self,)

    async def close(self) -> None:
        await self._connecting.cancel()
        if self._connection is not None:
            self._connection.close()

    def _is_connected(self) -> bool:
        return self._connection is not None and self._connection.is_open

    def _is_avoided(self) -> bool:
        return asyncio.get_running_loop().time() < self._avoid_until

    async def _do(self, command: Command) -> Any:
        connection = self._connection
        if connection is None or not connection.is_open:
            connection = await self._connecting.result()
        return await connection.execute(*command(connection.run_id))

    async def _connect(self) -> Connection:
        self._connection = await connect(self.url, self._timeout)
        return self._connection
