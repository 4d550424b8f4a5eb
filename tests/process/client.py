"""Clients of a running emulator: whole requests, and requests that stop half-way."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 20
"""The longest that a test waits for any one answer."""

_C = TypeVar("_C", bound="_Connection")

ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


class Answer(NamedTuple):
    """What the service answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Calls the service at ``endpoint`` with one API key, or with none."""

    def __init__(self, endpoint: str, api_key: str | None = None) -> None:
        self.endpoint = endpoint
        self.api_key = api_key

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.endpoint)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def connect(self) -> HTTPConnection:
        """A connection that is kept open; the caller closes it."""
        host, port = self.address
        return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        over: HTTPConnection | None = None,
    ) -> Answer:
        """Send one request, over a connection of its own unless there is one to use."""
        if over is None:
            with closing(self.connect()) as connection:
                return self.call(method, path, body, headers, over=connection)
        own = {} if self.api_key is None else {"Authorization": self.api_key}
        over.request(method, path, body, {**own, **(headers or {})})
        response = over.getresponse()
        return Answer(response.status, response.msg, response.read())

    def list_stores(self, *, over: HTTPConnection | None = None) -> Answer:
        return self.call("GET", "/objectstore", over=over)

    def store_names(self) -> list[str]:
        answer = self.list_stores()
        assert answer.status == 200, answer
        return [store["name"] for store in answer.json()["object_stores"]]

    def create_store(self, store: str, *, over: HTTPConnection | None = None) -> Answer:
        """Create ``store`` over a bucket and a Valkey cluster of its own."""
        return self.call(
            "PUT",
            f"/objectstore/{store}",
            json.dumps(store_configuration(store)).encode(),
            {"Content-Type": "application/json"},
            over=over,
        )

    def put(
        self,
        store: str,
        key: str,
        body: bytes,
        *,
        ttl_seconds: int | None = None,
        metadata: Mapping[str, str] | None = None,
        over: HTTPConnection | None = None,
    ) -> Answer:
        query = "" if ttl_seconds is None else f"?ttl_seconds={ttl_seconds}"
        headers = {f"mo-meta-{name}": value for name, value in (metadata or {}).items()}
        return self.call("PUT", object_path(store, key) + query, body, headers, over=over)

    def get(self, store: str, key: str, *, over: HTTPConnection | None = None) -> Answer:
        return self.call("GET", object_path(store, key), over=over)


def store_configuration(store: str) -> dict[str, Any]:
    """A bucket and a Valkey cluster of the store's own."""
    return {
        "storage_config": {
            "s3": {"bucket_name": f"bucket-of-{store}", "iam_role_arn": ROLE_ARN},
        },
        "cache_config": {"valkey_cluster": {"cluster_name": f"cluster-of-{store}"}},
    }


def object_path(store: str, key: str) -> str:
    return f"/objectstore/{store}/{quote(key, safe='')}"


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
