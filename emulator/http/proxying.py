"""Forward proxy to the emulator itself: CONNECT to a played host leads to TLS and HTTP inside."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import hdrs

from emulator.core.one_line import one_line
from emulator.core.redaction import redact
from emulator.http.connection import Connection
from emulator.http.head import render_head
from emulator.http.message import Request
from emulator.http.render import error_response
from emulator.http.serving import Requests
from emulator.http.tls import Upgrades

logger = logging.getLogger(__name__)

PORT = 443
"""The only port of a played host."""

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\s/@\[\]]+)(?::([0-9]{1,5}))?")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)

_MOST_SHOWN = 100
"""Characters of a name that the client has sent."""

Judge = Callable[[str], bool]


class Proxy:
    """Answers the requests on the plain port: those for a tunnel here, others as ever (D141).

    Args:
        requests: answers requests that are not for a tunnel.
        upgrades: turns a connection into TLS.
        is_played: whether a host is played.
        is_own: whether a host is played, or is this machine.
    """

    def __init__(
        self, requests: Requests, upgrades: Upgrades, *, is_played: Judge, is_own: Judge
    ) -> None:
        self._requests = requests
        self._upgrades = upgrades
        self._is_played = is_played
        self._is_own = is_own
        self.refuse = requests.refuse

    def handle(self, request: Request) -> Coroutine[Any, Any, None]:
        """Answer ``request``."""
        if request.method == hdrs.METH_CONNECT:
            return self._connect(request)
        if not request.target.startswith("/") and self._is_foreign(request.target):
            return self._refuse(request, 403, _foreign(request.target))
        return self._requests.handle(request)

    def _is_foreign(self, target: str) -> bool:
        """Whether a target in absolute form names a host that is not ours."""
        absolute = _ABSOLUTE.match(target)
        if absolute is None:
            return False
        authority = _AUTHORITY.fullmatch(absolute[1])
        return authority is None or not self._is_own(authority[1])

    async def _connect(self, request: Request) -> None:
        authority = _AUTHORITY.fullmatch(request.target)
        if authority is None or authority[2] is None or int(authority[2]) > 65535:
            await self._refuse(request, 400, "CONNECT needs a host and a port, as in host:443")
        elif not self._is_played(authority[1]):
            await self._refuse(request, 403, _foreign(request.target))
        elif int(authority[2]) != PORT:
            await self._refuse(
                request, 403, f"This proxy leads to port {PORT} alone, not to {authority[2]}"
            )
        elif not request.peer.is_last or request.content.total_bytes:
            await self._refuse(request, 400, "Bytes behind CONNECT came before its answer")
        else:
            self._open(request)

    def _open(self, request: Request) -> None:
        """Answer 200, and hand the transport on from this connection to TLS."""
        connection = request.peer
        assert isinstance(connection, Connection)
        transport = connection.transport
        connection.write(_ESTABLISHED)
        assert transport is not None
        transport.pause_reading()
        connection.connection_lost(None)
        self._upgrades.begin(transport)

    async def _refuse(self, request: Request, status: int, message: str) -> None:
        logger.warning("%s", message)
        request.keeps_alive = False
        response = error_response(status, message)
        head = render_head(request, response)
        assert isinstance(response.body, bytes)
        request.peer.write(head + (b"" if request.method == hdrs.METH_HEAD else response.body))


def _foreign(target: str) -> str:
    shown = one_line(redact(target)[:_MOST_SHOWN])
    return (
        f"This proxy leads to the emulator alone, which does not play the host of {shown}: name "
        "the host in --host-names if it should, or in NO_PROXY if clients are to reach it directly"
    )
