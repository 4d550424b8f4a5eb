"""All connections of the HTTP server: they are accepted, looked after, drained and cut."""

from __future__ import annotations

import asyncio

from emulator.core.event_loop import sleep
from emulator.http.listening import Acceptor
from emulator.http.serving import MakeConnection, Requests, Served
from emulator.http.timeouts import Timeouts

_LOOK_SECONDS = 1.0
"""How often connections are looked at for what has taken too long: no request needs a timer."""

_POLL_SECONDS = 0.005

_LINGER_SECONDS = 0.5
"""How long a drain waits for clients that still send the body of a request that is answered."""


class Connections:
    """Accepts connections, and keeps each from when it is accepted until it is lost.

    Args:
        make: makes each connection.
        requests: answers the requests on them.
        timeouts: how long clients may take.
    """

    def __init__(self, make: MakeConnection, requests: Requests, timeouts: Timeouts) -> None:
        self._make = make
        self.requests = requests
        """Answers the requests on connections that are accepted from now on."""
        self._timeouts = timeouts
        self._connections: dict[Served, asyncio.Transport] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        """Those of the connections, also of lost ones whose request still runs."""
        self._next_look: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.Protocol:
        """A new connection."""
        return self._make(self.requests, self, self._timeouts, asyncio.get_running_loop())

    def add(self, connection: Served) -> None:
        """Note a new connection."""
        self._connections[connection] = connection.carrier
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def add_task(self, task: asyncio.Task[None]) -> None:
        """Note a task that answers requests of a connection, until it has ended."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def remove(self, connection: Served) -> None:
        """Note that a connection is lost."""
        self._connections.pop(connection, None)

    @property
    def running(self) -> int:
        """How many connections have a request that is being answered, or waits for that."""
        return sum(each.is_running for each in self._connections)

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> list[tuple[str, int]]:
        """Accept connections, as ``Acceptor.listen`` does."""
        self._acceptor = Acceptor(self)
        return await self._acceptor.listen(host, port, reuse_port=reuse_port)

    async def stop_listening(self) -> None:
        """Stop accepting. On return, every accepted connection is known."""
        await self._acceptor.stop()
        for _ in range(2):
            await sleep(0)  # Each transport starts its connection, which begins to wait.

    async def drain(self, *, grace_seconds: float) -> None:
        """Wait until every connection is closed, at most ``grace_seconds``.

        A connection closes after the answer of a request that has begun; who answers has to see to
        that. Others close at once.
        """
        loop = asyncio.get_running_loop()
        answered_at = loop.time()
        deadline = answered_at + grace_seconds
        while True:
            for connection in [*self._connections]:
                if connection.is_idle:
                    connection.close()
            await sleep(0)  # What was closed is lost.
            now = loop.time()
            if not self._connections or now >= deadline:
                return
            if self._has_unsent() or self.running:
                answered_at = now
            elif now - answered_at >= _LINGER_SECONDS:
                return
            await sleep(_POLL_SECONDS)  # A transport has no event for "all sent".

    async def cut(self, *, seconds: float) -> None:
        """Break every connection off, cancel what runs on it, and wait at most ``seconds`` until
        that has ended."""
        if self._next_look is not None:
            self._next_look.cancel()
        for transport in [*self._connections.values()]:
            transport.abort()  # Do not wait for clients that do not read.
        await sleep(0)  # Each transport closes its socket.
        for task in [*self._tasks]:
            task.cancel()
        if self._tasks:
            await asyncio.wait([*self._tasks], timeout=seconds)

    def _look(self) -> None:
        """End what has taken too long."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [*self._connections]:
            connection.look(now)
        is_over = not self._connections
        self._next_look = None if is_over else loop.call_later(_LOOK_SECONDS, self._look)

    def _has_unsent(self) -> bool:
        """Whether a client has not taken all that was written to it."""
        return any(each.get_write_buffer_size() for each in self._connections.values())
