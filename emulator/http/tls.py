"""HTTPS: connections become TLS in place, right after they are accepted or behind a CONNECT."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable

from emulator.core.private import monotonic
from emulator.http.connection import Connection
from emulator.http.listening import Acceptor
from emulator.http.serving import Owner, Requests
from emulator.http.timeouts import Timeouts
from emulator.tls.contexts import Handshake, handshake

logger = logging.getLogger(__name__)

_LOG_SECONDS = 1.0
"""How often a failed handshake is logged at most, for each cause."""

_DISTRUST = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE", "CERTIFICATE_EXPIRED")
"""What clients send that do not accept a certificate, in the names of OpenSSL's reasons."""

_REFUSED_BY_US = "CALLBACK_FAILED"
"""The host that the client named is not played; that was logged already."""

_LEFT = ConnectionResetError
"""What asyncio raises if the client closes the connection in the handshake."""

_PLAIN = ("HTTP_REQUEST", "WRONG_VERSION_NUMBER", "HTTPS_PROXY_REQUEST")
"""What OpenSSL says of bytes that are not TLS."""


def close_inside_of(transport: asyncio.Transport, carrier: asyncio.Transport) -> None:
    """Close a connection inside of TLS after what was written has been sent, without waiting for
    the client to confirm it: most do so only when they use the connection again."""
    if transport.is_closing():
        return  # asyncio's transport of TLS may not be asked anything once it was closed.
    has_unsent = transport.get_write_buffer_size() > 0
    transport.close()
    if not has_unsent:
        carrier.close()


class TlsConnection(Connection):
    """A connection inside of TLS.

    Args:
        carrier: the transport that carries TLS.
        requests, owner, timeouts, loop: as for any connection.
    """

    scheme = "https"

    def __init__(
        self,
        carrier: asyncio.Transport,
        requests: Requests,
        owner: Owner,
        timeouts: Timeouts,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(requests, owner, timeouts, loop)
        self._carrier = carrier

    @property
    def carrier(self) -> asyncio.Transport:
        """What carries TLS."""
        return self._carrier

    def connection_lost(self, exc: BaseException | None) -> None:
        """End, as any connection."""
        transport = self.transport
        super().connection_lost(exc)
        if transport is not None:
            transport.close()  # Python 3.10 warns if nobody does.

    def eof_received(self) -> bool:
        """The client sends no more: in TLS, that is the end of both directions."""
        super().eof_received()
        return False

    def close(self) -> None:
        """Close the connection after what was written has been sent."""
        self._is_closing = True
        if self.transport is not None:
            close_inside_of(self.transport, self._carrier)


class _Pending(asyncio.Protocol):
    """An accepted connection before TLS begins; it reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()


class _Early(asyncio.Protocol):
    """Keeps what comes with the end of a handshake, before the connection is made."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        self.data.append(data)


Make = Callable[[asyncio.Transport, "str | None"], asyncio.Protocol]
"""Makes the connection inside of TLS, given what carries it and the protocol that was agreed on
(ALPN)."""


class Upgrades:
    """Turns connections into TLS connections.

    Args:
        context: the context with which each begins.
        make: makes the connection inside of TLS.
        seconds: how long a handshake may take.
        trust_hint: what to do about a client that does not trust the certificate.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        make: Make,
        seconds: float,
        *,
        trust_hint: str,
    ) -> None:
        self._context = context
        self._make = make
        self._seconds = seconds
        self._trust_hint = trust_hint
        self._handshakes: set[asyncio.Task[None]] = set()
        self._logged_at: dict[str, float] = {}

    def begin(self, transport: asyncio.Transport) -> None:
        """Speak TLS on ``transport`` from now on, which must not be reading, and HTTP inside."""
        task = asyncio.get_running_loop().create_task(self._upgrade(transport))
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    async def stop(self) -> None:
        """Give up the handshakes that have not come to their end (D121)."""
        handshakes = [*self._handshakes]
        for task in handshakes:
            task.cancel()
        if handshakes:
            await asyncio.wait(handshakes)

    async def _upgrade(self, transport: asyncio.Transport) -> None:
        early = _Early()
        progress = Handshake()
        handshake.set(progress)
        try:
            inner = await asyncio.get_running_loop().start_tls(
                transport,
                early,
                self._context,
                server_side=True,
                ssl_handshake_timeout=self._seconds,
            )
        except (ssl.SSLError, OSError) as error:
            transport.abort()
            self._log(error, progress)
        except Exception:
            transport.abort()
            logger.exception("A TLS handshake failed")
        except BaseException:  # The server stops.
            transport.abort()
            raise
        else:
            # Not from within a task: a connection answers requests in a task of its own.
            asyncio.get_running_loop().call_soon(self._serve, transport, inner, early)

    def _serve(
        self, transport: asyncio.Transport, inner: asyncio.Transport | None, early: _Early
    ) -> None:
        """Begin to serve inside of TLS, with what has come already."""
        if inner is None or inner.is_closing():
            transport.abort()
            return
        agreed = inner.get_extra_info("ssl_object").selected_alpn_protocol()
        connection = self._make(transport, agreed)
        inner.set_protocol(connection)
        connection.connection_made(inner)
        for data in early.data:
            connection.data_received(data)

    def _log(self, error: OSError, progress: Handshake) -> None:
        """Say why a handshake failed, if anybody can do something about it."""
        cause = self._cause(error, progress)
        now = monotonic()
        if cause is None or now - self._logged_at.get(cause, -_LOG_SECONDS) < _LOG_SECONDS:
            return
        self._logged_at[cause] = now
        logger.warning("%s", cause)

    def _cause(self, error: OSError, progress: Handshake) -> str | None:
        if isinstance(error, _LEFT) and progress.has_begun:  # As Java and Node do.
            return (
                "A client has closed its connection when it was shown the emulator's certificate; "
                f"if it does not trust it, {self._trust_hint}"
            )
        if not isinstance(error, ssl.SSLError):
            return None  # The client has gone, or was too slow.
        reason = (error.reason or "").upper()
        if reason == _REFUSED_BY_US:
            return None
        if any(reason.endswith(each) for each in _DISTRUST):
            return f"A client does not trust the emulator's certificate; {self._trust_hint}"
        if reason in _PLAIN:
            return "A client does not speak TLS where it has to; use https:// there"
        return f"A TLS handshake failed: {reason or error}"


class TlsAcceptor(Acceptor):
    """Accepts connections that begin with TLS.

    Args:
        upgrades: turns them into TLS connections.
    """

    def __init__(self, upgrades: Upgrades) -> None:
        super().__init__(_Pending)
        self._upgrades = upgrades

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            transport, _ = await self._loop.connect_accepted_socket(self._make, accepted)
        except Exception:
            accepted.close()
            logger.exception("A connection could not be made")
            return
        with contextlib.suppress(RuntimeError):  # It is lost already.
            self._upgrades.begin(transport)
