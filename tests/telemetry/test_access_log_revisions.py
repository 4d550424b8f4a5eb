"""The access log as it was on the days between the first revision and the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.revisions import REVISIONS, revision_of
from tests.support.client import Client, store_configuration
from tests.support.emulators import Start

from .stores import GROUP, INSTANT, MICROSECONDS, configure, get, observed, put

pytestmark = pytest.mark.proves("Access log entry")

StartOn = Callable[[str], tuple[Emulator, list[dict[str, Any]]]]

BEFORE = {"timestamp", "operation", "key", "store", "status", "size"}


@pytest.fixture
def start_on(start: Start, monkeypatch: pytest.MonkeyPatch) -> StartOn:
    """Starts an emulator that is the API of a day; an Owner has put and got an object there."""

    def start_one(date: str) -> tuple[Emulator, list[dict[str, Any]]]:
        monkeypatch.setitem(REVISIONS, date, revision_of(date))
        emulator = start(api_revision=date)
        emulator.clock.freeze(INSTANT * MICROSECONDS)
        owner = Client(emulator.endpoint, emulator.api_key())
        configure(owner, "media", **observed())
        assert put(owner, mo_persistence="durable").status == 204
        emulator.clock.advance(1)
        assert get(owner).status == 200
        return emulator, emulator.access_logs.entries(GROUP)

    return start_one


@pytest.mark.proves("D104")
@pytest.mark.parametrize(
    ("date", "more", "names", "has_persistence"),
    [
        ("2026-02-12", set(), ["put", "get"], False),
        ("2026-03-08", set(), ["put", "get"], False),
        ("2026-03-09", {"http_status_code"}, ["put", "get"], False),
        ("2026-04-07", {"http_status_code"}, ["put", "get"], False),
        (
            "2026-04-08",
            {"http_status_code", "total_time_us", "request_id"},
            ["put", "get"],
            False,
        ),
        (
            "2026-06-17",
            {"http_status_code", "total_time_us", "request_id"},
            ["put_object", "get_object"],
            False,
        ),
        (
            "2026-06-30",
            {"http_status_code", "total_time_us", "request_id"},
            ["put_object", "get_object"],
            True,
        ),
    ],
)
def test_an_entry_has_what_was_documented_on_that_day(
    start_on: StartOn, date: str, more: set[str], names: list[str], has_persistence: bool
) -> None:
    _, (written, read) = start_on(date)
    assert written.keys() == BEFORE | more | ({"persistence"} if has_persistence else set())
    assert read.keys() == BEFORE | more | ({"object_age_us"} if "total_time_us" in more else set())
    assert [written["operation"], read["operation"]] == names
    assert (written["timestamp"], read["timestamp"]) == (INSTANT * 1000, INSTANT * 1000 + 1000)
    assert (written["status"], read["status"]) == ("ok", "cache_hit")


def test_a_refusal_of_an_earlier_day_is_logged_too(start_on: StartOn) -> None:
    emulator, _ = start_on("2026-02-12")
    get(Client(emulator.endpoint), "live/1 %")
    assert emulator.access_logs.last(GROUP) == {
        "timestamp": INSTANT * 1000 + 1000,
        "operation": "get",
        "key": "live/1 %",
        "store": "media",
        "status": "authz_error",
    }


def test_there_are_no_metrics_before_their_day(start_on: StartOn) -> None:
    emulator, _ = start_on("2026-03-03")
    with pytest.raises(LookupError, match="2026-03-03 of the API has no metrics"):
        emulator.metrics.all()
    later, _ = start_on("2026-03-04")
    assert later.metrics.sum("Requests") == 2


def test_the_first_revision_logs_and_counts_nothing(start: Start) -> None:
    emulator = start(api_revision="2026-02-05")
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, "media", **observed())
    put(owner)
    get(Client(emulator.endpoint))
    for look in (emulator.access_logs.groups, lambda: emulator.access_logs.entries(GROUP)):
        with pytest.raises(LookupError, match="no access logs: start with --api-revision 2026-08"):
            look()
    with pytest.raises(LookupError, match="no metrics: start with --api-revision 2026-08-12"):
        emulator.metrics.sum("Requests")
    described = owner.call("GET", "/objectstore/media").json()
    assert described == {"name": "media", **store_configuration("media")}


def test_a_store_of_a_later_revision_is_not_logged_by_the_first(
    start: Start, tmp_path: Path
) -> None:
    newer = start(data_dir=tmp_path)
    owner = Client(newer.endpoint, newer.api_key())
    configure(owner, "media", **observed())
    key = newer.create_api_key("owner")
    newer.stop()
    older = start(data_dir=tmp_path, api_revision="2026-02-05")
    owner = Client(older.endpoint, key)
    assert put(owner).status == 204
    assert "access_logging_config" not in owner.call("GET", "/objectstore/media").json()
    with pytest.raises(LookupError, match="no access logs"):
        older.access_logs.entries(GROUP)
