"""What a connection, its owner and whoever answers its requests know of each other.

There are two kinds of connections, and `choice.py` says which of them a process has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from emulator.http.malformed import MalformedError
from emulator.http.message import Peer, Request
from emulator.http.timeouts import Timeouts

READ_AHEAD_BYTES = 2**16
"""How much of a body is read before anybody wants it; up to twice as much may come."""


class Requests(Protocol):
    """Answers requests."""

    def handle(self, request: Request) -> Coroutine[Any, Any, None]:
        """Answer ``request``, to the end of its answer. Afterwards ``request.keeps_alive`` says
        whether the connection stays open.

        Raises:
            ConnectionError: the connection is to be closed.
        """

    def refuse(self, peer: Peer, error: MalformedError) -> None:
        """Answer bytes that are no request; the connection closes after that."""


class Served(Protocol):
    """A connection, as its owner sees it."""

    transport: asyncio.Transport | None
    """None once the connection is lost."""

    @property
    def carrier(self) -> asyncio.Transport:
        """What carries the bytes: the transport, unless that is inside of another."""

    @property
    def is_idle(self) -> bool:
        """Whether it waits for a request, of which at most a part of the head has come."""

    @property
    def is_running(self) -> bool:
        """Whether a request is being answered, or waits for that."""

    def look(self, now: float) -> None:
        """End what has taken too long until ``now``."""

    def close(self) -> None:
        """Close the connection after what was written has been sent."""


class Owner(Protocol):
    """Knows all connections."""

    def add(self, connection: Served) -> None:
        """Note a new connection."""

    def add_task(self, task: asyncio.Task[None]) -> None:
        """Note a task that answers requests of a connection, until it has ended."""

    def remove(self, connection: Served) -> None:
        """Note that a connection is lost."""


def remote_of(transport: asyncio.BaseTransport) -> str | None:
    """The IP address of the client, if it has one."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, (list, tuple)) else None


MakeConnection = Callable[[Requests, Owner, Timeouts, asyncio.AbstractEventLoop], asyncio.Protocol]
"""Makes the protocol of a new connection, which is `Served` too."""
