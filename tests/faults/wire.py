"""One connection, on which a test sees how it ends: orderly, or with a reset."""

from __future__ import annotations

import socket
from types import TracebackType

from tests.support.raw_client import Client

TIMEOUT_SECONDS = 10.0


class Connection:
    """A connection to the emulator, with the requests of one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        host, _, port = client.host.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS)
        self._unread = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(
        self, method: str, path: str, *, length: int = 0, body: bytes = b"", version: str = "1.1"
    ) -> None:
        """Send the head of a request whose body has ``length`` bytes, and ``body``."""
        lines = [
            f"{method} {path} HTTP/{version}",
            f"Host: {self._client.host}",
            f"Authorization: {self._client.key!s}",
            f"Content-Length: {length or len(body)}",
        ]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def head(self) -> tuple[int, dict[str, str]]:
        """The status of an answer and, by their names in small letters, its headers."""
        while b"\r\n\r\n" not in self._unread:
            received = self._socket.recv(65536)
            if not received:
                raise EOFError(f"the connection was closed after {self._unread!r}")
            self._unread += received
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        status_line, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(status_line.split(" ")[1]), headers

    def exactly(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        while len(self._unread) < size:
            received = self._socket.recv(65536)
            if not received:
                raise EOFError(f"the connection was closed after {len(self._unread)} bytes")
            self._unread += received
        found, self._unread = self._unread[:size], self._unread[size:]
        return found

    def rest(self) -> bytes:
        """All that comes until the connection is closed in an orderly way.

        Raises:
            ConnectionResetError: it is reset; what had come before is lost.
        """
        while received := self._socket.recv(65536):
            self._unread += received
        found, self._unread = self._unread, b""
        return found

    def rest_and_reset(self) -> bytes:
        """All that comes until the connection is reset.

        Raises:
            AssertionError: it is closed in an orderly way.
        """
        try:
            while received := self._socket.recv(65536):
                self._unread += received
        except ConnectionResetError:
            found, self._unread = self._unread, b""
            return found
        raise AssertionError("the connection was closed, and not reset")
