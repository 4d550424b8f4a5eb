"""TLS contexts: for each connection the certificate and the protocols of the host that it names."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.core.failures import ConfigurationError
from emulator.core.one_line import one_line
from emulator.tls.hosts import Hosts, names_of

if TYPE_CHECKING:
    from emulator.tls.directory import AuthorityDirectory

logger = logging.getLogger(__name__)

Load = Callable[[ssl.SSLContext, "str | None"], None]
"""Gives a context the certificate for a cell, or for clients that name none."""

Protocols = Callable[[str], Sequence[str]]
"""The protocols that are offered at a host, the preferred one first (ALPN)."""

_MISMATCH = "KEY_VALUES_MISMATCH"

_MOST_CELLS = 256
"""Cells whose contexts are kept: any name of one is played."""


HTTP_2 = "h2"
"""Its name in ALPN."""


class Handshake:
    """How far the handshake of one connection has come."""

    has_begun = False
    """Whether the client has said what it wants, and so is shown the certificate."""


handshake: ContextVar[Handshake | None] = ContextVar("handshake", default=None)
"""That of the connection whose bytes are read: asyncio reads them in the context of the task that
begins TLS."""


def http_1_1(host: str) -> Sequence[str]:
    """HTTP/1.1 at every host."""
    del host
    return ("http/1.1",)


def protocols_of(hosts: Hosts) -> Protocols:
    """HTTP/1.1 at every host, and HTTP/2 before it at those that SDKs call with gRPC."""

    def protocols(host: str) -> Sequence[str]:
        return (HTTP_2, *http_1_1(host)) if hosts.is_grpc(host) else http_1_1(host)

    return protocols


class Contexts:
    """The TLS contexts of a server.

    Args:
        hosts: the hosts that are played.
        load: gives a context its certificate.
        protocols: what is offered at a host.
    """

    def __init__(self, hosts: Hosts, load: Load, protocols: Protocols = http_1_1) -> None:
        self._hosts = hosts
        self._load = load
        self._protocols = protocols
        self._known: dict[tuple[str | None, tuple[str, ...]], ssl.SSLContext] = {}
        self.first = self._context("localhost", None)
        """Every connection begins with this one."""
        self.first.sni_callback = self._choose

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        """Give a connection the context for the host that it names; refuse a foreign one."""
        if (current := handshake.get()) is not None:
            current.has_begun = True
        if name is None:  # An address is never named.
            return None
        if not self._hosts.is_own(name):
            logger.warning(
                "Refused TLS for the host %s, which is not played; --host-names adds others",
                one_line(name),
            )
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        try:
            connection.context = self._context(name, self._hosts.cell_of(name))
        except OSError as error:
            logger.error("Cannot make a certificate for %s: %s", name, error)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    def _context(self, host: str, cell: str | None) -> ssl.SSLContext:
        protocols = tuple(self._protocols(host))
        known = self._known.get((cell, protocols))
        if known is not None:
            return known
        if len(self._known) >= _MOST_CELLS:
            self._known.clear()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(list(protocols))
        self._load(context, cell)
        self._known[cell, protocols] = context
        return context


def loader_of_authority(directory: AuthorityDirectory, hosts: Hosts) -> Load:
    """Have each cell's certificate made by the authority of a directory."""

    def load(context: ssl.SSLContext, cell: str | None) -> None:
        names = hosts.default_names if cell is None else names_of(cell)
        directory.issue(context, names)

    return load


def loader_of_files(certificate: Path, key: Path) -> Load:
    """Have one certificate shown for all hosts, from files.

    Raises:
        ConfigurationError: they cannot be used.
    """

    def load(context: ssl.SSLContext, cell: str | None) -> None:
        del cell
        context.load_cert_chain(certificate, key, password=_no_password)

    def _no_password() -> str:
        raise ValueError("the key has a password")

    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"--tls-certificate, --tls-key: cannot read {path}: {error.strerror}"
            ) from None
    try:
        load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), None)
    except (OSError, ValueError) as error:
        cause = "they are not a certificate and a key"
        if isinstance(error, ValueError):
            cause = str(error)
        elif isinstance(error, ssl.SSLError) and error.reason == _MISMATCH:
            cause = "the key is not that of the certificate"
        raise ConfigurationError(
            f"--tls-certificate, --tls-key: cannot use {certificate} with {key}: {cause}; give a "
            "certificate and its key without a password, both in PEM"
        ) from None
    return load
