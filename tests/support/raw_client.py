"""An HTTP client that sends what it is given, byte for byte, and never waits for ever."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30.0
"""The longest that one read or write of a socket may take."""

Fields = Sequence[tuple[str, str | bytes]]
"""Header fields in the order in which they are sent; a name may occur more than once."""


class Headers:
    """The header fields of an answer, as they were on the wire; names compare without case."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = tuple(fields)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def octets(self, name: str) -> bytes | None:
        """The value as the bytes that were sent."""
        value = self.get(name)
        return None if value is None else value.encode("latin-1")

    def names(self) -> list[str]:
        """The names in the spelling of the service."""
        return [field for field, _ in self.fields]

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def __repr__(self) -> str:
        return f"Headers({list(self.fields)!r})"


@dataclass(frozen=True, repr=False)
class Response:
    """One answer of the service."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The text of an error."""
        return str(self.json["message"])

    @property
    def media_type(self) -> str:
        """The `Content-Type` without its parameters."""
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        start = self.body[:200]
        return f"<Response {self.status} {self.headers} {len(self.body)} bytes: {start!r}>"


@dataclass(frozen=True)
class Client:
    """Sends requests to one endpoint with one API key, each over a connection of its own.

    Paths are raw: whoever calls has percent-encoded what needs it, and nothing else touches them.
    """

    endpoint: str
    key: str | bytes | None = None

    def with_key(self, key: str | bytes | None) -> Client:
        return Client(self.endpoint, key)

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Fields = (),
        body: bytes | Iterable[bytes] | None = None,
        host: str | None = None,
    ) -> Response:
        """Send a request and read the answer.

        `bytes` go with a `Content-Length`, an iterable goes in chunks, `None` is no body and no
        header that speaks of one. `host` is another `Host` than that of the endpoint.
        """
        connection = self._connection()
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.fields(headers, body, host=host):
                connection.putheader(name, value)
            # A refusal may arrive, and the connection close, before everything is sent.
            with contextlib.suppress(ConnectionError):
                connection.endheaders()
                for part in framed(body):
                    connection.send(part)
            answer = connection.getresponse()
            return Response(answer.status, Headers(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def send_late(
        self,
        method: str,
        path: str,
        body: bytes,
        meanwhile: Callable[[], object],
        *,
        headers: Fields = (),
    ) -> Response:
        """Send a request whose body follows, once it is asked for, after `meanwhile`."""
        with self.wire() as wire:
            late = [("Content-Length", str(len(body))), ("Expect", "100-continue")]
            wire.send_head(method, path, self.fields([*headers, *late]))
            assert wire.answer(method).status == 100
            meanwhile()
            wire.send(body)
            return wire.answer(method)

    def get(self, path: str, *, headers: Fields = ()) -> Response:
        return self.request("GET", path, headers=headers)

    def head(self, path: str, *, headers: Fields = ()) -> Response:
        return self.request("HEAD", path, headers=headers)

    def delete(self, path: str) -> Response:
        return self.request("DELETE", path)

    def put(
        self, path: str, body: bytes | Iterable[bytes] | None = b"", *, headers: Fields = ()
    ) -> Response:
        return self.request("PUT", path, headers=headers, body=body)

    def wire(self) -> Wire:
        """A connection on which every byte is ours."""
        return Wire(self)

    def fields(
        self,
        headers: Fields = (),
        body: bytes | Iterable[bytes] | None = None,
        *,
        host: str | None = None,
    ) -> list[tuple[str, str | bytes]]:
        """All header fields of a request: ours, then `headers`."""
        fields: list[tuple[str, str | bytes]] = [("Host", self.host if host is None else host)]
        if self.key is not None:
            fields.append(("Authorization", self.key))
        fields.extend(headers)
        if isinstance(body, bytes):
            fields.append(("Content-Length", str(len(body))))
        elif body is not None:
            fields.append(("Transfer-Encoding", "chunked"))
        return fields

    def _connection(self) -> http.client.HTTPConnection:
        if urlsplit(self.endpoint).scheme == "https":
            return http.client.HTTPSConnection(self.host, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)


class Wire:
    """One connection to the service for what no HTTP library would send.

    Nothing reconnects: two requests on one `Wire` are two requests over one connection.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._socket = _connected(client.endpoint)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Fields = (),
        body: bytes | Iterable[bytes] | None = None,
    ) -> Response:
        """Send a whole request and read its answer."""
        self.send_head(method, path, self._client.fields(headers, body))
        for part in framed(body):
            self.send(part)
        return self.answer(method)

    def send_head(self, method: str, target: str | bytes, fields: Fields) -> None:
        """Send a request line and `fields`, exactly as they are."""
        lines = [b" ".join((_octets(method), _octets(target), b"HTTP/1.1"))]
        lines += [_octets(name) + b": " + _octets(value) for name, value in fields]
        self.send(b"\r\n".join(lines) + b"\r\n\r\n")

    def send(self, data: bytes) -> None:
        """Send `data`; a connection that the service has closed is noticed in `answer`."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def finish_sending(self) -> None:
        """Close our direction of the connection, and keep reading."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off, as a client does that dies."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def answer(self, method: str = "GET") -> Response:
        """Read one answer to a request by `method`; an interim one (1xx) counts as an answer."""
        status_line = self._line()
        if not status_line.startswith(b"HTTP/1."):
            raise ConnectionError(f"an answer was due, not {status_line!r}")
        status = int(status_line.split(b" ")[1])
        headers = Headers(self._fields())
        bodiless = method == "HEAD" or status < 200 or status in (204, 304)
        return Response(status, headers, b"" if bodiless else self._body(headers))

    def read_to_end(self) -> bytes:
        """Everything up to the moment at which the service closes the connection."""
        try:
            return self._file.read()
        except ConnectionError:
            return b""

    def _body(self, headers: Headers) -> bytes:
        if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
            return b"".join(self._chunks())
        length = headers.get("Content-Length")
        return self._file.read() if length is None else self._exactly(int(length))

    def _chunks(self) -> Iterable[bytes]:
        while size := int(self._line().partition(b";")[0], 16):
            yield self._exactly(size)
            self._line()
        while self._line():
            pass

    def _fields(self) -> Iterable[tuple[str, str]]:
        while line := self._line():
            name, _, value = line.partition(b":")
            yield name.decode("latin-1"), value.strip(b" \t").decode("latin-1")

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError(f"the service closed the connection after {line!r}")
        return line.rstrip(b"\r\n")

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise ConnectionError(f"the service sent {len(data)} of {size} bytes")
        return data


def framed(body: bytes | Iterable[bytes] | None) -> Iterable[bytes]:
    """`body` as it goes over the wire: whole, or in chunks."""
    if isinstance(body, bytes):
        yield body
    elif body is not None:
        for part in body:
            yield chunk(part)
        yield LAST_CHUNK


def chunk(data: bytes) -> bytes:
    """`data`, which is not empty, as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def _octets(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _connected(endpoint: str) -> socket.socket:
    parts = urlsplit(endpoint)
    if parts.hostname is None:
        raise ValueError(f"an endpoint is an http or https URL, not {endpoint!r}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    plain = socket.create_connection((parts.hostname, port), timeout=TIMEOUT_SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if parts.scheme != "https":
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
