"""The ceiling of the load generator: a server that parses next to nothing.

A PUT throws its body away and remembers only how long it was; a GET of the same path answers with
that many constant bytes. What the generator reaches here is the least that it can do.
"""

import argparse
import asyncio

from tests.bench.payload import payload

STORED = b"HTTP/1.1 204 No Content\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class ConstantProtocol(asyncio.Protocol):
    """One request at a time per connection, which is all that the generator sends."""

    answers: dict[bytes, bytes] = {}  # noqa: RUF012  shared by all connections on purpose
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._head = b""
        self._path = b""
        self._length = 0
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._take(len(data))
            return
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        head, rest, self._head = self._head[:end], len(self._head) - end - 4, b""
        method, self._path, _ = head.split(b" ", 2)
        if method == b"GET":
            self.transport.write(self.answers.get(self._path, MISSING))
            return
        _, _, length = head.lower().partition(b"\r\ncontent-length:")
        self._length = self._missing = int(length.split(b"\r\n", 1)[0])
        self._take(rest)

    def _take(self, count: int) -> None:
        self._missing -= count
        if self._missing == 0:
            if self._path not in self.answers:
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self._length
                self.answers[self._path] = head + payload(self._length)
            self.transport.write(STORED)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(ConstantProtocol, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))
