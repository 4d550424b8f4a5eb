"""What is kept of stores that were deleted is bounded, however many there have been."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.service import departures
from tests.support.client import Client

from .stores import GROUP, configure, get, observed, put

KEPT = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last departed stores are kept."""
    monkeypatch.setattr(departures, "KEPT_STORES", KEPT)


def use_and_delete(owner: Client, name: str) -> None:
    configure(owner, name, **observed(f"group-of-{name}"))
    put(owner, store=name)
    get(owner, store=name)
    assert owner.call("DELETE", f"/objectstore/{name}").status == 204


def names(emulator: Emulator) -> tuple[set[str], set[str]]:
    """The stores that have metrics, and the log groups that have entries."""
    metrics = {each["dimensions"]["ObjectStore"] for each in emulator.metrics.all()}
    return metrics, {each["log_group"] for each in emulator.access_logs.groups()}


def test_metrics_and_logs_of_the_stores_deleted_last_are_kept(
    emulator: Emulator, media: Client
) -> None:
    put(media)
    get(media)
    for number in range(20):
        use_and_delete(media, f"store-{number}")
        metrics, groups = names(emulator)
        for latest in range(max(0, number - KEPT + 1), number + 1):
            assert f"store-{latest}" in metrics
            assert f"group-of-store-{latest}" in groups
        assert len(metrics) <= 2 * KEPT + 1
        assert len(groups) <= 2 * KEPT + 1
    assert "media" in metrics
    assert len(emulator.access_logs.entries(GROUP)) == 2


def test_the_counts_of_all_stores_have_those_of_deleted_ones(
    emulator: Emulator, media: Client
) -> None:
    for number in range(20):
        use_and_delete(media, f"store-{number}")
    assert emulator.tiers.counts()["cache"] == {"hits": 20, "expired": 0, "misses": 0}
    counters = emulator._running().counters
    assert len(counters._found) <= 2 * KEPT + 1


def test_a_store_that_logs_elsewhere_again_and_again_keeps_its_last_groups(
    emulator: Emulator, media: Client
) -> None:
    for number in range(20):
        configure(media, "media", **observed(f"group-{number}"))
        put(media)
    groups = names(emulator)[1]
    assert "group-19" in groups
    assert len(groups) <= 2 * KEPT + 2


def test_a_store_that_was_created_again_keeps_its_metrics(
    emulator: Emulator, media: Client
) -> None:
    use_and_delete(media, "again")
    configure(media, "again", **observed())
    put(media, store="again")
    for number in range(20):
        use_and_delete(media, f"store-{number}")
    assert emulator.metrics.sum("Requests", ObjectStore="again", Api="PutObject") == 2
