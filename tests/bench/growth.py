"""How an emulator with a shared account and cache grows with stores, keys and cached objects."""

import asyncio
import http.client
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from emulator.backends.account.base import API_KEYS, STORES, Change
from emulator.backends.account.valkey import ValkeyAccount
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.valkey.url import parse_valkey_url
from emulator.core.model import ApiKey, Store
from emulator.core.object_info import ObjectInfo
from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.shared import valkey_of_its_own
from tests.bench.stats import Spread
from tests.bench.subjects import STORE, STORE_CONFIGURATION
from tests.bench.timed import TimedServer

COUNTS = (100, 10_000)
SAMPLES = 300
SIZE = 1024
BATCH = 500


@dataclass(frozen=True)
class Growth:
    """What so many stores, as many keys and as many cached objects cost, in seconds."""

    count: int
    get: Spread  # of an object in the cache
    put: Spread
    create: Spread  # a store
    listing: float  # all stores
    delete: float  # a store, whose cached objects are looked for among all


def measure(progress: Callable[[str], None]) -> list[Growth] | str:
    """The figures for each number, or why there are none."""
    try:
        return [_measure(count, progress) for count in COUNTS]
    except (OSError, http.client.HTTPException, StartError) as error:
        return str(error)


def _measure(count: int, progress: Callable[[str], None]) -> Growth:
    progress(f"Growth: {count} stores, keys and cached objects")
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        valkey = stack.enter_context(valkey_of_its_own(scratch))
        server = TimedServer(Path(scratch), "--cache", valkey.url, "--account", valkey.url)
        stack.callback(server.stop)
        asyncio.run(_fill(valkey.url, count))
        return _figures(server, count)


def _figures(server: TimedServer, count: int) -> Growth:
    configuration, body = json.dumps(STORE_CONFIGURATION).encode(), payload(SIZE)
    created = [
        server.timed("PUT", f"/objectstore/{STORE}-{number}", configuration)
        for number in range(SAMPLES)
    ]
    path = f"/objectstore/{STORE}-0"
    put = [server.timed("PUT", f"{path}/{number}", body) for number in range(SAMPLES)]
    get = [server.timed("GET", f"{path}/{number}") for number in range(SAMPLES)]
    return Growth(
        count,
        Spread.of(get),
        Spread.of(put),
        Spread.of(created),
        server.timed("GET", "/objectstore"),
        server.timed("DELETE", path),
    )


async def _fill(url: str, count: int) -> None:
    account = ValkeyAccount(parse_valkey_url(url), timeout=10)
    cache = ValkeyCache(parse_valkey_url(url), timeout=10)
    info, body = ObjectInfo(size=SIZE, created_at=1, version=1), payload(SIZE)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        await account.commit(*(Change(STORES, f"s{n:06}", _store(n), None) for n in numbers))
        await account.commit(*(Change(API_KEYS, f"{n:064x}", _key(n), None) for n in numbers))
        await asyncio.gather(
            *(cache.set(CacheKey("c", "n", str(n)), CachedObject(info, body)) for n in numbers)
        )
    await account.close()
    await cache.close()


def _store(number: int) -> Store:
    return Store(f"s{number:06}", "bucket", "", "arn:aws:iam::1:role/r", "c", f"{number:032x}")


def _key(number: int) -> ApiKey:
    return ApiKey(f"k{number}", f"{number:064x}", "viewer", "bench", 1)
