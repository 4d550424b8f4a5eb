"""One Valkey server, and the one connection to it that all of this process uses."""

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

REST_SECONDS = 1.0
"""How long a server that did not answer in time is left alone by those who can do without it."""

REPETITIONS = 3
"""How often a command is sent again at once when its connection is lost: a server that is ended and
started again may end more than one."""

Command = Callable[[str], Sequence[Word]]
"""Says the words of a command, given the run of the server that is to do it."""


def words(*command: Word) -> Command:
    """A command that is the same in every run."""
    return lambda _run: command


class Valkey(Protocol):
    """A Valkey, wherever its names lie: on one server or on the nodes of a cluster."""

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        """What the server with the names that are tagged ``tag`` answers to a command.

        The command may be done more than once: it is repeated when a connection was lost. Who is
        not ``patient`` does not wait for a server that has just not answered others in time.

        Raises:
            EngineUnavailableError: it cannot be done, or nobody knows whether it was.
        """

    async def servers(self) -> Sequence[Server]:
        """Every server that has names.

        Raises:
            EngineUnavailableError: nobody can say.
        """

    async def close(self) -> None:
        """Close every connection."""


class Joint(Generic[T]):
    """Work that is done once for all who ask for it at the same time."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._running: asyncio.Future[T] | None = None

    async def done(self) -> T:
        """What came of it, after it was begun now or a moment ago."""
        if self._running is None:
            self._running = in_background(self._work())
            self._running.add_done_callback(self._ended)
        return await asyncio.shield(self._running)

    async def cancel(self) -> None:
        """Stop it if it runs."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def _ended(self, running: asyncio.Future[T]) -> None:
        self._running = None
        if not running.cancelled():
            running.exception()  # All who asked may have been cancelled meanwhile.


class Server(Valkey):
    """The server at ``url``.

    Args:
        timeout: how many seconds it may take to answer, or to let us in.
    """

    def __init__(self, url: ValkeyUrl, timeout: float) -> None:
        self.url = url
        self._timeout = timeout
        self._connection: Connection | None = None
        self._connecting = Joint(self._connect)
        self._rests_until = 0.0

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        del tag
        return await self.do(command, patient=patient)

    async def do(self, command: Command, *, patient: bool = True) -> Any:
        """What it answers to a command, which may be done more than once.

        Raises:
            EngineUnavailableError: it cannot be done, or nobody knows whether it was.
        """
        if not patient and not self._is_connected() and self._rests():
            raise LateError(f"{self.url} did not answer a moment ago")
        try:
            for _ in range(REPETITIONS):
                with suppress(LostError):
                    return await self._do(command)
            return await self._do(command)
        except LateError:
            self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
            raise

    async def servers(self) -> Sequence[Server]:
        return (self,)

    async def close(self) -> None:
        await self._connecting.cancel()
        if self._connection is not None:
            self._connection.close()

    def _is_connected(self) -> bool:
        return self._connection is not None and self._connection.is_open

    def _rests(self) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until

    async def _do(self, command: Command) -> Any:
        connection = self._connection
        if connection is None or not connection.is_open:
            connection = await self._connecting.done()
        return await connection.execute(*command(connection.run_id))

    async def _connect(self) -> Connection:
        self._connection = await connect(self.url, self._timeout)
        return self._connection
