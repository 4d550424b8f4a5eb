"""Ports of this machine: free ones, and those that nobody else is given meanwhile."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether somebody listens on ``port``."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port of the loopback addresses at which nobody listens unless told to.

    A socket that is bound to it and does not listen keeps the system from giving it to others. On
    Linux a server takes it nevertheless if it sets ``SO_REUSEADDR``, as servers of asyncio do.
    Elsewhere it is only a port that was free a moment ago.
    """
    with contextlib.ExitStack() as stack:
        port = _bind(stack.enter_context(socket.socket(socket.AF_INET)), HOST, 0)
        if socket.has_ipv6:
            six = stack.enter_context(socket.socket(socket.AF_INET6))
            with contextlib.suppress(OSError):  # There may be no IPv6 here.
                _bind(six, "::1", port)
        if sys.platform != "linux":
            stack.close()
        yield port


def _bind(reserving: socket.socket, host: str, port: int) -> int:
    reserving.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserving.bind((host, port))
    return int(reserving.getsockname()[1])
