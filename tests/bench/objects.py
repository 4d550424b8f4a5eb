"""How much memory an object takes beside its body, in memory storage and in each cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tests.bench.load import Job
from tests.bench.memory import NotMeasuredError, resident_bytes
from tests.bench.process import StartError
from tests.bench.subjects import Emulator, RequestError, Running
from tests.bench.throughput import GeneratorError, run_job

SIZE = 1024
WARM_UP = 20_000  # objects, until what is bounded is full: the journal, caches of parsed texts
CONNECTIONS = 8
MOST_SECONDS = 600.0

NOTHING: Mapping[str, str] = MappingProxyType({})
DESCRIPTION = MappingProxyType({"mo-meta-content-type": "video/mp2t"})

STORAGE_ONLY = "memory storage, nothing cached"
_UNCACHED = ("--cache", "memory", "--cache-max-object-bytes", str(SIZE - 1))
PLACES = {
    STORAGE_ONLY: _UNCACHED,
    "memory storage, memory cache": ("--cache", "memory"),
    "memory storage, fakeredis cache": ("--cache", "fakeredis"),
}


@dataclass(frozen=True)
class Overhead:
    """Bytes that an object adds beyond its body."""

    plain: float
    described: float  # with a content type and a TTL


@dataclass
class Objects:
    """What an object adds, by where it is, and why some are missing."""

    count: int
    overhead: dict[str, Overhead] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(count: int, progress: Callable[[str], None]) -> Objects:
    """Store `count` objects over HTTP, and see by how much the process grows."""
    result = Objects(count)
    for title, options in PLACES.items():
        progress(f"Objects: {count} in {title}")
        emulator = Emulator(title, title, "--storage", "memory", *options)
        try:
            result.overhead[title] = Overhead(
                plain=_overhead(emulator, count),
                described=_overhead(emulator, count, "?ttl_seconds=86400", DESCRIPTION),
            )
        except (StartError, RequestError, GeneratorError, NotMeasuredError, OSError) as error:
            result.failures[title] = str(error)
    return result


def _overhead(
    emulator: Emulator, count: int, query: str = "", headers: Mapping[str, str] = NOTHING
) -> float:
    with emulator.running() as running:
        _store(running, range(WARM_UP), query, headers)
        before = resident_bytes(running.process.pid)
        _store(running, range(WARM_UP, WARM_UP + count), query, headers)
        return (resident_bytes(running.process.pid) - before) / count - SIZE


def _store(running: Running, numbers: range, query: str, headers: Mapping[str, str]) -> None:
    job = Job(
        port=running.port,
        method="PUT",
        paths=[f"{running.path(_key(number))}{query}" for number in numbers],
        headers={**running.headers, **headers},
        size=SIZE,
        status=running.subject.put_status,
        seconds=MOST_SECONDS,
        connections=CONNECTIONS,
        max_requests=len(numbers),
    )
    stored = run_job(job).responses
    if stored != len(numbers):
        raise RequestError(f"only {stored} of {len(numbers)} objects were stored")


def _key(number: int) -> str:
    return f"live/channel-{number % 100:02}/{number:08}.ts"
