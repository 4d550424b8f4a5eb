"""``metrics``: show and reset the metrics of operations on objects."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.commands.control import Answer, Document, Handwritten, commands
from emulator.commands.output import table
from emulator.commands.parser import Parser, not_empty

_APIS = ("GetObject", "PutObject", "DeleteObject")

Metric = Mapping[str, Any]


def _define_show(parser: Parser) -> None:
    parser.add_argument(
        "--store", type=not_empty, metavar="STORE", help="only of this store (default: of all)"
    )


def _of_store(document: Document, arguments: argparse.Namespace) -> Document:
    if arguments.store is None:
        return document
    return {
        **document,
        "metrics": [each for each in document["metrics"] if _store(each) == arguments.store],
    }


def _shown(answer: Answer) -> str:
    metrics = sorted(answer.document["metrics"], key=_place)
    if not metrics:
        return "There are no metrics: no store with metrics_config has been used."
    aggregates = [each for each in metrics if "Result" not in each["dimensions"]]
    results = [each for each in metrics if "Result" in each["dimensions"]]
    return f"{_of_requests(aggregates)}\n\n{_of_results(results)}"


def _of_requests(metrics: Sequence[Metric]) -> str:
    found: dict[tuple[str, str], dict[str, Metric]] = {}
    for each in metrics:
        found.setdefault((_store(each), each["dimensions"]["Api"]), {})[each["name"]] = each
    rows = [
        [
            store,
            api,
            _sum(named.get("Requests")),
            _sum(named.get("Bytes")),
            *_spread(named.get("Latency"), 1000),
        ]
        for (store, api), named in found.items()
    ]
    header = ("STORE", "API", "REQUESTS", "BYTES", "MEAN MS", "MIN MS", "MAX MS")
    return table(header, rows)


def _of_results(metrics: Sequence[Metric]) -> str:
    ages = {
        (_store(each), each["dimensions"]["Api"], each["dimensions"]["Result"]): each
        for each in metrics
        if each["name"] == "ObjectAge"
    }
    rows = []
    for each in metrics:
        if each["name"] != "Requests":
            continue
        dimensions = each["dimensions"]
        place = (_store(each), dimensions["Api"], dimensions["Result"])
        status = dimensions["HttpStatusCode"]
        rows.append([*place, status, _sum(each), *_spread(ages.get(place), 1_000_000)])
    header = ("STORE", "API", "RESULT", "HTTP", "REQUESTS", "MEAN AGE S", "MIN", "MAX")
    return table(header, rows)


def _place(metric: Metric) -> tuple[str, int, str, str]:
    """Return the sort key of a metric: by store, with the operations in the documented order."""
    dimensions = metric["dimensions"]
    api = dimensions["Api"]
    rank = _APIS.index(api) if api in _APIS else len(_APIS)
    result, status = dimensions.get("Result", ""), dimensions.get("HttpStatusCode", "")
    return (_store(metric), rank, result, status)


def _store(metric: Metric) -> str:
    return str(metric["dimensions"]["ObjectStore"])


def _sum(metric: Metric | None) -> object:
    return None if metric is None else metric["sum"]


def _spread(metric: Metric | None, unit: int) -> list[str | None]:
    """Format the mean, the minimum and the maximum of values in microseconds."""
    if metric is None:
        return [None] * 3
    mean = metric["sum"] / metric["sample_count"]
    return [f"{value / unit:.1f}" for value in (mean, metric["minimum"], metric["maximum"])]


COMMANDS = commands(
    "metrics",
    {
        "show": Handwritten(_shown, _define_show, select=_of_store),
        "clear": Handwritten("Reset the metrics to zero."),
    },
)
