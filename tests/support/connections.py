"""Single connections to the service: an upload in pieces, a download that waits, raw bytes."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import TypeVar

from .client import TIMEOUT_SECONDS, Client, object_path

_C = TypeVar("_C", bound="_Connection")


class _Connection:
    """A socket to the service that is closed at the end of its ``with``."""

    def __init__(self, client: Client, *, receive_buffer: int | None = None) -> None:
        family = socket.AF_INET6 if ":" in client.address[0] else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(TIMEOUT_SECONDS)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(client.address)

    def __enter__(self: _C) -> _C:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send_head(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: emulator"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def receive_head(self) -> bytes:
        """Everything up to the empty line after the headers, and not a byte more."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            assert byte, f"the connection was closed after {head!r}"
            head += byte
        return head

    def receive_to_end(self) -> bytes:
        """Everything up to the moment at which the service closes the connection."""
        parts = []
        while part := self.socket.recv(1 << 20):
            parts.append(part)
        return b"".join(parts)


class Upload(_Connection):
    """A Put Object that the service is reading, whose body the test sends piece by piece.

    Args:
        size: the ``Content-Length``; without one the body goes in chunks.
        headers: more of them.
    """

    def __init__(
        self,
        client: Client,
        store: str,
        key: str,
        *,
        size: int | None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(client)
        self._chunked = size is None
        framing = (
            ("Transfer-Encoding", "chunked") if size is None else ("Content-Length", str(size))
        )
        # To ask for the body is the service's way to say that the request has begun.
        head = {"Authorization": client.api_key or "", "Expect": "100-continue"}
        self.send_head("PUT", object_path(store, key), {**head, framing[0]: framing[1], **headers})
        interim = self.receive_head()
        assert interim.startswith(b"HTTP/1.1 100 "), interim

    def send(self, data: bytes) -> None:
        """Send a part of the body, which is not empty."""
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def finish(self) -> int:
        """End the body, and return the status of the answer."""
        if self._chunked:
            self.socket.sendall(b"0\r\n\r\n")
        return int(self.receive_head().split(b" ")[1])


class Download(_Connection):
    """A Get Object of which the client has read the head alone, and lets the body wait."""

    def __init__(self, client: Client, store: str, key: str) -> None:
        super().__init__(client, receive_buffer=4096)
        self.send_head("GET", object_path(store, key), {"Authorization": client.api_key or ""})
        head = self.receive_head()
        assert head.startswith(b"HTTP/1.1 200 "), head

    def rest(self) -> bytes:
        """The body, up to the end of the connection."""
        return self.receive_to_end()


class Raw(_Connection):
    """A connection for what no HTTP library would send."""

    def exchange(self, data: bytes) -> bytes:
        """Send ``data`` and nothing more, and return all that comes back."""
        try:
            self.socket.sendall(data)
            self.socket.shutdown(socket.SHUT_WR)
            return self.receive_to_end()
        except ConnectionError:
            return b""  # A refusal may come, and the connection close, before all is sent.
