"""How the file system tier grows with its objects: the start, Get, Put, list and reset."""

import asyncio
import http.client
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emulator.backends.storage.filesystem import FilesystemStorage
from emulator.core.object_info import Location, ObjectInfo
from emulator.startup.data_directory import DataDirectory
from tests.bench.payload import payload
from tests.bench.stats import Spread
from tests.bench.subjects import STORE, STORE_CONFIGURATION
from tests.bench.timed import TimedServer

COUNTS = (1_000, 100_000)
SAMPLES = 300
SIZE = 1024
BUCKET = "bench-bucket"


@dataclass(frozen=True)
class Files:
    """What one number of objects in one bucket costs, in seconds."""

    count: int
    start: Spread
    get: Spread  # of objects that are in no cache
    put: Spread  # of new keys, fsync included
    listing: float
    reset: float


def measure(scratch: Path | None, progress: Callable[[str], None]) -> list[Files] | str:
    """The figures for each number of objects, or why there are none; files lie in `scratch`."""
    try:
        return [_measure(count, scratch, progress) for count in COUNTS]
    except (OSError, http.client.HTTPException) as error:
        return str(error)


def _measure(count: int, scratch: Path | None, progress: Callable[[str], None]) -> Files:
    with tempfile.TemporaryDirectory(prefix="bench-files-", dir=scratch) as place:
        data = Path(place, "data")
        progress(f"Files: {count} objects")
        asyncio.run(_fill(data, count))
        starts = []
        for _ in range(5):
            server = TimedServer(data.parent, "--data-dir", str(data), "--cache", "memory")
            starts.append(server.start_seconds)
            server.stop()
        server = TimedServer(data.parent, "--data-dir", str(data), "--cache", "memory")
        try:
            server.call("PUT", f"/objectstore/{STORE}", json.dumps(STORE_CONFIGURATION).encode())
            step = count // SAMPLES
            gets = [
                server.timed("GET", f"/objectstore/{STORE}/{_key(number * step)}")
                for number in range(SAMPLES)
            ]
            body = payload(SIZE)
            puts = [
                server.timed("PUT", f"/objectstore/{STORE}/new-{number}", body)
                for number in range(SAMPLES)
            ]
            listing = server.timed("GET", f"/_emulator/objects/{STORE}")
            reset = server.timed("POST", "/_emulator/reset")
        finally:
            server.stop()
    return Files(count, Spread.of(starts), Spread.of(gets), Spread.of(puts), listing, reset)


async def _fill(data: Path, count: int) -> None:
    directory = DataDirectory(data)
    storage = FilesystemStorage(
        directory.objects, directory.temporary, directory.checkpoints, fsync=False
    )
    body = payload(SIZE)
    for number in range(count):
        info = ObjectInfo(size=SIZE, created_at=number, version=number)
        await storage.put(Location(BUCKET, _key(number)), info, body)
    await storage.close()
    directory.close()


def _key(number: int) -> str:
    return f"object-{number:06}"
