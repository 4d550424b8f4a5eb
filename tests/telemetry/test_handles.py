"""``emulator.access_logs`` and ``emulator.metrics``: what tests in the same process ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.control.conditions import EntryConditions, MetricDimensions
from tests.support.client import Client

from .stores import GROUP, get, put


@pytest.fixture(autouse=True)
def story(emulator: Emulator, media: Client) -> None:
    """An object is put, read, and looked for under a wrong name."""
    put(media)
    get(media)
    emulator.clock.advance(1)
    get(media, "nope")


def test_entries_are_found_by_what_they_say(emulator: Emulator) -> None:
    logs = emulator.access_logs
    assert [each["key"] for each in logs.entries(GROUP, operation="get_object")] == ["key", "nope"]
    assert [each["key"] for each in logs.entries(GROUP, status="miss", key="nope")] == ["nope"]
    assert len(logs.entries(GROUP, http_status_code=204, persistence="durable")) == 1
    assert logs.entries(GROUP, size=6) == []


def test_the_typed_conditions_are_the_members_of_entries_and_the_dimensions_of_metrics(
    emulator: Emulator,
) -> None:
    entries, metrics = emulator.access_logs.entries(GROUP), emulator.metrics.all()
    assert {name for each in entries for name in each} == {*EntryConditions.__annotations__}
    assert {name for each in metrics for name in each["dimensions"]} == {
        *MetricDimensions.__annotations__
    }


def test_the_last_entry_is_at_hand(emulator: Emulator) -> None:
    assert emulator.access_logs.last(GROUP)["key"] == "nope"
    assert emulator.access_logs.last(GROUP, http_status_code=200)["status"] == "cache_hit"
    with pytest.raises(LookupError, match="no entry in the log group"):
        emulator.access_logs.last(GROUP, status="internal_error")


def test_an_unknown_group_or_member_is_named(emulator: Emulator) -> None:
    with pytest.raises(LookupError, match=f"no log group 'nope'; the log groups are: {GROUP}"):
        emulator.access_logs.entries("nope")
    with pytest.raises(LookupError, match="no log group"):
        emulator.access_logs.to_json_lines("nope")
    with pytest.raises(ValueError, match="Unknown member 'http_status': did you mean http_status_"):
        emulator.access_logs.entries(GROUP, http_status=200)  # type: ignore[call-arg]


def test_entries_that_are_handed_out_are_copies(emulator: Emulator) -> None:
    emulator.access_logs.entries(GROUP)[0].clear()
    emulator.metrics.all()[0]["dimensions"].clear()
    assert emulator.access_logs.entries(GROUP)[0]["operation"] == "put_object"
    assert emulator.metrics.sum("Requests") == 3


def test_entries_are_written_as_json_lines(emulator: Emulator, tmp_path: Path) -> None:
    text = emulator.access_logs.to_json_lines(GROUP, tmp_path / "log.jsonl")
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8") == text
    assert [json.loads(line) for line in text.splitlines()] == emulator.access_logs.entries(GROUP)


def test_metrics_are_found_by_their_dimensions(emulator: Emulator) -> None:
    hits = emulator.metrics.all(Api="GetObject", Result="CacheHit")
    assert [each["name"] for each in hits] == ["Requests", "ObjectAge"]
    assert emulator.metrics.all(HttpStatusCode=404) == emulator.metrics.all(HttpStatusCode="404")
    assert emulator.metrics.all(Api="DeleteObject") == []


def test_a_sum_counts_each_request_once(emulator: Emulator) -> None:
    total = emulator.metrics.sum
    assert total("Requests") == 3
    assert total("Requests", Api="GetObject") == 2
    assert total("Requests", Api="GetObject", Result="Miss") == 1
    assert total("Requests", HttpStatusCode=200) == 1
    assert total("Requests", Result="StorageHit") == 0
    assert total("Bytes") == 10
    assert total("ObjectAge") == total("ObjectAge", Result="CacheHit") == 0


def test_a_sum_of_what_there_is_not_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match=r"Unknown metric 'Request': did you mean Requests\?"):
        emulator.metrics.sum("Request")
    with pytest.raises(ValueError, match=r"Unknown dimension 'api': did you mean Api\?"):
        emulator.metrics.sum("Requests", api="GetObject")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="Unknown dimension 'Store'"):
        emulator.metrics.all(Store="media")  # type: ignore[call-arg]


def test_cleared_telemetry_begins_anew(emulator: Emulator, media: Client) -> None:
    emulator.access_logs.clear()
    emulator.metrics.clear()
    assert emulator.access_logs.entries(GROUP) == []
    assert emulator.metrics.all() == []
    get(media)
    assert len(emulator.access_logs.entries(GROUP)) == emulator.metrics.sum("Requests") == 1


def test_metrics_are_written_as_prometheus_reads_them(emulator: Emulator, tmp_path: Path) -> None:
    text = emulator.metrics.to_prometheus(tmp_path / "metrics.txt")
    assert (tmp_path / "metrics.txt").read_text(encoding="utf-8") == text
    assert 'momento_object_store_requests_by_result_total{account_id="' in text
