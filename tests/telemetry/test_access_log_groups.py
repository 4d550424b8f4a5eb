"""The entries that are kept to be looked at: how many, for how long, and in which group."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from emulator.telemetry.access_log import OPERATION_BYTES
from tests.support.client import Client
from tests.support.emulators import Start

from .stores import GROUP, access_logging, configure, delete, get, observed, put

pytestmark = pytest.mark.proves("Access log entry")


@pytest.fixture
def small(start: Start) -> Emulator:
    """An emulator that keeps three entries of each group."""
    return start(access_log_size=3)


def observed_store(emulator: Emulator, store: str = "media", group: str = GROUP) -> Client:
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, store, **observed(group))
    return owner


def test_the_last_entries_are_kept_and_the_others_counted(small: Emulator) -> None:
    owner = observed_store(small)
    for number in range(5):
        get(owner, str(number))
    assert [each["key"] for each in small.access_logs.entries(GROUP)] == ["2", "3", "4"]
    assert small.access_logs.groups() == [{"log_group": GROUP, "count": 3, "dropped": 2}]
    document = Client(small.endpoint).call("GET", f"/_emulator/logs/{GROUP}").json()
    assert (document["count"], document["dropped"], len(document["entries"])) == (3, 2, 3)


def test_each_group_keeps_entries_of_its_own(small: Emulator) -> None:
    owner = observed_store(small)
    observed_store(small, "other", "other")
    get(owner, store="other")
    for _ in range(4):
        get(owner)
    assert small.access_logs.groups() == [
        {"log_group": GROUP, "count": 3, "dropped": 1},
        {"log_group": "other", "count": 1, "dropped": 0},
    ]


def test_a_log_may_keep_no_entry(start: Start, tmp_path: Path) -> None:
    emulator = start(access_log_size=0, access_log_dir=tmp_path)
    get(observed_store(emulator, group="g"))
    assert emulator.access_logs.groups() == [{"log_group": "g", "count": 0, "dropped": 1}]
    assert len((tmp_path / "g.jsonl").read_bytes().splitlines()) == 1


def test_a_reset_forgets_entries_and_metrics(emulator: Emulator, media: Client) -> None:
    put(media)
    emulator.reset()
    assert emulator.access_logs.groups() == []
    assert emulator.metrics.all() == []


def test_an_import_is_no_operation(start: Start) -> None:
    emulator = start()
    put(observed_store(emulator))
    state = emulator.export_state()
    emulator.access_logs.clear()
    emulator.import_state(state)
    assert emulator.access_logs.entries(GROUP) == []
    get(Client(emulator.endpoint, emulator.api_key()))
    assert emulator.access_logs.last(GROUP)["status"] == "storage_hit"


def test_a_restore_goes_on_with_the_log(emulator: Emulator, media: Client) -> None:
    put(media)
    emulator.checkpoint("before")
    delete(media)
    emulator.restore("before")
    get(media)
    statuses = [each["status"] for each in emulator.access_logs.entries(GROUP)]
    assert statuses == ["ok", "ok", "cache_hit"]
    emulator.drop_checkpoint("before")


def test_a_cleared_log_begins_anew(small: Emulator) -> None:
    owner = observed_store(small)
    for _ in range(5):
        get(owner)
    small.access_logs.clear()
    assert small.access_logs.groups() == [{"log_group": GROUP, "count": 0, "dropped": 0}]
    get(owner)
    assert small.access_logs.groups() == [{"log_group": GROUP, "count": 1, "dropped": 0}]


def test_entries_outlive_their_store(emulator: Emulator, media: Client) -> None:
    put(media)
    assert media.call("DELETE", "/objectstore/media").status == 204
    assert emulator.access_logs.last(GROUP)["operation"] == "put_object"
    get(media)
    assert len(emulator.access_logs.entries(GROUP)) == 1


def test_a_group_of_a_store_is_there_before_its_first_entry(
    emulator: Emulator, media: Client
) -> None:
    configure(media, "other", **access_logging("other"))
    assert emulator.access_logs.groups() == [
        {"log_group": GROUP, "count": 0, "dropped": 0},
        {"log_group": "other", "count": 0, "dropped": 0},
    ]
    assert emulator.access_logs.entries("other") == []


@pytest.mark.proves("D106")
def test_a_group_that_is_said_to_exist_is_there(start: Start) -> None:
    emulator = start(log_groups="b,a")
    assert [each["log_group"] for each in emulator.access_logs.groups()] == ["a", "b"]
    assert emulator.access_logs.entries("a") == []


def test_an_observer_that_fails_costs_no_entry(start: Start) -> None:
    emulator = start(log_level="error")
    owner = observed_store(emulator)

    def fail(_operation: object) -> None:
        raise RuntimeError("not today")

    emulator.add_observer(fail)
    assert get(owner).status == 404
    assert emulator.access_logs.last(GROUP)["status"] == "miss"
    assert emulator.metrics.sum("Requests") == 1


@pytest.mark.proves("D124")
def test_where_all_entries_take_too_much_memory_the_largest_group_loses_its_oldest(
    start: Start,
) -> None:
    emulator = start(journal_bytes=10 * (OPERATION_BYTES + 1200))
    long, short = observed_store(emulator), observed_store(emulator, "other", "other")
    get(short, "kept", store="other")
    for number in range(30):
        get(long, f"{number}-{'x' * 700}")
    few, one = emulator.access_logs.groups()
    assert one == {"log_group": "other", "count": 1, "dropped": 0}
    assert few["count"] + few["dropped"] == 30
    assert 5 <= few["count"] <= 15
    assert emulator.access_logs.entries(GROUP)[-1]["key"].startswith("29-")


@pytest.mark.proves("D124")
def test_entries_of_groups_that_are_gone_take_no_room_of_others(start: Start) -> None:
    emulator = start(journal_bytes=10 * (OPERATION_BYTES + 1200))
    long = observed_store(emulator)
    for number in range(5):
        get(long, f"{number}-{'x' * 700}")
    logs = emulator._running()._pipeline.access_logs
    logs.keep([])
    for number in range(5):
        get(long, f"{number}-{'x' * 700}")
    [group] = emulator.access_logs.groups()
    assert (group["count"], group["dropped"]) == (5, 0)
    logs.keep([])
    assert logs._bytes == 0
