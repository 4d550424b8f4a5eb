"""How much memory an object takes beside its body, in memory storage and in each cache."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.load import Job
from tests.bench.memory import NotMeasuredError, resident_bytes
from tests.bench.process import StartError
from tests.bench.subjects import Emulator, RequestError, Running
from tests.bench.throughput import GeneratorError, run_job

SIZE = 1024
WARM_UP = 20_000  # objects, until what is bounded is full: the journal, caches of parsed texts
CONNECTIONS = 8
MOST_SECONDS = 600.0
HEADERS = {"mo-meta-content-type": "video/mp2t"}

STORAGE_ONLY = "memory storage, nothing cached"
_UNCACHED = ("--cache", "memory", "--cache-max-object-bytes", str(SIZE - 1))
PLACES = {
    STORAGE_ONLY: _UNCACHED,
    "memory storage, memory cache": ("--cache", "memory"),
    "memory storage, fakeredis cache": ("--cache", "fakeredis"),
}


@dataclass
class Objects:
    """Bytes that an object adds beyond its body, by where it is, and why some are missing."""

    count: int
    overhead: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(count: int, progress: Callable[[str], None]) -> Objects:
    """Store `count` objects over HTTP, and see by how much the process grows."""
    result = Objects(count)
    for title, options in PLACES.items():
        progress(f"Objects: {count} in {title}")
        emulator = Emulator(title, title, "--storage", "memory", *options)
        try:
            result.overhead[title] = _growth(emulator, count) / count - SIZE
        except (StartError, RequestError, GeneratorError, NotMeasuredError, OSError) as error:
            result.failures[title] = str(error)
    return result


def _growth(emulator: Emulator, count: int) -> int:
    with emulator.running() as running:
        _store(running, range(WARM_UP))
        before = resident_bytes(running.process.pid)
        _store(running, range(WARM_UP, WARM_UP + count))
        return resident_bytes(running.process.pid) - before


def _store(running: Running, numbers: range) -> None:
    job = Job(
        port=running.port,
        method="PUT",
        paths=[f"{running.path(_key(number))}?ttl_seconds=86400" for number in numbers],
        headers={**running.headers, **HEADERS},
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
