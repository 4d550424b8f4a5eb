"""The load generator, a process of its own: `python -m tests.bench.load < job.json`.

It keeps a fixed number of connections busy, one request in flight on each, and checks the status
and the byte count of every response (and every byte, up to `COMPARE_ALWAYS`; of larger objects the
first response on each connection). The first wrong response ends it with a message and exit 1.
"""

import itertools
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.bench.payload import payload

COMPARE_ALWAYS = 64 * 1024  # bytes; comparing more than that would cost the generator its headroom
HEAD_ROOM = 64 * 1024  # bytes of a response's head that fit beside its body
STALL_SECONDS = 30.0


class LoadError(Exception):
    """A response that was wrong, cut short, or did not come."""


@dataclass(frozen=True)
class Job:
    """One run of the generator against one server."""

    port: int
    method: str
    paths: list[str]  # cycled through
    headers: dict[str, str]
    size: int  # bytes of the object, sent by a PUT and expected by a GET
    status: int  # the only right one
    seconds: float
    connections: int
    max_requests: int
    host: str = "127.0.0.1"


@dataclass(frozen=True)
class Outcome:
    """What a run counted: the responses that arrived within `seconds`."""

    responses: int
    seconds: float
    reconnects: int  # connections that the server closed after a response
    busy: float  # share of the time in which the generator used its processor
    p50: float  # seconds from a request to the end of its response: half of them took less
    p99: float
    slowest: float
    others: float | None = None  # processors that other work used, which only its parent sees

    @property
    def rate(self) -> float:
        """Responses per second."""
        return self.responses / self.seconds


class Connection:
    """A non-blocking socket with at most one request on its way."""

    def __init__(self, job: Job, body: bytes, selector: selectors.BaseSelector) -> None:
        self._job = job
        self._body = body
        self._expected = body if job.method == "GET" else b""
        self._selector = selector
        self._buffer = bytearray(len(self._expected) + HEAD_ROOM)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._body_start = 0
        self._end = 0  # of the response in the buffer, known once its head is there
        self._closes = False
        self._compared = False
        self._unsent: list[memoryview] = []
        self._awaits_room = False
        self.began = 0.0  # when the request on its way was sent
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection((self._job.host, self._job.port), STALL_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._selector.register(self.socket, selectors.EVENT_READ, self)

    def close(self) -> None:
        self._selector.unregister(self.socket)
        self.socket.close()

    def reopen_if_closing(self) -> bool:
        """Replace the socket if the server said that it closes it; say whether that was so."""
        if not self._closes:
            return False
        self.close()
        self._open()
        return True

    def start(self, head: memoryview, now: float) -> None:
        """Send a request: `head`, and the body if it is a PUT."""
        self.began = now
        self._filled = self._end = 0
        self._unsent = [head]
        if self._job.method == "PUT" and self._body:
            self._unsent.append(memoryview(self._body))
        self.write()

    def write(self) -> None:
        """Send what the socket takes; ask to be told when it takes more."""
        try:
            while self._unsent:
                sent = self.socket.sendmsg(self._unsent)
                while self._unsent and sent >= len(self._unsent[0]):
                    sent -= len(self._unsent.pop(0))
                if self._unsent:
                    self._unsent[0] = self._unsent[0][sent:]
        except BlockingIOError:
            pass
        except OSError as error:
            raise LoadError(f"the request could not be sent: {error}") from error
        if self._awaits_room != bool(self._unsent):
            self._awaits_room = not self._awaits_room
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
            self._selector.modify(self.socket, wanted, self)

    def read(self) -> bool:
        """Take what has arrived; say whether the response is complete (and was right)."""
        try:
            count = self.socket.recv_into(self._view[self._filled :])
        except BlockingIOError:
            return False
        except OSError as error:
            raise LoadError(f"the connection broke: {error}") from error
        if count == 0:
            raise LoadError(f"the server hung up after {self._filled} bytes of a response")
        self._filled += count
        if not self._end:
            self._parse_head()
        if not self._end or self._filled < self._end:
            return False
        self._check_body()
        return True

    def _parse_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n", 0, self._filled)
        if end < 0:
            if self._filled > HEAD_ROOM:
                raise LoadError("the head of a response does not end")
            return
        head = bytes(self._view[: end + 2]).lower()
        status = head[9:12]
        if status != b"%d" % self._job.status:
            text = bytes(self._view[: min(self._filled, 600)]).decode("latin-1")
            raise LoadError(f"expected status {self._job.status}, got: {text}")
        length = 0
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            length = int(head[at + 17 : head.index(b"\r\n", at + 17)])
        if length != len(self._expected) or b"\r\ntransfer-encoding:" in head:
            text = head.decode("latin-1")
            raise LoadError(f"expected a body of {len(self._expected)} bytes, got: {text}")
        self._closes = b"\r\nconnection: close" in head or head.startswith(b"http/1.0")
        self._body_start = end + 4
        self._end = self._body_start + length

    def _check_body(self) -> None:
        if self._filled > self._end:
            raise LoadError(f"{self._filled - self._end} bytes too many after a response")
        if self._unsent:
            raise LoadError("the server answered before it had the whole request")
        if len(self._expected) <= COMPARE_ALWAYS or not self._compared:
            self._compared = True
            if not self._buffer.startswith(self._expected, self._body_start, self._end):
                raise LoadError("the body of a response is not the one that was stored")


def request_heads(job: Job) -> Iterator[memoryview]:
    """Return the heads of the job's requests, built once and cycled through."""
    headers = dict(job.headers)
    if job.method == "PUT":
        headers["Content-Length"] = str(job.size)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return itertools.cycle(
        memoryview(
            f"{job.method} {path} HTTP/1.1\r\nHost: {job.host}:{job.port}\r\n{lines}\r\n".encode()
        )
        for path in job.paths
    )


def run(job: Job) -> Outcome:
    """Do the job; raise `LoadError` at the first wrong response."""
    heads = request_heads(job)
    selector = selectors.DefaultSelector()
    body = payload(job.size)
    connections = [Connection(job, body, selector) for _ in range(job.connections)]
    latencies: list[float] = []
    counted = reconnects = 0
    clock = time.perf_counter
    processor_before = time.process_time()
    begin = clock()
    deadline = begin + job.seconds
    finished = 0.0
    for connection in connections:
        connection.start(next(heads), clock())
    sent = in_flight = len(connections)
    while in_flight:
        ready = selector.select(STALL_SECONDS)
        if not ready:
            raise LoadError(f"no answer within {STALL_SECONDS:.0f} seconds")
        for key, events in ready:
            connection = key.data
            if events & selectors.EVENT_WRITE:
                connection.write()
            if not events & selectors.EVENT_READ or not connection.read():
                continue
            now = clock()
            latencies.append(now - connection.began)
            if now <= deadline:
                counted += 1
                finished = now
            if now < deadline and sent < job.max_requests:
                reconnects += connection.reopen_if_closing()
                connection.start(next(heads), now)
                sent += 1
            else:
                connection.close()  # at once: the server may close it while others are in flight
                in_flight -= 1
    elapsed = clock() - begin
    busy = (time.process_time() - processor_before) / elapsed
    if not counted:
        raise LoadError(f"not one answer within {job.seconds} seconds")
    seconds = job.seconds if sent < job.max_requests else finished - begin
    latencies.sort()
    median, p99 = (latencies[len(latencies) * percent // 100] for percent in (50, 99))
    return Outcome(counted, seconds, reconnects, busy, median, p99, latencies[-1])


def main() -> int:
    try:
        print(json.dumps(asdict(run(Job(**json.load(sys.stdin))))))
    except (LoadError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
