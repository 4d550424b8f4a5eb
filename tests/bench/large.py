"""One large object, put and got: how fast, and how much memory the server takes for it.

The object is made on the way out and compared, byte for byte, on the way back; neither end needs
to hold it. It is one random block over and over, with the block's number at its start, so that a
block lost, doubled or out of place shows.
"""

import http.client
import os
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.memory import NotMeasuredError, forget_peak, peak_bytes, resident_bytes
from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.subjects import HOST, Emulator, RequestError, Running
from tests.engines.s3 import Moto

BLOCK = 1024 * 1024
TIMEOUT_SECONDS = 120.0


@dataclass
class LargeObject:
    """Seconds each way, and by how many bytes the peak exceeded what was resident before."""

    size: int
    disk_seconds: float = 0.0  # the same bytes written to a plain file and synced
    put_seconds: float = 0.0
    get_seconds: float = 0.0
    resident_before: int | None = None
    put_growth: int | None = None
    get_growth: int | None = None
    memory_note: str = ""
    failure: str = ""

    @property
    def growth(self) -> int | None:
        if self.put_growth is None or self.get_growth is None:
            return None
        return max(self.put_growth, self.get_growth)


def measure(size: int, directory: Path | None, progress: Callable[[str], None]) -> LargeObject:
    """Put and get `size` bytes on filesystem storage below `directory` (default: temporary)."""
    result = LargeObject(size)
    with tempfile.TemporaryDirectory(prefix="bench-large-", dir=directory) as scratch:
        free = shutil.disk_usage(scratch).free
        if free < 2 * size:
            result.failure = f"needs {2 * size} bytes of disk, {scratch} has {free}"
            return result
        emulator = Emulator("large", "", "--storage", "filesystem", "--data-dir", f"{scratch}/data")
        try:
            progress("Large object: plain file")
            plain = Path(scratch, "plain")
            _write_plain_file(plain, size)  # the first time, the disk may have room to make
            result.disk_seconds = _write_plain_file(plain, size)
            _through(emulator, result, progress)
        except (StartError, RequestError, OSError) as error:
            result.failure = str(error)
    return result


def measure_s3(size: int, progress: Callable[[str], None]) -> LargeObject:
    """Put and get `size` bytes on S3, which is moto's server here."""
    result = LargeObject(size)
    with tempfile.TemporaryDirectory(prefix="bench-large-") as scratch:
        s3 = Moto(Path(scratch, "moto"))
        try:
            s3.start()
            emulator = Emulator(
                *("large-s3", "", "--storage", "s3", "--s3-endpoint-url", s3.url),
                *("--create-buckets", "true", "--s3-timeout", "300"),  # moto copies slowly
            )
            emulator.environment = s3.environment
            _through(emulator, result, progress)
        except (StartError, RequestError, OSError, RuntimeError) as error:
            result.failure = str(error)
        finally:
            s3.stop()
    return result


def _through(emulator: Emulator, result: LargeObject, progress: Callable[[str], None]) -> None:
    with emulator.running() as running:
        running.put("small", payload(1024))  # so that no first-use cost is counted
        running.get("small")
        _put_and_get(running, result, progress)


def blocks(size: int) -> Iterator[memoryview]:
    """Make the object, block by block, in one buffer."""
    block = bytearray(payload(BLOCK))
    view = memoryview(block)
    for number, start in enumerate(range(0, size, BLOCK)):
        struct.pack_into(">Q", block, 0, number)
        yield view[: min(BLOCK, size - start)]


def _put_and_get(running: Running, result: LargeObject, progress: Callable[[str], None]) -> None:
    pid = running.process.pid
    try:
        forget_peak(pid)
        result.resident_before = resident_bytes(pid)
    except NotMeasuredError as error:
        result.memory_note = str(error)

    progress("Large object: Put")
    result.put_seconds = _put(running, result.size)
    if result.resident_before is not None:
        result.put_growth = peak_bytes(pid) - result.resident_before
        forget_peak(pid)

    progress("Large object: Get")
    result.get_seconds = _get(running, result.size)
    if result.resident_before is not None:
        result.get_growth = peak_bytes(pid) - result.resident_before


def _put(running: Running, size: int) -> float:
    begin = time.perf_counter()
    connection = _connection(running, "PUT", {"Content-Length": str(size)})
    try:
        for block in blocks(size):
            connection.sock.sendall(block)
    except OSError as error:  # an early answer says more than the broken pipe does
        raise RequestError(f"the Put broke off ({error}){_early_answer(connection)}") from error
    response = connection.getresponse()
    text = response.read(300)
    connection.close()
    if response.status != running.subject.put_status:
        raise RequestError(f"the Put answered {response.status}: {text!r}")
    return time.perf_counter() - begin


def _early_answer(connection: http.client.HTTPConnection) -> str:
    try:
        response = connection.getresponse()
        return f" after {response.status} {response.read(300)!r}"
    except (OSError, http.client.HTTPException):
        return ""


def _get(running: Running, size: int) -> float:
    begin = time.perf_counter()
    connection = _connection(running, "GET", {})
    response = connection.getresponse()
    if response.status != 200 or response.length != size:
        raise RequestError(f"the Get answered {response.status} with {response.length} bytes")
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    for number, expected in enumerate(blocks(size)):
        filled = 0
        while filled < len(expected):
            count = response.readinto(view[filled : len(expected)])
            if not count:
                raise RequestError(f"the Get ended after {number * BLOCK + filled} bytes")
            filled += count
        if not buffer.startswith(expected):
            raise RequestError(f"the Get differs in the MiB after byte {number * BLOCK}")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds


def _connection(
    running: Running, method: str, headers: dict[str, str]
) -> http.client.HTTPConnection:
    """Open a connection and send the head of a request for the large object."""
    connection = http.client.HTTPConnection(HOST, running.port, timeout=TIMEOUT_SECONDS)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.putrequest(method, running.path("large"), skip_accept_encoding=True)
    for name, value in {**running.headers, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection


def _write_plain_file(path: Path, size: int) -> float:
    begin = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for block in blocks(size):
            file.write(block)
        os.fsync(file.fileno())
    seconds = time.perf_counter() - begin
    path.unlink()
    return seconds
