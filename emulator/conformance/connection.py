"""HTTP/1.1 to one endpoint: a connection is kept, and opened again when it breaks."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from .answer import Answer

TIMEOUT_SECONDS = 30.0
"""The longest that one read or write of a socket may take."""

Fields = Sequence[tuple[str, str | bytes]]
"""Header fields in the order in which they are sent; a name may be there more than once."""

NO_ANSWER = "no answer"
"""What every message of such an error has in it."""


class NoAnswerError(AssertionError):
    """The endpoint closed the connection, or was silent, where an answer was due."""


class Connections:
    """The connections to one endpoint.

    Paths go out as they are given: the caller has percent-encoded what needs it.
    """

    def __init__(self, endpoint: str, ca_file: str | None = None) -> None:
        """Start with no connection.

        Args:
            endpoint: an http or https URL with a host alone.
            ca_file: certificates to trust beside the system's.

        Raises:
            ValueError: the endpoint is no such URL, or the file has no certificates.
        """
        parts, port = _parsed(endpoint)
        self.host = parts.hostname or ""
        self.port = port or (443 if parts.scheme == "https" else 80)
        self._netloc = parts.netloc
        self._tls = _trusting(ca_file) if parts.scheme == "https" else None
        self._kept: http.client.HTTPConnection | None = None

    def request(self, method: str, path: str, fields: Fields, body: bytes | None) -> Answer:
        """Send a request and read the answer. Without a body there is no ``Content-Length``.

        Raises:
            NoAnswerError: there is none.
        """
        kept = self._kept
        try:
            if kept is not None:
                try:
                    return self._exchange(kept, method, path, fields, body)
                except (ConnectionError, http.client.BadStatusLine):
                    kept.close()  # The endpoint may close what is idle.
            self._kept = kept = self._opened()
            return self._exchange(kept, method, path, fields, body)
        except BaseException as error:  # After Ctrl-C, the answer to come is none to the next.
            self._kept = None
            if kept is not None:
                kept.close()
            if isinstance(error, (OSError, http.client.HTTPException)):
                raise NoAnswerError(f"{method} {path}: {NO_ANSWER}: {_cause(error)}") from None
            raise

    def raw(self, data: bytes, *, ends: bool = False) -> Answer:
        """Send ``data`` on a new connection and read one answer.

        Args:
            data: the whole request, or what a client sends of one.
            ends: close our direction of the connection after it, as a client that dies.

        Raises:
            NoAnswerError: there is none.
        """
        try:
            with contextlib.closing(self.socket()) as opened:
                with contextlib.suppress(ConnectionError):  # It may be refused before its end.
                    opened.sendall(data)
                    if ends:
                        opened.shutdown(socket.SHUT_WR)
                answer = http.client.HTTPResponse(opened, method=data.partition(b" ")[0].decode())
                answer.begin()
                return Answer(answer.status, tuple(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"{NO_ANSWER} to {data[:80]!r}: {_cause(error)}") from None

    def socket(self) -> socket.socket:
        """Return a new connection on which every byte is the caller's, who closes it."""
        plain = socket.create_connection((self.host, self.port), timeout=TIMEOUT_SECONDS)
        if self._tls is None:
            return plain
        return self._tls.wrap_socket(plain, server_hostname=self.host)

    def close(self) -> None:
        """Close the connection that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _opened(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=TIMEOUT_SECONDS, context=self._tls
        )

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        fields: Fields,
        body: bytes | None,
    ) -> Answer:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", self._netloc)
        for name, value in fields:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        # A refusal may arrive, and the connection close, before everything is sent.
        with contextlib.suppress(BrokenPipeError):
            connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, tuple(answer.getheaders()), answer.read())


def _parsed(endpoint: str) -> tuple[SplitResult, int | None]:
    """Return the parts of an endpoint, and its port."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(endpoint)
        port = parts.port
        has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme in ("http", "https") and parts.hostname and not has_more:
            return parts, port
    raise ValueError(f"an endpoint is an http or https URL with a host, not {endpoint!r}")


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates and those of the file."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ValueError(f"--ca-file: cannot use {ca_file}: {_cause(error)}") from None
    return context


def _cause(error: Exception) -> str:
    """Say in words why there is no answer."""
    said = isinstance(error, OSError) and (error.strerror or str(error))
    return said or repr(error)
