"""How long List Object Stores takes when there are many stores, by where the account is."""

import http.client
import json
import random
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.process import StartError
from tests.bench.shared import valkey_of_its_own
from tests.bench.stats import Spread
from tests.bench.subjects import STORE, STORE_CONFIGURATION
from tests.bench.timed import TimedServer

COUNT = 4_000
SAMPLES = 30
WARM_UP = 3

IN_MEMORY = "account in memory"
IN_VALKEY = "account in a Valkey"


@dataclass
class Stores:
    """Seconds of a list by where the account is, and why some are missing."""

    listings: dict[str, Spread] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(progress: Callable[[str], None]) -> Stores:
    result = Stores()
    for title in (IN_MEMORY, IN_VALKEY):
        progress(f"Stores: {COUNT}, {title}")
        try:
            result.listings[title] = _measure(in_valkey=title == IN_VALKEY)
        except (OSError, http.client.HTTPException, StartError) as error:
            result.failures[title] = str(error)
    return result


def _measure(*, in_valkey: bool) -> Spread:
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        options = ["--storage", "memory", "--cache", "memory"]
        if in_valkey:
            url = stack.enter_context(valkey_of_its_own(scratch)).url
            options = ["--storage", "memory", "--cache", url, "--account", url]
        server = TimedServer(Path(scratch), *options)
        stack.callback(server.stop)
        return _listed(server)


def _listed(server: TimedServer) -> Spread:
    configuration = json.dumps(STORE_CONFIGURATION).encode()
    for number in random.Random(0).sample(range(COUNT), COUNT):
        server.call("PUT", f"/objectstore/{STORE}-{number:04}", configuration)
    for _ in range(WARM_UP):
        server.call("GET", "/objectstore")
    return Spread.of([server.timed("GET", "/objectstore") for _ in range(SAMPLES)])
