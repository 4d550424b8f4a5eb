"""Metrics in the text form of Prometheus, as its own library reads it."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from emulator import Emulator
from emulator.core.installation import install_command
from emulator.telemetry.metrics import BOUNDS
from tests.support.client import Answer, Client

from .stores import CASES, get, put

pytestmark = pytest.mark.proves("Metrics")

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

LABELS = {
    "ObjectStore": "object_store",
    "AccountId": "account_id",
    "Endpoint": "endpoint",
    "Api": "api",
    "Result": "result",
    "HttpStatusCode": "http_status_code",
}


def scrape(emulator: Emulator) -> Answer:
    return Client(emulator.endpoint).call("GET", "/_emulator/metrics?format=prometheus")


def samples(emulator: Emulator) -> Samples:
    """The value of each sample by its name and labels."""
    found: Samples = {}
    for family in text_string_to_metric_families(scrape(emulator).body.decode()):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


@pytest.fixture
def busy(emulator: Emulator, media: Client) -> Emulator:
    """An emulator in which every outcome has come about."""
    for case in list(CASES.values()):
        try:
            case.prepare(emulator, media)
        except ValueError:  # The role is there already.
            continue
        case.request(emulator, media)
        emulator.faults.clear()
        emulator.tiers.put("media", "key", b"1")
        emulator.clock.advance(1000)
    return emulator


def test_every_value_is_that_of_the_json_form(busy: Emulator) -> None:
    found = samples(busy)
    names = {
        "Requests": "momento_object_store_requests",
        "Bytes": "momento_object_store_bytes",
        "Latency": "momento_object_store_latency_microseconds",
        "ObjectAge": "momento_object_store_object_age_microseconds",
    }
    metrics: list[dict[str, Any]] = busy.metrics.all()
    assert {each["name"] for each in metrics} == set(names)
    expected: Samples = {}
    for metric in metrics:
        labels = frozenset((LABELS[name], value) for name, value in metric["dimensions"].items())
        name = names[metric["name"]]
        if metric["name"] in ("Requests", "Bytes"):
            suffix = "_by_result_total" if "Result" in metric["dimensions"] else "_total"
            expected[name + suffix, labels] = metric["sum"]
        else:
            expected[f"{name}_sum", labels] = metric["sum"]
            expected[f"{name}_count", labels] = metric["sample_count"]
    buckets = {key: value for key, value in found.items() if key[0].endswith("_bucket")}
    assert {key: value for key, value in found.items() if key not in buckets} == expected
    histograms = [each for each in metrics if each["name"] in ("Latency", "ObjectAge")]
    assert len(buckets) == len(histograms) * (len(BOUNDS) + 1)


def test_the_buckets_of_a_histogram_are_up_to_their_bounds(
    emulator: Emulator, media: Client
) -> None:
    put(media)
    for seconds in (0.0001, 0.01, 100):  # After that, it is so much older each time.
        emulator.clock.advance(seconds)
        get(media)
    ages = {100: 1, 200: 1, 10_000: 1, 20_000: 2, 50_000_000: 2, float("inf"): 3}
    name = "momento_object_store_object_age_microseconds_bucket"
    found = {
        float(dict(labels)["le"]): value
        for (each, labels), value in samples(emulator).items()
        if each == name
    }
    assert {bound: found[bound] for bound in ages} == ages


def test_counters_and_histograms_are_declared_as_such(emulator: Emulator, media: Client) -> None:
    put(media)
    get(media)
    families = list(text_string_to_metric_families(scrape(emulator).body.decode()))
    assert {family.name: (family.type, family.documentation) for family in families} == {
        "momento_object_store_requests": ("counter", "Requests (Count)"),
        "momento_object_store_requests_by_result": ("counter", "Requests (Count) by result"),
        "momento_object_store_bytes": ("counter", "Bytes (Bytes)"),
        "momento_object_store_latency_microseconds": ("histogram", "Latency (Microseconds)"),
        "momento_object_store_object_age_microseconds": (
            "histogram", "ObjectAge (Microseconds) by result",
        ),
    }  # fmt: skip


def test_the_content_type_is_that_of_the_text_form(emulator: Emulator, media: Client) -> None:
    put(media)
    answer = scrape(emulator)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.body.endswith(b"\n")
    assert emulator.metrics.to_prometheus() == answer.body.decode()


def test_without_metrics_the_text_is_empty(emulator: Emulator) -> None:
    assert scrape(emulator).status == 200
    assert samples(emulator) == {}


def test_without_the_library_it_is_400_and_says_what_to_install(
    emulator: Emulator, media: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(media)
    for name in list(sys.modules):
        if name.partition(".")[0] == "prometheus_client" or name == "emulator.telemetry.prometheus":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = scrape(emulator)
    assert answer.status == 400
    assert "prometheus_client" in answer.json()["message"]
    assert install_command("prometheus") in answer.json()["message"]
    with pytest.raises(ValueError, match=re.escape(install_command("prometheus"))):
        emulator.metrics.to_prometheus()
    assert emulator.metrics.sum("Requests") == 1  # In JSON, it is there.
