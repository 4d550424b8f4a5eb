"""Instructions that a server executes for one request, counted by callgrind.

The count hardly depends on what else the machine does, so changes are judged by it. The start is
not counted, and each server starts once: `vgdb` switches the counting on when it is warm.
"""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.payload import payload
from tests.bench.process import StartError, serving
from tests.bench.subjects import (
    BARE,
    FAKEREDIS,
    HOST,
    MEMORY,
    Place,
    RequestError,
    Running,
    Subject,
    free_port,
)
from tests.support.keys import v2_key

SUBJECTS: tuple[Subject, ...] = (BARE, MEMORY, FAKEREDIS)
SIZE = 1024
WARM_UP = 50
REQUESTS = 500
COMMAND_SECONDS = 60.0
START_SECONDS = 300.0  # Nothing is counted meanwhile, yet valgrind interprets every instruction.
NEEDED = ("valgrind", "vgdb")

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # so that dictionaries have the same collisions in every run
    "MOMENTO_EMULATOR_OWNER_KEY": v2_key("bench-owner"),
}


class CountError(Exception):
    """valgrind, or what talks to it, did not do what it should."""


@dataclass(frozen=True)
class Count:
    """Instructions of one request, on average."""

    get: int
    put: int


@dataclass
class Instructions:
    """What each subject takes, and why some have no figure."""

    counts: dict[str, Count] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def missing() -> str:
    """Say what is missing for a count, or nothing."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"needs {' and '.join(absent)}: install valgrind" if absent else ""


def measure(progress: Callable[[str], None]) -> Instructions:
    """Count for all subjects at once: time plays no part."""
    result = Instructions()
    if why := missing():
        result.failures = {subject.name: why for subject in SUBJECTS}
        return result
    progress("Instructions: three servers under valgrind")
    with ThreadPoolExecutor(len(SUBJECTS)) as pool:
        futures = {subject.name: pool.submit(_count, subject) for subject in SUBJECTS}
    for name, future in futures.items():
        try:
            result.counts[name] = future.result()
        except (CountError, StartError, RequestError, OSError) as error:
            result.failures[name] = str(error)
    return result


def _count(subject: Subject) -> Count:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        running = stack.enter_context(_under_callgrind(subject, scratch))
        connection = stack.enter_context(socket.create_connection((HOST, running.port), 60))
        callgrind = _Callgrind(running.process.pid, scratch)
        body = payload(SIZE)
        put = _request(running, "PUT", "?ttl_seconds=600", body)
        get = _request(running, "GET", "", b"")
        _exchange(connection, put, b"", WARM_UP)
        _exchange(connection, get, body, WARM_UP)
        callgrind.tell("instrumentation", "on")
        _exchange(connection, put, b"", WARM_UP)
        _exchange(connection, get, body, WARM_UP)
        callgrind.dump()  # counts from zero again
        _exchange(connection, get, body, REQUESTS)
        of_get = callgrind.dump()
        _exchange(connection, put, b"", REQUESTS)
        of_put = callgrind.dump()
    return Count(round(of_get / REQUESTS), round(of_put / REQUESTS))


class _Callgrind:
    """The callgrind in which a process runs."""

    def __init__(self, pid: int, scratch: Path) -> None:
        self._pid = pid
        self._scratch = scratch
        self._dumps = 0

    def tell(self, *words: str) -> None:
        """Have it do something, and wait until it is done. Raises `CountError`."""
        command = ["vgdb", f"--pid={self._pid}", f"--vgdb-prefix={self._scratch}/vgdb", *words]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CountError(f"vgdb does not reach valgrind: {error}") from error
        if done.returncode:
            raise CountError(f"vgdb does not reach valgrind: {done.stderr.strip()}")

    def dump(self) -> int:
        """Return how many instructions there were since the last dump, or since the start."""
        self.tell("dump")
        self._dumps += 1
        dump = Path(self._scratch, f"callgrind.out.{self._dumps}")
        for line in dump.read_text().splitlines():
            if line.startswith("totals:"):
                return int(line.split()[1])
        raise CountError("callgrind wrote no total")


@contextmanager
def _under_callgrind(subject: Subject, scratch: Path) -> Iterator[Running]:
    subject.require()
    place = Place(free_port(), scratch / "ready.json")
    valgrind = [
        *("valgrind", "--tool=callgrind", "--instr-atstart=no"),
        *(f"--callgrind-out-file={scratch}/callgrind.out", f"--vgdb-prefix={scratch}/vgdb"),
    ]
    command = [*valgrind, *subject.command(place)]
    with serving(
        command, scratch, ENVIRONMENT, pinned=False, start_seconds=START_SECONDS
    ) as process:
        running = subject.connect(process, place)
        subject.prepare(running)
        yield running


def _request(running: Running, method: str, query: str, body: bytes) -> bytes:
    lines = [f"{method} {running.path('key')}{query} HTTP/1.1", f"Host: {HOST}"]
    lines += [f"{name}: {value}" for name, value in running.headers.items()]
    if method == "PUT":
        lines += ["mo-meta-content-type: video/mp2t", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _exchange(connection: socket.socket, request: bytes, body: bytes, count: int) -> None:
    """Send the request `count` times, each when the one before was answered with `body`."""
    end = b"\r\n\r\n" + body
    for _ in range(count):
        connection.sendall(request)
        answer = b""
        while not answer.endswith(end):
            received = connection.recv(65536)
            if not (answer or received.startswith(b"HTTP/1.1 20")) or not received:
                raise RequestError(f"the answer under valgrind was {received[:300]!r}")
            answer += received
