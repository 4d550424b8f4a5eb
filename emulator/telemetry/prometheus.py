"""Format metrics in Prometheus's text format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest

from emulator.telemetry.metrics import BOUNDS, Histogram, Metric

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

_PREFIX = "momento_object_store"

_NAMES: Mapping[str, str] = {
    "Requests": "requests",
    "Bytes": "bytes",
    "Latency": "latency_microseconds",
    "ObjectAge": "object_age_microseconds",
}
"""The Prometheus names of the documented metrics, with units."""


def exposition(metrics: Iterable[Metric], common: Mapping[str, str]) -> str:
    """Format the metrics for a Prometheus server, in version 0.0.4 of its text format; ``common``
    are dimensions that all have."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(list(metrics), common))
    return generate_latest(registry).decode()


class _Collector:
    def __init__(self, metrics: list[Metric], common: Mapping[str, str]) -> None:
        self._metrics = metrics
        self._common = common

    def collect(self) -> Iterable[Family]:
        counters: dict[str, CounterMetricFamily] = {}
        histograms: dict[str, HistogramMetricFamily] = {}
        for metric in self._metrics:
            labels = {**self._common, **metric.dimensions}
            names, values = _names(labels), list(labels.values())
            name = f"{_PREFIX}_{_NAMES[metric.name]}"
            if isinstance(metric.values, Histogram):
                if name not in histograms:
                    histograms[name] = HistogramMetricFamily(name, _help(metric), labels=names)
                histograms[name].add_metric(values, _buckets(metric.values), metric.values.sum)
            else:
                if metric.is_per_result:  # Separate, or a sum would count every request twice.
                    name += "_by_result"
                if name not in counters:
                    counters[name] = CounterMetricFamily(name, _help(metric), labels=names)
                counters[name].add_metric(values, metric.values.sum)
        return [*counters.values(), *histograms.values()]


def _names(dimensions: Iterable[str]) -> list[str]:
    """Convert names: ``HttpStatusCode`` to ``http_status_code``."""
    return [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in dimensions]


def _help(metric: Metric) -> str:
    return f"{metric.name} ({metric.unit}){' by result' if metric.is_per_result else ''}"


def _buckets(values: Histogram) -> list[tuple[str, float]]:
    buckets, so_far = [], 0
    for bound, count in zip((*map(float, BOUNDS), None), values.buckets, strict=True):
        so_far += count
        buckets.append(("+Inf" if bound is None else str(bound), float(so_far)))
    return buckets
