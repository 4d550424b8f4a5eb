"""Listening sockets: which addresses, on one port, and how connections are accepted."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from emulator.core.forks import let_go_of, release_in_children

logger = logging.getLogger(__name__)

_BACKLOG = 128
"""How many connections the system accepts in advance, and we accept in one go."""

_RETRY_SECONDS = 0.1
"""How long accepting pauses when the system cannot give us a connection."""

_LOG_SECONDS = 1.0
"""How often that is logged at most."""

_PORT_ATTEMPTS = 20
"""How many free ports are tried until one is free on every address."""

_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors for an address of a family that this machine does not have."""

LOCALHOST = "localhost"

_LOOPBACK = ("127.0.0.1", "::1")
"""What ``localhost`` is, whatever the machine's resolver says (RFC 6761)."""


_EVERYWHERE = ("0.0.0.0", "::")
"""All addresses of a family: others of it need not be bound as well, and cannot."""


class _Address(NamedTuple):
    family: socket.AddressFamily
    host: str
    more: tuple[int, ...]
    """The flow and the scope of an IPv6 address."""
    is_optional: bool
    """Whether it may be missing: the name that led to it has other addresses."""


async def bind(hosts: Sequence[str], port: int, *, reuse_port: bool) -> list[socket.socket]:
    """Bind every address of ``hosts`` to the same port; 0 is one that is free on all of them.

    Raises:
        OSError: an address cannot be bound; ``filename`` is the address.
    """
    addresses = await _addresses(hosts)
    for attempt in range(_PORT_ATTEMPTS):
        try:
            return _bind_all(addresses, port, reuse_port=reuse_port)
        except OSError as error:
            is_last = attempt == _PORT_ATTEMPTS - 1
            if port or len(addresses) == 1 or is_last or error.errno != errno.EADDRINUSE:
                raise
    raise AssertionError("unreachable")


async def _addresses(hosts: Sequence[str]) -> list[_Address]:
    found: dict[tuple[str, tuple[int, ...]], _Address] = {}
    for host in hosts:
        names = _LOOPBACK if host.lower() == LOCALHOST else (host,)
        infos = [info for name in names for info in await _resolve(name)]
        for family, _, _, _, (address, _, *more) in infos:
            known_by = (str(address), tuple(map(int, more)))
            found.setdefault(known_by, _Address(family, *known_by, is_optional=len(infos) > 1))
    everywhere = {each.family: each.host for each in found.values() if each.host in _EVERYWHERE}
    return [each for each in found.values() if everywhere.get(each.family) in (None, each.host)]


async def _resolve(name: str) -> list[tuple[socket.AddressFamily, int, int, str, tuple[str, ...]]]:
    """The addresses of a name; asking the resolver, which takes a thread, only for real names."""
    found: Sequence[object]
    try:
        flags = socket.AI_PASSIVE | socket.AI_NUMERICHOST
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=flags)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(
            name, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    return found  # type: ignore[return-value]  # An IPv4 address has two parts, an IPv6 one four.


def _bind_all(addresses: Sequence[_Address], port: int, *, reuse_port: bool) -> list[socket.socket]:
    missing: OSError | None = None
    with contextlib.ExitStack() as stack:
        bound: list[socket.socket] = []
        for address in addresses:
            try:
                listening = _bind(address, port, reuse_port=reuse_port)
            except OSError as error:
                if not address.is_optional or error.errno not in _NOT_HERE:
                    raise
                missing = error
                continue
            stack.callback(listening.close)
            bound.append(listening)
            port = listening.getsockname()[1]
        if not bound and missing is not None:
            raise missing
        stack.pop_all()
    return bound


def _bind(address: _Address, port: int, *, reuse_port: bool) -> socket.socket:
    try:
        listening = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if reuse_port:
                _share_port(listening)
            if address.family == socket.AF_INET6:  # So that 0.0.0.0 and :: go together.
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((address.host, port, *address.more))
            listening.setblocking(False)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, address.host) from None
    return listening


def _share_port(listening: socket.socket) -> None:
    """Let other processes listen on the same port.

    Raises:
        OSError: this system does not share ports.
    """
    if sys.platform == "win32":
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


class Acceptor:
    """Accepts connections on listening sockets.

    asyncio's own server logs a traceback for every attempt to accept without a file descriptor,
    and tries again hundreds of times a second. It also leaves a socket that it has just accepted
    to the garbage collector if it is closed before the connection is made.

    Args:
        make: makes the protocol of a connection.
    """

    def __init__(self, make: Callable[[], asyncio.BaseProtocol]) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._sockets: list[socket.socket] = []
        self._making: dict[asyncio.Task[object], socket.socket] = {}
        self._retry: asyncio.TimerHandle | None = None
        self._logged_at = -_LOG_SECONDS
        release_in_children(self)

    def let_go(self) -> None:
        """Release the sockets in a forked child: those that the event loop may not know, while
        accepting pauses and before a connection is made."""
        shared = (each.fileno() for each in (*self._sockets, *self._making.values()))
        let_go_of(each for each in shared if each >= 0)

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> list[tuple[str, int]]:
        """Accept connections; return the bound addresses.

        ``host`` may be several addresses and names, separated by commas.

        Raises:
            OSError: an address cannot be bound; ``filename`` is the address, if it is known.
        """
        sockets = await bind(host.split(","), port, reuse_port=reuse_port)
        addresses = [listening.getsockname()[:2] for listening in sockets]
        self.start(sockets)
        return addresses

    def start(self, sockets: Sequence[socket.socket]) -> None:
        """Accept connections on bound ``sockets``, which are closed by ``stop``.

        Raises:
            OSError: another process listens on the address of one; ``filename`` is the address.
        """
        self._sockets = list(sockets)
        try:
            for listening in self._sockets:
                listening.listen(_BACKLOG)
        except OSError as error:
            address = listening.getsockname()[0]
            self._close()
            raise OSError(error.errno, error.strerror, address) from None
        self._resume()

    async def stop(self) -> None:
        """Stop accepting. On return, every accepted connection has been made."""
        if self._retry is not None:
            self._retry.cancel()
        for listening in self._sockets:
            self._loop.remove_reader(listening)
        self._close()
        if self._making:
            await asyncio.wait(self._making)

    def _close(self) -> None:
        for listening in self._sockets:
            listening.close()
        self._sockets = []

    def _resume(self) -> None:
        self._retry = None
        for listening in self._sockets:
            self._loop.add_reader(listening, self._accept, listening)

    def _pause(self, error: OSError) -> None:
        """Let clients wait in the system's queue, until there may be a descriptor again."""
        for listening in self._sockets:
            self._loop.remove_reader(listening)
        if self._retry is None:
            self._retry = self._loop.call_later(_RETRY_SECONDS, self._resume)
        now = self._loop.time()
        if now - self._logged_at >= _LOG_SECONDS:
            self._logged_at = now
            logger.error("Cannot accept a connection: %s; it has to wait", error.strerror)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_BACKLOG):
            try:
                accepted, _ = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(error)
                return
            accepted.setblocking(False)
            task = self._loop.create_task(self._connect(accepted))
            self._making[task] = accepted
            task.add_done_callback(self._making.pop)

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make, accepted)
        except Exception:  # As asyncio's own server: the next connection may fare better.
            accepted.close()
            logger.exception("A connection could not be made")
