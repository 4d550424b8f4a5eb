"""The overview: what the first page of a console shows."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from emulator.control.overview import _percentile
from emulator.core.version import __version__
from tests.support.client import create_store
from tests.support.emulators import Start, client, control


def overview(emulator: Emulator) -> Any:
    answer = control(emulator, "GET", "/overview")
    assert answer.status == 200, answer
    return answer.json()


def test_it_says_where_the_emulator_is_and_what_leads_clients_there(emulator: Emulator) -> None:
    found = overview(emulator)
    assert found["endpoint"] == emulator.endpoint
    assert "tls_endpoint" not in found
    assert found["version"] == __version__
    assert found["environment"] == dict(emulator.environment)
    assert found["keys"] == [
        {"role": name.capitalize(), "name": name, "api_key": emulator.api_keys[name]}
        for name in ("owner", "operator", "viewer")
    ]
    assert found["uptime_seconds"] > 0


def test_it_has_the_clock_and_the_health_of_each_tier(emulator: Emulator) -> None:
    emulator.clock.freeze(5_000_000)
    found = overview(emulator)
    assert found["clock"] == control(emulator, "GET", "/clock").json()
    health = control(emulator, "GET", "/health").json()
    assert found["tiers"] == {name: health[name] for name in ("cache", "storage", "account")}


def test_it_counts_requests_and_hits(stocked: Emulator) -> None:
    owner = client(stocked)
    owner.get("store", "key")
    owner.get("store", "none")
    found = overview(stocked)
    assert (found["requests"], found["dropped"]) == (2, 0)
    assert found["counts"] == stocked.tiers.counts()
    recent = found["recent"]
    assert (recent["seconds"], recent["requests"], recent["errors"]) == (10, 2, 0)
    assert recent["by_status"] == {"2xx": 1, "4xx": 1}
    assert 0 < recent["p50_ms"] <= recent["p99_ms"]


def test_without_requests_there_is_no_latency(emulator: Emulator) -> None:
    recent = overview(emulator)["recent"]
    assert recent == {
        "seconds": 10,
        "requests": 0,
        "errors": 0,
        "by_status": {},
        "p50_ms": None,
        "p99_ms": None,
    }


def test_failures_limits_and_cut_connections_are_errors(stocked: Emulator) -> None:
    owner = client(stocked)
    stocked.faults.add({"type": "status", "status": 429}, key="a")
    stocked.faults.add({"type": "status", "status": 503}, key="b")
    stocked.faults.add("close", key="c")
    assert [owner.get("store", key).status for key in "abd"] == [429, 503, 404]
    with pytest.raises(ConnectionError):
        owner.get("store", "c")
    recent = overview(stocked)["recent"]
    assert (recent["requests"], recent["errors"]) == (4, 3)
    assert recent["by_status"] == {"4xx": 2, "5xx": 1}


def test_only_the_last_seconds_are_recent_whatever_the_emulators_clock_says(
    stocked: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(stocked).get("store", "key")
    stocked.clock.advance(3600)
    assert overview(stocked)["recent"]["requests"] == 1
    monkeypatch.setattr("emulator.control.overview.RECENT_SECONDS", 0)
    assert overview(stocked)["recent"]["requests"] == 0


def test_it_has_the_features_of_the_revision(start: Start) -> None:
    first = overview(start(cache="memory"))
    assert (first["revision"], first["features"]) == ("2026-02-05", ["clusters"])
    assert first["limits"] is False
    later = overview(start(cache="memory", api_revision="latest"))
    assert {"tags", "delete", "metrics", "access_logs", "limits"} <= {*later["features"]}
    assert later["limits"] is True
    assert overview(start(api_revision="latest", no_limits=True))["limits"] is False


def test_it_asks_nothing_of_the_service(stocked: Emulator) -> None:
    overview(stocked)
    assert stocked.journal.calls() == []


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 99, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        ([*range(1, 101)], 99, 99),
        ([*range(1, 102)], 99, 100),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[int], percent: int, expected: int | None
) -> None:
    assert _percentile(values, percent) == expected


def test_a_store_changes_no_overview_but_its_counts(emulator: Emulator) -> None:
    before = overview(emulator)["counts"]
    create_store(client(emulator), "store")
    client(emulator).get("store", "none")
    assert overview(emulator)["counts"] != before
