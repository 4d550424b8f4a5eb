"""Metrics in CloudWatch: what is counted arrives, as AWS's own client reads it."""

from __future__ import annotations

import pytest

from emulator.core.clock import Clock
from emulator.core.model import Store
from emulator.core.outcome import Outcome
from emulator.telemetry import cloudwatch_metrics
from tests.engines.aws import boto3_client
from tests.engines.s3 import Moto
from tests.support.waiting import wait_until_async

from .cloudwatch import ACCOUNT, ENDPOINT, OTHER_REGION, REGION, got, opened, put, statistics, store

pytestmark = pytest.mark.proves("Metrics")

GET = {"AccountId": ACCOUNT, "Endpoint": ENDPOINT, "ObjectStore": "store", "Api": "GetObject"}
PUT = {**GET, "Api": "PutObject"}


def known(moto: Moto, region: str = REGION) -> list[tuple[str, dict[str, str]]]:
    """Every metric that CloudWatch has, with its dimensions."""
    pages = boto3_client(moto, "cloudwatch", region).get_paginator("list_metrics").paginate()
    metrics = [metric for page in pages for metric in page["Metrics"]]
    assert {metric["Namespace"] for metric in metrics} <= {"Momento/ObjectStore"}
    return [
        (metric["MetricName"], {each["Name"]: each["Value"] for each in metric["Dimensions"]})
        for metric in metrics
    ]


async def test_metrics_arrive_by_themselves(cloudwatch_server: Moto, clock: Clock) -> None:
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.observe(got(clock, store()))
        await wait_until_async(lambda: bool(known(cloudwatch_server)))


async def test_each_metric_has_its_name_unit_dimensions_and_statistics(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    miss = {"outcome": Outcome.MISS, "status": 404, "size": 30, "object_age": None}
    missed = got(clock, store(), total_time=1000, **miss)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for operation in (got(clock, store()), missed, got(clock, store(), object_age=9)):
            cloudwatch.observe(operation)
        for size in (100, 250):
            cloudwatch.observe(put(clock, store(), size=size))
    hit = {**GET, "Result": "CacheHit"}
    expected = [
        ("Requests", "Count", GET, (3, 3, 1, 1)),
        ("Bytes", "Bytes", GET, (3, 50, 10, 30)),
        ("Latency", "Microseconds", GET, (3, 1500, 250, 1000)),
        ("Requests", "Count", {**hit, "HttpStatusCode": "200"}, (2, 2, 1, 1)),
        ("Requests", "Count", {**GET, "Result": "Miss", "HttpStatusCode": "404"}, (1, 1, 1, 1)),
        ("ObjectAge", "Microseconds", hit, (2, 5009, 9, 5000)),
        ("Requests", "Count", PUT, (2, 2, 1, 1)),
        ("Bytes", "Bytes", PUT, (2, 350, 100, 250)),
        ("Latency", "Microseconds", PUT, (2, 2500, 1250, 1250)),
        ("Requests", "Count", {**PUT, "Result": "Ok", "HttpStatusCode": "204"}, (2, 2, 1, 1)),
    ]
    for name, unit, dimensions, values in expected:
        assert (name, dimensions) in known(cloudwatch_server)
        assert statistics(cloudwatch_server, name, unit, dimensions, clock.now()) == values
    assert len(known(cloudwatch_server)) == len(expected)


async def test_each_minute_of_the_clock_has_metrics_of_its_own(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    begin = clock.now()
    async with opened(cloudwatch_server.url) as cloudwatch:
        for minute in range(3):
            for _ in range(minute + 1):
                cloudwatch.observe(put(clock, store()))
            clock.advance(60)
    for minute in range(3):
        at = begin + minute * 60_000_000
        found = statistics(cloudwatch_server, "Requests", "Count", PUT, at)
        assert found == (minute + 1, minute + 1, 1, 1)
    assert statistics(cloudwatch_server, "Requests", "Count", PUT, begin - 60_000_000) is None


async def test_what_is_counted_later_in_the_same_minute_adds_up(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    async with opened(cloudwatch_server.url) as cloudwatch:
        for size in (300, 100, 200):
            cloudwatch.observe(put(clock, store(), size=size))
            await cloudwatch.flush()
            await cloudwatch.flush()
    found = statistics(cloudwatch_server, "Bytes", "Bytes", PUT, clock.now())
    assert found == (3, 600, 100, 300)


async def test_an_operation_counts_where_it_began(cloudwatch_server: Moto, clock: Clock) -> None:
    operation = put(clock, store())
    begin = clock.now()
    clock.advance(60)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.observe(operation)
    assert statistics(cloudwatch_server, "Requests", "Count", PUT, begin) == (1, 1, 1, 1)


async def test_stores_without_metrics_and_operations_without_a_store_are_not_counted(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    strayed, unanswered = put(clock, store()), put(clock, store())
    strayed.configured, unanswered.outcome = None, None
    async with opened(cloudwatch_server.url) as cloudwatch:
        for operation in (put(clock, store(region=None)), strayed, unanswered):
            cloudwatch.observe(operation)
    assert known(cloudwatch_server) == []


async def test_regions_are_kept_apart(cloudwatch_server: Moto, clock: Clock) -> None:
    places: list[Store] = [store("here"), store("there", region=OTHER_REGION)]
    async with opened(cloudwatch_server.url) as cloudwatch:
        for place in places:
            cloudwatch.observe(put(clock, place))
        await cloudwatch.flush()
    for region, name in ((REGION, "here"), (OTHER_REGION, "there")):
        found = {dimensions["ObjectStore"] for _, dimensions in known(cloudwatch_server, region)}
        assert found == {name}


async def test_many_stores_take_several_calls(cloudwatch_server: Moto, clock: Clock) -> None:
    names = [f"store-{number}" for number in range(cloudwatch_metrics.MAX_DATA // 2)]
    async with opened(cloudwatch_server.url) as cloudwatch:
        for name in names:
            cloudwatch.observe(put(clock, store(name)))
        await cloudwatch.flush()
    found = [dimensions["ObjectStore"] for _, dimensions in known(cloudwatch_server)]
    assert sorted(found) == sorted(names * 4)


async def test_a_call_with_the_longest_names_is_not_too_large(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    async with opened(cloudwatch_server.url, endpoint_name=lambda: "e" * 255) as cloudwatch:
        for number in range(cloudwatch_metrics.MAX_DATA // 4):
            cloudwatch.observe(put(clock, store(f"{number:0255}")))
        await cloudwatch.flush()
    assert len(known(cloudwatch_server)) == cloudwatch_metrics.MAX_DATA


async def test_forgotten_metrics_do_not_arrive(cloudwatch_server: Moto, clock: Clock) -> None:
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.observe(put(clock, store("before")))
        await cloudwatch.clear()
        cloudwatch.observe(put(clock, store("after")))
    found = {dimensions["ObjectStore"] for _, dimensions in known(cloudwatch_server)}
    assert found == {"after"}


async def test_of_too_many_minutes_the_oldest_are_dropped(
    cloudwatch_server: Moto,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(cloudwatch_metrics, "MAX_MINUTES", 2)
    begin = clock.now()
    async with opened(cloudwatch_server.url) as cloudwatch:
        for _ in range(3):
            cloudwatch.observe(put(clock, store()))
            clock.advance(60)
        await cloudwatch.flush()
    minutes = [begin + minute * 60_000_000 for minute in range(3)]
    found = [statistics(cloudwatch_server, "Requests", "Count", PUT, each) for each in minutes]
    assert [each is not None for each in found] == [False, True, True]
    assert "Metrics for us-east-1: the oldest 4 were dropped" in caplog.text
