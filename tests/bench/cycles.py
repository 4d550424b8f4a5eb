"""What a clean emulator costs a test, and whether ten thousand of them leave anything behind.

Run as a module it is the process that is measured: an emulator, and a test that changes everything
that a test can change before each reset.
"""

import asyncio
import gc
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from emulator import Emulator
from tests.bench.memory import NotMeasuredError, resident_bytes
from tests.bench.payload import payload
from tests.bench.stats import Spread
from tests.bench.subjects import STORE_CONFIGURATION

CYCLES = 10_000
WARM_UP = 5_000  # More than what the caches hold that are bounded, as of parsed entries.
OBJECTS = 10_000
CHECKPOINT_ROUNDS = 200
TIMEOUT_SECONDS = 1800

READER = {
    "rules": [
        {
            "type": "store",
            "permissions": ["read"],
            "stores": "*",
            "items": "*",
        }
    ]
}


@dataclass(frozen=True)
class Held:
    """What the process holds: bytes resident, descriptors, threads, tasks of the emulator's event
    loop, and objects that the garbage collector knows."""

    resident: int
    descriptors: int
    threads: int
    tasks: int
    objects: int


@dataclass(frozen=True)
class Cycles:
    """What resets cost and leave, and what checkpoints cost. Times are in seconds."""

    cycles: int
    before: Held
    after: Held
    reset: Spread
    reset_p99: float
    checkpoint: Spread
    restore: Spread


def measure(cycles: int, progress: Callable[[str], None]) -> Cycles | str:
    """The figures, or why there are none."""
    progress(f"{cycles} reset cycles")
    words = [sys.executable, "-m", "tests.bench.cycles", str(cycles)]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        return str(error)
    found = json.loads(done.stdout)
    return Cycles(
        **{
            **found,
            "before": Held(**found["before"]),
            "after": Held(**found["after"]),
            **{name: Spread(**found[name]) for name in ("reset", "checkpoint", "restore")},
        }
    )


def _main(cycles: int) -> None:
    resets: list[float] = []
    with Emulator() as emulator:
        body = payload(1024)
        for _ in range(WARM_UP):
            _one_test(emulator, body)
        before = _held(emulator)
        for _ in range(cycles):
            resets.append(_one_test(emulator, body))
        after = _held(emulator)
    checkpoints, restores = _checkpoints(body)
    result = Cycles(
        cycles=cycles,
        before=before,
        after=after,
        reset=Spread.of(resets),
        reset_p99=sorted(resets)[int(len(resets) * 0.99)],
        checkpoint=Spread.of(checkpoints),
        restore=Spread.of(restores),
    )
    print(json.dumps(asdict(result)))


def _one_test(emulator: Emulator, body: bytes) -> float:
    """Change everything, and go back; how many seconds the reset took."""
    connection = http.client.HTTPConnection(emulator.host, emulator.port, timeout=60)
    _request(emulator, connection, "PUT", "/s", json.dumps(STORE_CONFIGURATION).encode(), 201)
    _request(emulator, connection, "PUT", "/s/k?ttl_seconds=60", body, 204)
    _request(emulator, connection, "GET", "/s/k", b"", 200)
    emulator.create_api_key("viewer")
    emulator.create_role("r", READER)
    emulator.faults.add({"type": "status", "status": 429}, times=1)
    _request(emulator, connection, "GET", "/s/k", b"", 429)
    emulator.checkpoint("c")
    emulator.clock.freeze()
    emulator.clock.advance(60)
    _request(emulator, connection, "GET", "/s/k", b"", 404)
    emulator.restore("c")
    emulator.drop_checkpoint("c")
    emulator.journal.assert_called(operation="GetObject", times=3)
    connection.close()
    started = time.perf_counter()
    emulator.reset()
    return time.perf_counter() - started


def _request(
    emulator: Emulator,
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes,
    status: int,
) -> None:
    headers = {"Authorization": emulator.api_key(), "Content-Type": "application/json"}
    connection.request(method, f"/objectstore{path}", body, headers)
    response = connection.getresponse()
    response.read()
    if response.status != status:
        raise RuntimeError(f"{method} {path} was answered with {response.status}")


def _checkpoints(body: bytes) -> tuple[list[float], list[float]]:
    """How long checkpoints and restores take with many objects, the default tiers in memory."""
    checkpoints, restores = [], []
    with Emulator() as emulator:
        connection = http.client.HTTPConnection(emulator.host, emulator.port, timeout=60)
        _request(emulator, connection, "PUT", "/s", json.dumps(STORE_CONFIGURATION).encode(), 201)
        for number in range(OBJECTS):
            emulator.tiers.put("s", f"k{number}", body)
        for number in range(CHECKPOINT_ROUNDS):
            started = time.perf_counter()
            emulator.checkpoint("c")
            made = time.perf_counter()
            emulator.tiers.put("s", f"k{number}", b"changed")
            changed = time.perf_counter()
            emulator.restore("c")
            restores.append(time.perf_counter() - changed)
            checkpoints.append(made - started)
        connection.close()
    return checkpoints, restores


def _held(emulator: Emulator) -> Held:
    gc.collect()

    async def tasks() -> int:
        return len(asyncio.all_tasks())

    assert emulator._thread is not None
    return Held(
        resident=_resident(),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
        tasks=emulator._thread.call(tasks()),
        objects=len(gc.get_objects()),
    )


def _resident() -> int:
    try:
        return resident_bytes(os.getpid())
    except NotMeasuredError:
        return 0


if __name__ == "__main__":
    _main(int(sys.argv[1]))
