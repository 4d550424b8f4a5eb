"""The metrics of operations on objects: names, units, dimensions and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.core.outcome import Outcome
from emulator.telemetry.metrics import BOUNDS, Distribution, Histogram
from tests.suites import examples
from tests.support.client import Answer, Client
from tests.support.emulators import Start

from .stores import (
    AGE,
    CASES,
    GROUP,
    MICROSECONDS,
    Case,
    access_logging,
    configure,
    delete,
    get,
    metrics,
    observed,
    path,
    put,
)

pytestmark = pytest.mark.proves("Metrics")

COMMON = ("AccountId", "Endpoint", "ObjectStore", "Api")

DOCUMENTED = {
    "GetObject": {
        ("CacheHit", 200), ("CacheHitExpired", 404), ("Miss", 404), ("StorageHit", 200),
        ("StorageHitExpired", 404), ("InternalError", 500), ("AuthorizationError", 403),
        ("LimitExceededError", 429),
    },
    "PutObject": {
        ("Ok", 204), ("BadRequest", 400), ("AuthorizationError", 403),
        ("LimitExceededError", 429), ("InternalError", 500),
    },
    "DeleteObject": {
        ("Ok", 204), ("AuthorizationError", 403), ("LimitExceededError", 429),
        ("InternalError", 500),
    },
}  # fmt: skip
"""Each ``Result`` with its ``HttpStatusCode``, as the reference lists them."""

OURS = {
    ("GetObject", "AuthorizationError", 401),
    ("PutObject", "AuthorizationError", 401),
    ("DeleteObject", "AuthorizationError", 401),
    ("GetObject", "BadRequest", 400),
}
"""Those that the reference does not list, and that happen (D105)."""


def document(emulator: Emulator) -> dict[str, Any]:
    found: dict[str, Any] = Client(emulator.endpoint).call("GET", "/_emulator/metrics").json()
    return found


def test_there_is_a_case_for_every_documented_result() -> None:
    cases = {(case.api, case.result, case.http_status) for case in CASES.values()}
    documented = {(api, *each) for api, results in DOCUMENTED.items() for each in results}
    assert cases == documented | OURS


@pytest.mark.proves("D105")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_an_operation_has_the_documented_metrics_and_no_others(
    emulator: Emulator, media: Client, case: Case
) -> None:
    case.prepare(emulator, media)
    emulator.metrics.clear()
    assert case.request(emulator, media).status == case.http_status
    common = {
        "ObjectStore": "media",
        "AccountId": emulator.account_id,
        "Endpoint": emulator.endpoint.removeprefix("http://"),
        "Api": case.api,
    }
    by_result = {**common, "Result": case.result}

    def metric(name: str, unit: str, dimensions: dict[str, str], value: int) -> dict[str, Any]:
        values = dict.fromkeys(("sum", "minimum", "maximum"), value)
        return {"name": name, "unit": unit, "dimensions": dimensions, "sample_count": 1, **values}

    expected = [metric("Requests", "Count", common, 1)]
    if case.api != "DeleteObject":
        expected.append(metric("Bytes", "Bytes", common, int(str(case.more.get("size", 0)))))
    expected.append(metric("Latency", "Microseconds", common, 0))
    with_status = {**by_result, "HttpStatusCode": str(case.http_status)}
    expected.append(metric("Requests", "Count", with_status, 1))
    if "object_age_us" in case.more:
        expected.append(metric("ObjectAge", "Microseconds", by_result, AGE * MICROSECONDS))
    assert document(emulator) == {"namespace": "Momento/ObjectStore", "metrics": expected}


def test_every_outcome_has_a_result() -> None:
    assert {case.outcome for case in CASES.values()} == {str(outcome) for outcome in Outcome}


def test_values_of_a_metric_add_up(emulator: Emulator, media: Client) -> None:
    for size in (1, 100, 10):
        media.call("PUT", path("key"), bytes(size))
    for seconds in (1, 2):
        emulator.clock.advance(seconds)
        get(media)
    (put_bytes,) = [
        each for each in emulator.metrics.all(Api="PutObject") if each["name"] == "Bytes"
    ]
    assert (put_bytes["sample_count"], put_bytes["sum"]) == (3, 111)
    assert (put_bytes["minimum"], put_bytes["maximum"]) == (1, 100)
    (age,) = [each for each in emulator.metrics.all() if each["name"] == "ObjectAge"]
    assert (age["sample_count"], age["sum"]) == (2, 4 * MICROSECONDS)
    assert (age["minimum"], age["maximum"]) == (1 * MICROSECONDS, 3 * MICROSECONDS)
    assert emulator.metrics.sum("Bytes", Api="GetObject") == 20


_OPERATIONS: Mapping[str, Callable[[Client], Answer]] = {
    "put": put,
    "get": get,
    "delete": delete,
    "broken": lambda media: put(media, query="?ttl_seconds=x"),
}


@given(names=st.lists(st.sampled_from(sorted(_OPERATIONS)), max_size=12))
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_results_add_up_to_all_requests(
    emulator: Emulator, media: Client, names: list[str]
) -> None:
    emulator.metrics.clear()
    statuses: Counter[int] = Counter(_OPERATIONS[name](media).status for name in names)
    results = [each for each in emulator.metrics.all() if "HttpStatusCode" in each["dimensions"]]
    assert sum(each["sum"] for each in results) == len(names) == emulator.metrics.sum("Requests")
    for status, count in statuses.items():
        assert emulator.metrics.sum("Requests", HttpStatusCode=status) == count
    assert emulator.metrics.sum("Requests", Api="GetObject") == names.count("get")


def test_the_latency_is_the_total_time_of_the_log(emulator: Emulator, media: Client) -> None:
    emulator.clock.release()
    for _ in range(3):
        get(media)
    logged = [each["total_time_us"] for each in emulator.access_logs.entries(GROUP)]
    (latency,) = [each for each in emulator.metrics.all() if each["name"] == "Latency"]
    assert (latency["sum"], latency["minimum"]) == (sum(logged), min(logged))
    assert latency["maximum"] == max(logged)


@pytest.mark.proves("D105")
def test_a_store_without_the_configuration_has_no_metrics(
    emulator: Emulator, owner: Client
) -> None:
    configure(owner, "plain", **access_logging())
    put(owner, store="plain")
    get(owner, store="nowhere")
    assert emulator.metrics.all() == []
    configure(owner, "plain", **metrics())
    put(owner, store="plain")
    assert emulator.metrics.sum("Requests", ObjectStore="plain") == 1


def test_each_store_has_metrics_of_its_own(emulator: Emulator, media: Client) -> None:
    configure(media, "other", **observed())
    put(media)
    get(media, store="other")
    get(media, store="other")
    assert emulator.metrics.sum("Requests", ObjectStore="media") == 1
    assert emulator.metrics.sum("Requests", ObjectStore="other") == 2
    assert emulator.metrics.sum("Requests") == 3


def test_the_endpoint_is_where_the_emulator_is(start: Start) -> None:
    emulator = start(host="::1")
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, "media", **observed())
    get(owner)
    endpoints = {each["dimensions"]["Endpoint"] for each in emulator.metrics.all()}
    assert endpoints == {f"[::1]:{emulator.port}"}


@given(values=st.lists(st.integers(0, 10**9), min_size=1))
def test_a_histogram_counts_every_value_once(values: list[int]) -> None:
    histogram, plain = Histogram(), Distribution()
    for value in values:
        histogram.add(value)
        plain.add(value)
    for each in (histogram, plain):
        assert (each.count, each.sum) == (len(values), sum(values))
        assert (each.minimum, each.maximum) == (min(values), max(values))
    so_far = 0
    for bound, count in zip(BOUNDS, histogram.buckets, strict=False):
        so_far += count
        assert so_far == sum(value <= bound for value in values)
    assert sum(histogram.buckets) == len(values)
