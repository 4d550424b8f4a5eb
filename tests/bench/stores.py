"""How long List Object Stores takes when there are many stores."""

import http.client
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.stats import Spread
from tests.bench.subjects import STORE, STORE_CONFIGURATION
from tests.bench.timed import TimedServer

COUNT = 4_000
SAMPLES = 30
WARM_UP = 3


@dataclass(frozen=True)
class Stores:
    """Seconds of a list, with how many bytes it answers."""

    count: int
    size: int
    listing: Spread


def measure(progress: Callable[[str], None]) -> Stores | str:
    """The figures, or why there are none."""
    progress(f"Stores: {COUNT}")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            server = TimedServer(Path(scratch), "--storage", "memory", "--cache", "memory")
            try:
                return _figures(server)
            finally:
                server.stop()
    except (OSError, http.client.HTTPException) as error:
        return str(error)


def _figures(server: TimedServer) -> Stores:
    configuration = json.dumps(STORE_CONFIGURATION).encode()
    for number in range(COUNT):
        server.call("PUT", f"/objectstore/{STORE}-{number:04}", configuration)
    listed = b""
    for _ in range(WARM_UP):
        listed = server.call("GET", "/objectstore")
    times = [server.timed("GET", "/objectstore") for _ in range(SAMPLES)]
    return Stores(COUNT, len(listed), Spread.of(times))
