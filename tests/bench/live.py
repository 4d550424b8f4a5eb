"""A live stream for days of the emulator's clock: what stays in memory, and for how long it hangs.

A packager puts a segment and the playlist every six seconds of the clock, each with a TTL, as
players with connections of their own read them. Beside them, some clients ask for a large object
and never read it.
"""

import asyncio
import itertools
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.memory import resident_bytes
from tests.bench.payload import payload
from tests.bench.standstill import watched
from tests.bench.subjects import DEFAULT, HOST, Running

DAY_SECONDS = 24 * 60 * 60
SEGMENT_SECONDS = 6
SEGMENTS_OF_A_DAY = DAY_SECONDS // SEGMENT_SECONDS
SEGMENT_TTL = 60  # seconds
PLAYLIST_TTL = 12
SEGMENT_BYTES = 128 * 1024
LARGE_BYTES = 8 * 1024 * 1024
PLAYERS = 1000
STALLED = 20
READS = 2  # requests of players for each segment


@dataclass
class LiveStream:
    """What was seen. The first of `resident` and `descriptors` is from before the stream."""

    days: int
    resident: list[int] = field(default_factory=list)  # bytes, at the end of each day
    descriptors: list[int] = field(default_factory=list)
    requests: int = 0
    wrong: int = 0  # answers with another status or body than was due
    standstill: float = 0.0  # seconds
    seconds: float = 0.0


def measure(days: int, progress: Callable[[str], None]) -> LiveStream:
    """Stream for so many days. Raises `OSError`, `StartError` or `NotMeasuredError`."""
    result = LiveStream(days)
    with DEFAULT.running() as running:
        begin = time.perf_counter()
        with watched(running.port) as watch:
            asyncio.run(_Stream(running, result, progress).run())
        result.standstill = watch.longest
        result.seconds = time.perf_counter() - begin
    return result


class _Connection:
    """A keep-alive connection with one request at a time."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._head = "".join(f"{name}: {value}\r\n" for name, value in running.headers.items())

    async def open(self) -> "_Connection":
        self._reader, self._writer = await asyncio.open_connection(HOST, self._running.port)
        return self

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n{self._head}"
        if method != "GET":
            head += f"Content-Length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        status_line, *lines = answer.decode().lower().split("\r\n")
        length = next(int(line[15:]) for line in [*lines, "content-length:0"] if _is_length(line))
        return int(status_line.split(" ")[1]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


def _is_length(line: str) -> bool:
    return line.startswith("content-length:")


class _Stream:
    def __init__(
        self, running: Running, result: LiveStream, progress: Callable[[str], None]
    ) -> None:
        self._running = running
        self._result = result
        self._progress = progress
        self._segment = payload(SEGMENT_BYTES)

    async def run(self) -> None:
        packager = await _Connection(self._running).open()
        players = [await _Connection(self._running).open() for _ in range(PLAYERS)]
        await self._expect(packager, "PUT", "large", 204, payload(LARGE_BYTES))
        stalled = [self._stall() for _ in range(STALLED)]
        turn = itertools.cycle(players)
        try:
            await self._stream(packager, turn, range(SEGMENTS_OF_A_DAY // 100))  # Warm up.
            self._note()
            for day in range(self._result.days):
                first = (day + 1) * SEGMENTS_OF_A_DAY
                await self._stream(packager, turn, range(first, first + SEGMENTS_OF_A_DAY))
                self._note()
                self._progress(
                    f"Live stream: day {day + 1}, {self._result.resident[-1] / 1e6:.1f} MB"
                )
        finally:
            for player in (packager, *players):
                player.close()
            for client in stalled:
                client.close()

    async def _stream(
        self, packager: _Connection, turn: Iterator[_Connection], numbers: range
    ) -> None:
        for number in numbers:
            body = number.to_bytes(8, "big") + self._segment
            await self._expect(packager, "PUT", f"{number}.ts?ttl_seconds={SEGMENT_TTL}", 204, body)
            playlist = f"live.m3u8?ttl_seconds={PLAYLIST_TTL}"
            await self._expect(packager, "PUT", playlist, 204, b"%d" % number)
            await asyncio.gather(
                *(
                    self._expect(next(turn), "GET", f"{number}.ts", 200, due=body)
                    for _ in range(READS)
                ),
                self._expect(next(turn), "GET", "live.m3u8", 200, due=b"%d" % number),
                self._expect(next(turn), "GET", f"{number - 11}.ts", 404),
            )
            await packager.request(
                "POST", "/_emulator/clock/advance", b'{"seconds": %d}' % SEGMENT_SECONDS
            )

    async def _expect(
        self,
        connection: _Connection,
        method: str,
        key: str,
        status: int,
        body: bytes = b"",
        *,
        due: bytes | None = None,
    ) -> None:
        answer = await connection.request(method, self._running.path(key), body)
        self._result.requests += 1
        if answer[0] != status or (due is not None and answer[1] != due):
            self._result.wrong += 1

    def _stall(self) -> socket.socket:
        client = socket.create_connection((HOST, self._running.port))
        key = self._running.headers["Authorization"]
        head = f"GET {self._running.path('large')} HTTP/1.1\r\nHost: {HOST}\r\n"
        client.sendall(f"{head}Authorization: {key}\r\n\r\n".encode())
        return client

    def _note(self) -> None:
        pid = self._running.process.pid
        self._result.resident.append(resident_bytes(pid))
        self._result.descriptors.append(len(os.listdir(f"/proc/{pid}/fd")))
