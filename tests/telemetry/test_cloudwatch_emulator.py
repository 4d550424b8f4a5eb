"""An emulator with ``--cloudwatch``: what it is asked arrives in CloudWatch, and log groups have to
exist there.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.telemetry import cloudwatch
from tests.engines.aws import boto3_client
from tests.engines.s3 import Moto
from tests.support.client import Client
from tests.support.emulators import Start, control
from tests.support.ports import free_port

from .cloudwatch import create_group, logs_client
from .stores import GROUP, access_logging, configure, get, observed, put


@pytest.fixture
def delivering(cloudwatch_server: Moto, start: Start) -> Emulator:
    create_group(cloudwatch_server, GROUP)
    return start(cloudwatch=cloudwatch_server.url)


@pytest.fixture
def media(delivering: Emulator) -> Client:
    owner = Client(delivering.endpoint, delivering.api_key())
    configure(owner, "media", **observed())
    return owner


def logged(moto: Moto) -> list[dict[str, Any]]:
    found = logs_client(moto).filter_log_events(logGroupName=GROUP)["events"]
    return [json.loads(event["message"]) for event in found]


@pytest.mark.proves("Access log entry")
def test_every_entry_arrives_as_it_is_looked_at(
    delivering: Emulator, media: Client, cloudwatch_server: Moto
) -> None:
    put(media)
    get(media)
    get(media, "missing")
    delivering.access_logs.deliver()
    entries = delivering.access_logs.entries(GROUP)
    assert [entry["status"] for entry in entries] == ["ok", "cache_hit", "miss"]
    assert sorted(logged(cloudwatch_server), key=str) == sorted(entries, key=str)


@pytest.mark.proves("Metrics")
def test_metrics_arrive_under_the_namespace(
    delivering: Emulator, media: Client, cloudwatch_server: Moto
) -> None:
    get(media, "missing")
    control(delivering, "POST", "/deliver")
    listed = boto3_client(cloudwatch_server, "cloudwatch", "us-east-1").list_metrics(
        Namespace="Momento/ObjectStore"
    )["Metrics"]
    found = {
        (each["MetricName"], *sorted((d["Name"], d["Value"]) for d in each["Dimensions"]))
        for each in listed
    }
    shown = {
        (each["name"], *sorted(each["dimensions"].items())) for each in delivering.metrics.all()
    }
    assert found == shown


def test_a_stop_delivers_what_waits(
    delivering: Emulator, media: Client, cloudwatch_server: Moto
) -> None:
    get(media, "missing")
    delivering.stop()
    assert [entry["status"] for entry in logged(cloudwatch_server)] == ["miss"]


@pytest.mark.proves("D106")
def test_a_log_group_has_to_exist_in_cloudwatch(cloudwatch_server: Moto, start: Start) -> None:
    create_group(cloudwatch_server, GROUP)
    emulator = start(
        cloudwatch=cloudwatch_server.url, strict_log_groups=True, log_groups="said/to/exist"
    )
    owner = Client(emulator.endpoint, emulator.api_key())
    for known in (GROUP, "said/to/exist"):
        configure(owner, "media", **access_logging(known))
    body = {
        "storage_config": {
            "s3": {"bucket_name": "media", "iam_role_arn": "arn:aws:iam::123456789012:role/R"}
        },
        "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
        **access_logging(GROUP[:-1]),
    }
    json_type = {"Content-Type": "application/json"}
    answer = owner.call("PUT", "/objectstore/other", json.dumps(body).encode(), json_type)
    assert answer.status == 400
    message = json.loads(answer.body)["message"]
    assert "access_logging_config.cloudwatch.log_group_name" in message
    assert "there are said/to/exist and those of CloudWatch" in message


def test_a_reset_forgets_what_waits(
    cloudwatch_server: Moto, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test does not find what the one before it has asked."""
    monkeypatch.setattr(cloudwatch, "ROUND_SECONDS", 3600)
    create_group(cloudwatch_server, GROUP)
    emulator = start(cloudwatch=cloudwatch_server.url)
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, "media", **observed())
    get(owner, "missing")
    emulator.reset()
    emulator.access_logs.deliver()
    assert logged(cloudwatch_server) == []
    assert emulator.access_logs.groups() == []


@pytest.mark.usefixtures("cloudwatch_server")
def test_a_cloudwatch_that_is_not_there_disturbs_nobody(start: Start) -> None:
    emulator = start(cloudwatch=f"http://127.0.0.1:{free_port()}", s3_timeout=1)
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, "media", **observed())
    assert put(owner).status == 204
    assert [entry["status"] for entry in emulator.access_logs.entries(GROUP)] == ["ok"]


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        ({"api_revision": "2026-02-05", "cloudwatch": "aws"}, "--api-revision 2026-02-05"),
        ({"cloudwatch": "here"}, "or give aws"),
        ({"assume_role": True}, "--storage s3"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], fragment: str) -> None:
    with pytest.raises(ConfigurationError, match=fragment):
        Emulator(**{"api_revision": "latest", **options})


def test_roles_can_be_assumed_for_cloudwatch_alone() -> None:
    emulator = Emulator(
        api_revision="latest", cloudwatch="http://127.0.0.1:1", assume_role=True, s3_timeout=5
    )
    assert emulator.config.assume_role
