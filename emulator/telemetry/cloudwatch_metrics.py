"""Metrics in CloudWatch: what was counted in each minute, as sets of statistics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timezone
from itertools import islice
from typing import Any, NamedTuple

from emulator.core.clock import MICROSECONDS
from emulator.core.model import MetricsDestination
from emulator.core.operation import Operation
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.telemetry.cloudwatch_calls import Caller
from emulator.telemetry.cloudwatch_outbox import Outbox
from emulator.telemetry.metrics import NAMESPACE, Metric, Metrics

MAX_DATA = 500
"""How many data points go in one call. It takes 1000, but also no more than 1 MB, which those of
stores with long names come to."""

MAX_MINUTES = 1440
"""How many minutes wait while CloudWatch takes nothing: a day. Of more, the oldest are dropped."""

MINUTE_SECONDS = 60


class DataPoint(NamedTuple):
    """What was counted of one metric in a minute, which is numbered from the Unix epoch."""

    minute: int
    metric: Metric


class MetricsOutbox(Outbox[DataPoint]):
    """What was counted for one region and role, and waits.

    The same minute may be sent several times, with what has been counted since: CloudWatch adds up
    the statistics of one time.

    Args:
        common: says which dimensions all metrics have.
    """

    def __init__(
        self,
        destination: MetricsDestination,
        common: Callable[[], Awaitable[Mapping[str, str]]],
        caller: Caller,
        log: RateLimitedLogger,
    ) -> None:
        super().__init__(f"Metrics for {destination.region}", log)
        self._common = common
        self._caller = caller
        self._minutes: dict[int, Metrics] = {}

    @property
    def is_empty(self) -> bool:
        return super().is_empty and not self._minutes

    @property
    def waiting(self) -> int:
        return super().waiting + sum(1 for metrics in self._minutes.values() for _ in metrics.all())

    def count(self, operation: Operation) -> None:
        """Count an operation in the minute in which it began."""
        minute = operation.started_at // (MINUTE_SECONDS * MICROSECONDS)
        metrics = self._minutes.get(minute)
        if metrics is None:
            if len(self._minutes) >= MAX_MINUTES:
                self._dropped += sum(1 for _ in self._minutes.pop(min(self._minutes)).all())
            metrics = self._minutes[minute] = Metrics()
        metrics.observe(operation)

    def _next(self) -> Sequence[DataPoint]:
        # What is counted while others wait stays with its minute, and so takes little room.
        if not self._queue:
            for minute, metrics in self._minutes.items():
                self._queue.extend(DataPoint(minute, metric) for metric in metrics.all())
            self._minutes = {}
        batch = list(islice(self._queue, MAX_DATA))
        for _ in batch:
            self._queue.popleft()
        return batch

    async def _send(self, batch: Sequence[DataPoint]) -> None:
        common = await self._common()
        data = [_datum(point, common) for point in batch]
        await self._caller.call("put_metric_data", Namespace=NAMESPACE, MetricData=data)


def _datum(point: DataPoint, common: Mapping[str, str]) -> dict[str, Any]:
    name, unit, dimensions, values = point.metric
    return {
        "MetricName": name,
        "Unit": unit,
        "Dimensions": [
            {"Name": key, "Value": value} for key, value in {**common, **dimensions}.items()
        ],
        "Timestamp": datetime.fromtimestamp(point.minute * MINUTE_SECONDS, timezone.utc),
        "StatisticValues": {
            "SampleCount": values.count,
            "Sum": values.sum,
            "Minimum": values.minimum,
            "Maximum": values.maximum,
        },
    }
