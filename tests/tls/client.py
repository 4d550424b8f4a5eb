"""A client whose tunnels and handshakes are made step by step."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import closing

from emulator import Emulator

TIMEOUT_SECONDS = 20.0


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)


def tls_port(emulator: Emulator) -> int:
    assert emulator.tls_endpoint is not None
    return int(emulator.tls_endpoint.rpartition(":")[2])


def trusting(emulator: Emulator, protocols: Sequence[str] = ()) -> ssl.SSLContext:
    """A context that trusts the emulator's authority alone, as strictly as Python can be."""
    context = ssl.create_default_context(cafile=str(emulator.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if protocols:
        context.set_alpn_protocols([*protocols])
    return context


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read an answer up to the end of its head, and as much of the body as its length says."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(1)
        if not piece:
            break
        received += piece
    head, _, _ = received.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    body = b""
    while lengths and len(body) < lengths[0]:
        body += connection.recv(lengths[0] - len(body))
    return int(head.split(b" ")[1]), body


def ask(port: int, request: str) -> tuple[int, str]:
    """Send a request to a plain port, and return the status and the body of the answer."""
    with closing(connect(port)) as plain:
        plain.sendall(request.encode())
        status, body = read_answer(plain)
        return status, body.decode()


def tunnel(emulator: Emulator, host: str) -> socket.socket:
    """Have the proxy open a tunnel to a played host."""
    plain = connect(emulator.port)
    plain.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    assert read_answer(plain) == (200, b"")
    return plain


def get(connection: socket.socket, emulator: Emulator, path: str = "/objectstore") -> int:
    """Send a GET as an Owner, and return the status."""
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {emulator.api_key()}\r\n\r\n".encode()
    )
    return read_answer(connection)[0]
