"""Metrics of the operations on objects, by store, operation and result."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from emulator.core.model import Store
from emulator.core.operation import Operation
from emulator.core.outcome import Outcome

NAMESPACE = "Momento/ObjectStore"

RESULTS: Mapping[Outcome, str] = {
    Outcome.OK: "Ok",
    Outcome.CACHE_HIT: "CacheHit",
    Outcome.CACHE_HIT_EXPIRED: "CacheHitExpired",
    Outcome.STORAGE_HIT: "StorageHit",
    Outcome.STORAGE_HIT_EXPIRED: "StorageHitExpired",
    Outcome.MISS: "Miss",
    Outcome.BAD_REQUEST: "BadRequest",
    Outcome.AUTHZ_ERROR: "AuthorizationError",
    Outcome.OPERATIONS_RATE_LIMITED: "LimitExceededError",
    Outcome.THROUGHPUT_RATE_LIMITED: "LimitExceededError",
    Outcome.INTERNAL_ERROR: "InternalError",
}
"""The names of outcomes in the dimension ``Result`` ("Metrics")."""

NAMES = ("Requests", "Bytes", "Latency", "ObjectAge")
"""The names of the metrics."""

PER_RESULT = ("ObjectAge",)
"""The metrics that exist only by result."""

BOUNDS = tuple(step * 10**power for power in range(2, 8) for step in (1, 2, 5))
"""The upper bounds of the buckets of a histogram, in microseconds: 0.1 ms to 50 s."""


class Distribution:
    """The values of one metric: their number, sum, minimum and maximum."""

    __slots__ = ("count", "maximum", "minimum", "sum")

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0
        self.minimum: float = math.inf
        self.maximum: float = -math.inf

    @classmethod
    def of_ones(cls, count: int) -> Distribution:
        """Return the distribution of ``count`` times the value 1."""
        ones = cls()
        ones.count = ones.sum = count
        ones.minimum = ones.maximum = 1
        return ones

    def add(self, value: int) -> None:
        """Count a value."""
        self.count += 1
        self.sum += value
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value


class Histogram(Distribution):
    """A distribution that also counts the values in each bucket of ``BOUNDS``."""

    __slots__ = ("buckets",)

    def __init__(self) -> None:
        super().__init__()
        self.buckets = [0] * (len(BOUNDS) + 1)

    def add(self, value: int) -> None:
        """Count a value."""
        Distribution.add(self, value)  # Faster than super(); called for every operation.
        self.buckets[bisect_left(BOUNDS, value)] += 1


class Metric(NamedTuple):
    """One metric with its dimensions, except those that all metrics of the emulator share."""

    name: str
    unit: str
    dimensions: Mapping[str, str]
    values: Distribution

    @property
    def is_per_result(self) -> bool:
        """Whether it is about the requests with one result, not about all requests."""
        return "Result" in self.dimensions


class _Aggregate:
    """The metrics of all requests for one operation on one store."""

    __slots__ = ("bytes", "latency")

    def __init__(self) -> None:
        self.bytes = Distribution()
        self.latency = Histogram()


class Metrics:
    """Counts the operations on the objects of stores with metrics."""

    def __init__(self) -> None:
        self._aggregates: dict[tuple[str, str], _Aggregate] = {}
        self._results: dict[tuple[str, str, str, int], int] = {}
        self._ages: dict[tuple[str, str, str], Histogram] = {}

    def observe(self, operation: Operation) -> None:
        """Count an operation, if its store has metrics and its client gets an answer."""
        store = operation.configured
        if store is None or store.metrics is None:
            return
        outcome = operation.outcome
        if not operation.status or outcome is None:
            return
        name, api = store.name, operation.name
        aggregate = self._aggregates.get((name, api))
        if aggregate is None:
            aggregate = self._aggregates[name, api] = _Aggregate()
        aggregate.latency.add(operation.total_time)
        if api != "DeleteObject":
            aggregate.bytes.add(operation.size or 0)
        result = RESULTS[outcome]
        place = (name, api, result, operation.status)
        self._results[place] = self._results.get(place, 0) + 1
        if operation.object_age is not None:
            ages = self._ages.get((name, api, result))
            if ages is None:
                ages = self._ages[name, api, result] = Histogram()
            ages.add(operation.object_age)

    def keep(self, stores: Collection[Store]) -> None:
        """Remove the values of all other stores."""
        kept = {store.name for store in stores}
        self._aggregates = {key: each for key, each in self._aggregates.items() if key[0] in kept}
        self._results = {key: each for key, each in self._results.items() if key[0] in kept}
        self._ages = {key: each for key, each in self._ages.items() if key[0] in kept}

    def clear(self) -> None:
        """Remove all values."""
        self._aggregates.clear()
        self._results.clear()
        self._ages.clear()

    def all(self) -> Iterator[Metric]:
        """Yield every metric that has a value."""
        for (store, api), aggregate in self._aggregates.items():
            dimensions = {"ObjectStore": store, "Api": api}
            requests = Distribution.of_ones(aggregate.latency.count)
            yield Metric("Requests", "Count", dimensions, requests)
            if aggregate.bytes.count:
                yield Metric("Bytes", "Bytes", dimensions, aggregate.bytes)
            yield Metric("Latency", "Microseconds", dimensions, aggregate.latency)
        for (store, api, result, status), count in self._results.items():
            dimensions = {"ObjectStore": store, "Api": api, "Result": result}
            with_status = {**dimensions, "HttpStatusCode": str(status)}
            yield Metric("Requests", "Count", with_status, Distribution.of_ones(count))
        for (store, api, result), ages in self._ages.items():
            dimensions = {"ObjectStore": store, "Api": api, "Result": result}
            yield Metric("ObjectAge", "Microseconds", dimensions, ages)

    def describe(self, common: Mapping[str, str]) -> dict[str, Any]:
        """Return all metrics as a JSON document; ``common`` are the dimensions that all have."""
        return {
            "namespace": NAMESPACE,
            "metrics": [
                {
                    "name": metric.name,
                    "unit": metric.unit,
                    "dimensions": {**common, **metric.dimensions},
                    "sample_count": metric.values.count,
                    "sum": metric.values.sum,
                    "minimum": metric.values.minimum,
                    "maximum": metric.values.maximum,
                }
                for metric in self.all()
            ],
        }
