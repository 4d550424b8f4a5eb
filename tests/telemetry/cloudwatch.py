"""CloudWatch as tests deliver to it, and what AWS's own client reads there."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from emulator.core.clock import Clock
from emulator.core.model import LogDestination, MetricsDestination, Store
from emulator.core.operation import Operation
from emulator.core.outcome import Outcome
from emulator.core.revisions import latest
from emulator.telemetry.access_log import Entry, EntryForm
from emulator.telemetry.cloudwatch import CloudWatch
from tests.engines.aws import boto3_client
from tests.engines.s3 import Moto
from tests.support.listeners import close_listener
from tests.support.ports import HOST

ACCOUNT = "account-1"
ENDPOINT = "127.0.0.1:8080"
REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/telemetry"
TIMEOUT = 30.0
"""How long a call to CloudWatch may take, in seconds. Nobody waits for it: see `LoopTime`."""


async def account_id() -> str:
    return ACCOUNT


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[CloudWatch]:
    """A delivery to the CloudWatch at ``url``."""
    given = {"account_id": account_id, "endpoint_name": lambda: ENDPOINT, "timeout": TIMEOUT}
    cloudwatch = CloudWatch(url, **{**given, **options})
    try:
        await cloudwatch.start()
        yield cloudwatch
    finally:
        await cloudwatch.close()


@asynccontextmanager
async def forwarding(port: int, to: int) -> AsyncIterator[None]:
    """Whatever comes to a port goes on to another one."""
    tasks = set[asyncio.Task[None]]()
    writers: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        there, back = await asyncio.open_connection(HOST, to)
        writers.append(back)
        for work in (pass_on(reader, back), pass_on(there, writer)):
            tasks.add(asyncio.create_task(work))

    server = await asyncio.start_server(accept, HOST, port)
    try:
        yield
    finally:
        await close_listener(server)
        for writer in writers:
            writer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def group(name: str = "group", region: str = REGION) -> LogDestination:
    return LogDestination(name, ROLE, region)


def store(name: str = "store", *, region: str | None = REGION) -> Store:
    """A store with an access log in the group ``group``, and metrics if there is a region."""
    metrics = None if region is None else MetricsDestination(ROLE, region)
    return Store(name, "bucket", "", ROLE, "cluster", "namespace", group(), metrics)


def got(clock: Clock, configured: Store, **members: Any) -> Operation:
    """A Get from the cache that began now."""
    operation = Operation("GetObject", configured.name, "key", clock.now(), 200, Outcome.CACHE_HIT)
    operation = replace(operation, **{"size": 10, "object_age": 5000, "total_time": 250, **members})
    operation.configured = configured
    return operation


def put(clock: Clock, configured: Store, **members: Any) -> Operation:
    """A Put that began now."""
    operation = Operation("PutObject", configured.name, "key", clock.now(), 204, Outcome.OK)
    operation = replace(
        operation, **{"size": 100, "total_time": 1250, "persistence": "durable", **members}
    )
    operation.configured = configured
    return operation


def entries(clock: Clock, count: int, name: str = "store") -> list[Entry]:
    """Entries of Gets, a millisecond after each other, told apart by their keys."""
    form = EntryForm(latest())
    made = []
    for number in range(count):
        operation = replace(got(clock, store(name)), key=f"key-{number}")
        made.append(form.entry(replace(operation, started_at=clock.now() + number * 1000)))
    return made


def logs_client(moto: Moto, region: str = REGION) -> Any:
    return boto3_client(moto, "logs", region)


def create_group(moto: Moto, name: str = "group", region: str = REGION) -> None:
    logs_client(moto, region).create_log_group(logGroupName=name)


def streams(moto: Moto, name: str = "group", region: str = REGION) -> list[str]:
    answer = logs_client(moto, region).describe_log_streams(logGroupName=name)
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def events(moto: Moto, name: str = "group", region: str = REGION) -> list[tuple[int, Entry]]:
    """The events of a group's only stream, if it has one: their times and what they say."""
    client = logs_client(moto, region)
    found: list[tuple[int, Entry]] = []
    for stream in streams(moto, name, region):
        more: dict[str, Any] = {"startFromHead": True}
        while True:
            answer = client.get_log_events(logGroupName=name, logStreamName=stream, **more)
            found += [(each["timestamp"], json.loads(each["message"])) for each in answer["events"]]
            if not answer["events"]:
                break
            more["nextToken"] = answer["nextForwardToken"]
    return found


def logged(moto: Moto, name: str = "group", region: str = REGION) -> list[Entry]:
    """What the entries of a group are."""
    return [entry for _, entry in events(moto, name, region)]


STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")


def statistics(
    moto: Moto,
    metric: str,
    unit: str,
    dimensions: Mapping[str, str],
    at: int,
    region: str = REGION,
) -> tuple[float, ...] | None:
    """What CloudWatch has of one metric, in that unit and with exactly those dimensions, in the
    minute of ``at`` (epoch microseconds): how many values, their sum, the least and the greatest.
    moto wants the dimensions in the order in which they came.
    """
    minute = datetime.fromtimestamp(at // 60_000_000 * 60, timezone.utc)
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    wanted = {"Namespace": "Momento/ObjectStore", "MetricName": metric, "Dimensions": named}
    answer = boto3_client(moto, "cloudwatch", region).get_metric_data(
        MetricDataQueries=[
            {
                "Id": each.lower(),
                "MetricStat": {"Metric": wanted, "Period": 60, "Stat": each, "Unit": unit},
            }
            for each in STATISTICS
        ],
        StartTime=minute,
        EndTime=minute + timedelta(seconds=60),
    )
    results = answer["MetricDataResults"]
    assert all(result["Timestamps"] in ([], [minute]) for result in results)
    return tuple(value for result in results for value in result["Values"]) or None


def keys(found: Sequence[Entry]) -> list[str]:
    return [entry["key"] for entry in found]
