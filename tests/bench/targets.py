"""What the emulator promises about its speed and size, and whether this run kept it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.cycles import Cycles
from tests.bench.embedded import Embedded
from tests.bench.memory import MEGABYTE
from tests.bench.objects import PLACES, STORAGE_ONLY
from tests.bench.results import Results
from tests.bench.shared import VALKEY
from tests.bench.stats import Spread
from tests.bench.stores import COUNT, IN_MEMORY, IN_VALKEY
from tests.bench.subjects import (
    BARE,
    CUSTOM_ROLE,
    DEFAULT,
    FAKEREDIS,
    LATER,
    MEMORY,
    MOTO,
    TELEMETRY,
    TELEMETRY_FILES,
    Subject,
)

OBJECT_BYTES = 500
"""What an object may take beyond its body in the storage, and again in the cache."""


@dataclass(frozen=True)
class Target:
    """A figure that has to be at least, or else at most, a limit."""

    title: str
    limit: float
    measured: Callable[[Results], float | None]
    unit: str = ""
    at_least: bool = True

    def wanted(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"

    def verdict(self, results: Results) -> tuple[str, str]:
        """Return the measured figure and whether it reaches the target, and by how much."""
        value = self.measured(results)
        if value is None:
            return "", "not measured"
        reached = value >= self.limit if self.at_least else value <= self.limit
        distance = abs(value / self.limit - 1)
        side = "above" if value >= self.limit else "below"
        word = "reached" if reached else "**missed**"
        return f"{value:.3g}{self.unit}", f"{word}, {distance:.1%} {side} the limit"


def _rate_ratio(
    scenario: str, subject: Subject, base: Subject
) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        result = results.throughput.get(scenario)
        if result is None or result.verdict.refused:
            return None
        ratio = result.ratio(subject, base)
        return ratio.median if ratio else None

    return measured


def _p99_ratio(subject: Subject) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        result = results.throughput.get("get-1k-latency")
        if result is None or result.verdict.refused:
            return None
        ratio = result.p99_ratio(subject, BARE)
        return ratio.median if ratio else None

    return measured


def _idle_megabytes(results: Results) -> float | None:
    resident = results.idle.resident.get(DEFAULT.name) if results.idle else None
    return resident.idle / MEGABYTE if resident else None


def _large_megabytes(results: Results) -> float | None:
    growth = results.large.growth if results.large else None
    return None if growth is None else growth / MEGABYTE


def _large_s3_megabytes(results: Results) -> float | None:
    growth = results.large_s3.growth if results.large_s3 else None
    return None if growth is None else growth / MEGABYTE


def _object_bytes(place: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        overhead = results.objects.overhead.get(place) if results.objects else None
        return overhead.plain if overhead else None

    return measured


def _cold_seconds(results: Results) -> float | None:
    if results.cold is None or results.cold.verdict.refused:
        return None
    seconds = results.cold.counted(DEFAULT)
    return Spread.of(seconds).median if seconds else None


def _cold_ratio(results: Results) -> float | None:
    if results.cold is None or results.cold.verdict.refused:
        return None
    ratio = results.cold.ratio(DEFAULT, MOTO)
    return ratio.median if ratio else None


def _embedded_median(figure: str, factor: int = 1) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        embedded = results.embedded
        if not isinstance(embedded, Embedded) or embedded.verdict.refused:
            return None
        return Spread.of(embedded.counted(getattr(embedded, figure))).median * factor

    return measured


def _listing_milliseconds(place: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        if results.stores is None or results.verdicts["stores"].refused:
            return None
        listing = results.stores.listings.get(place)
        return listing.median * 1000 if listing else None

    return measured


def _cycle_milliseconds(part: str) -> Callable[[Results], float | None]:
    def measured(results: Results) -> float | None:
        if not isinstance(results.cycles, Cycles) or results.verdicts["cycles"].refused:
            return None
        spread: Spread = getattr(results.cycles, part)
        return spread.median * 1000

    return measured


def _against(
    base: Subject, title: str, limits: dict[tuple[str, str, Subject], float]
) -> list[Target]:
    return [
        Target(f"{action}, {subject.title}, {title}", limit, _rate_ratio(scenario, subject, base))
        for (scenario, action, subject), limit in limits.items()
    ]


TARGETS = (
    *_against(
        BARE,
        "as a share of bare aiohttp",
        {
            ("get-1k", "Get 1 KiB", FAKEREDIS): 0.80,
            ("get-1k", "Get 1 KiB", MEMORY): 0.90,
            ("put-1k", "Put 1 KiB", FAKEREDIS): 0.60,
            ("put-1k", "Put 1 KiB", MEMORY): 0.75,
        },
    ),
    Target(
        f"Get 1 KiB, {VALKEY.title}, as a share of bare aiohttp",
        0.35,
        _rate_ratio("get-1k-valkey", VALKEY, BARE),
    ),
    *_against(
        MOTO,
        "as a multiple of moto",
        {
            ("get-1k", "Get 1 KiB", FAKEREDIS): 15,
            ("get-1k", "Get 1 KiB", MEMORY): 15,
            ("put-1k", "Put 1 KiB", FAKEREDIS): 15,
            ("put-1k", "Put 1 KiB", MEMORY): 15,
        },
    ),
    *(
        Target(
            f"99th percentile of a Get's latency, {subject.title}, as a multiple of bare aiohttp's",
            1.3,
            _p99_ratio(subject),
            at_least=False,
        )
        for subject in (MEMORY, FAKEREDIS)
    ),
    Target(
        "Get 1 KiB, key of a custom role with 20 rules, as a share of an Owner's key",
        0.85,
        _rate_ratio("get-1k-role", CUSTOM_ROLE, MEMORY),
    ),
    *_against(
        LATER,
        "as a share of the same without",
        {
            ("get-1k-telemetry", "Get 1 KiB", TELEMETRY): 0.90,
            ("get-1k-telemetry", "Get 1 KiB", TELEMETRY_FILES): 0.90,
        },
    ),
    Target("Idle memory, default options", 70, _idle_megabytes, " MB", at_least=False),
    Target("Memory that a large object adds", 32, _large_megabytes, " MB", at_least=False),
    Target("Memory that a large object in S3 adds", 64, _large_s3_megabytes, " MB", at_least=False),
    *(
        Target(
            f"An object beyond its body, {place}",
            OBJECT_BYTES * (1 if place == STORAGE_ONLY else 2),
            _object_bytes(place),
            " bytes",
            at_least=False,
        )
        for place in PLACES
    ),
    *(
        Target(
            f"A list of {COUNT} stores, {place}",
            20,
            _listing_milliseconds(place),
            " ms",
            at_least=False,
        )
        for place in (IN_MEMORY, IN_VALKEY)
    ),
    Target("A clean emulator", 2, _cycle_milliseconds("reset"), " ms", at_least=False),
    Target("A checkpoint", 1, _cycle_milliseconds("checkpoint"), " ms", at_least=False),
    Target("A restore", 1, _cycle_milliseconds("restore"), " ms", at_least=False),
    Target("Cold start", 0.45, _cold_seconds, " s", at_least=False),
    Target("Cold start, as a share of moto's", 1, _cold_ratio, at_least=False),
    Target("Embedded start, processor time", 0.15, _embedded_median("start"), " s", at_least=False),
    Target(
        "Import of the pytest plugin", 2, _embedded_median("plugin", 1000), " ms", at_least=False
    ),
)
