"""``clusters``: the Valkey clusters of a running emulator."""

from __future__ import annotations

from emulator import Emulator
from tests.support.command_line import Run


def test_a_cluster_is_created_listed_shown_and_deleted(anybody: Run, emulator: Emulator) -> None:
    made = anybody("clusters", "create", "media", "--shard-count", "2")
    assert made.lines[:2] == ["  name      media", "  status    Active"]
    assert anybody("clusters", "show", "media").lines == made.lines
    assert anybody("clusters", "list").lines == [
        "NAME   STATUS  NODES            SHARDS  REPLICAS",
        "media  Active  cache.m6g.large  2       1",
    ]
    assert anybody("clusters", "show", "media", "--json").json() == emulator.clusters.get("media")
    assert anybody("clusters", "list", "--json").json() == {"clusters": emulator.clusters.all()}
    assert anybody("clusters", "delete", "media").lines == ["Deleted the cluster media."]
    assert anybody("clusters", "list").lines == ["There are no clusters."]


def test_a_cluster_may_be_one_whose_creation_failed(anybody: Run, emulator: Emulator) -> None:
    made = anybody("clusters", "create", "media", "--error", "no capacity")
    assert "CreationFailed" in made.stdout
    assert "no capacity" in made.stdout
    assert emulator.clusters.get("media")["errors"] == ["no capacity"]
