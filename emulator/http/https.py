"""What a server has in addition with TLS: a port for it, the proxy, and handshakes under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from emulator.http.connections import Connections
from emulator.http.proxying import Proxy
from emulator.http.serving import Requests
from emulator.http.timeouts import Timeouts
from emulator.http.tls import TlsAcceptor, TlsConnection, Upgrades
from emulator.tls.contexts import HTTP_2
from emulator.tls.parts import Tls

if TYPE_CHECKING:
    from emulator.http.calls import Calls


class Https:
    """TLS of one server.

    Args:
        tls: the contexts, and the hosts that are played.
        connections: knows all connections, those inside of TLS too.
        server: answers requests.
        calls: answers those over HTTP/2.
        timeouts: how long clients may take; a handshake as long as a head.
    """

    def __init__(
        self,
        tls: Tls,
        connections: Connections,
        server: Requests,
        calls: Calls,
        timeouts: Timeouts,
    ) -> None:
        self._connections, self._server, self._calls = connections, server, calls
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._upgrades = Upgrades(
            tls.contexts.first,
            self._connection,
            timeouts.head,
            trust_hint=tls.trust_hint,
        )
        self._acceptor: TlsAcceptor | None = None
        self.requests = server
        """Answers requests on the plain port."""
        if tls.is_proxy:
            hosts = tls.hosts
            self.requests = Proxy(
                server, self._upgrades, is_played=hosts.is_played, is_own=hosts.is_own
            )

    async def listen(self, host: str, port: int, *, reuse_port: bool) -> list[tuple[str, int]]:
        """Accept TLS connections, as ``Acceptor.listen`` does."""
        self._acceptor = TlsAcceptor(self._upgrades)
        return await self._acceptor.listen(host, port, reuse_port=reuse_port)

    async def stop(self) -> None:
        """Stop accepting, and give up handshakes that have not come to their end (D121)."""
        if self._acceptor is not None:
            await self._acceptor.stop()
        await self._upgrades.stop()
        self._calls.is_draining = True

    def _connection(self, carrier: asyncio.Transport, agreed: str | None) -> asyncio.Protocol:
        """Make a connection inside of TLS, for the protocol that was agreed on."""
        if agreed != HTTP_2:
            return TlsConnection(
                carrier, self._server, self._connections, self._timeouts, self._loop
            )
        from emulator.http.http2 import Http2Connection

        return Http2Connection(carrier, self._calls, self._connections, self._timeouts, self._loop)
