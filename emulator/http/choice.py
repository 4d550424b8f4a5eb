"""Chooses what serves connections: our own over aiohttp's parser, or aiohttp's own server.

The parser is no documented part of aiohttp. Where a release has moved it or changed how it behaves,
the emulator goes on over what is documented, and says so.
"""

from __future__ import annotations

import functools
import logging

import aiohttp

from emulator.core.failures import ConfigurationError
from emulator.http.serving import MakeConnection

logger = logging.getLogger(__name__)


@functools.cache
def connection_class() -> MakeConnection:
    """The class of connections, of this process. An event loop has to run."""
    try:
        # Here, since the import of what a release has moved is what may fail.
        from emulator.http.connection import Connection
        from emulator.http.parser_check import check

        check()
    except Exception as error:
        logger.warning(
            "aiohttp %s is not as this version of the emulator knows it (%s: %s). Requests are "
            "served by aiohttp's own server, which is slower, answers what is no HTTP in words of "
            "its own, and closes the connection of a body that stops coming without an answer",
            aiohttp.__version__,
            type(error).__name__,
            error,
        )
        # Here, since it imports aiohttp's whole framework, which no other emulator needs.
        from emulator.http.public_connection import PublicConnection

        return PublicConnection
    return Connection


def require_own_connections() -> None:
    """Refuse what only our own connections can do: TLS, and to be a proxy.

    Raises:
        ConfigurationError: aiohttp's own server is used.
    """
    if connection_class().__module__ != "emulator.http.connection":
        raise ConfigurationError(
            f"--tls and --proxy do not work with aiohttp {aiohttp.__version__}, which is not as "
            "this version of the emulator knows it; install another one, or leave the options out"
        )
