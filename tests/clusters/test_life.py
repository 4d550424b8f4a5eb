"""The life of a cluster on the emulator's clock, and what it means for its stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.memory import MemoryCache
from emulator.core.clock import Clock
from emulator.core.failures import EngineUnavailableError
from emulator.service.cache_tier import CacheTier
from emulator.service.cluster_configuration import parse_cluster
from emulator.service.clusters import Clusters
from tests.contract.expect import expect_error
from tests.contract.stores import JSON, Stores, configuration
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Client

from .documents import cluster_configuration, create_cluster, described, post

DELAY = 60


@pytest.fixture
def slow(start: Start) -> Emulator:
    """An emulator where every change of a cluster takes a minute; its clock stands still."""
    emulator = start(cluster_delay=DELAY)
    emulator.clock.freeze()
    return emulator


def status(client: Client, name: str = "media") -> str | int:
    """The status of a cluster, or that of the answer if there is none."""
    answer = client.get(f"/ec-cluster/{name}")
    found: str | int = answer.json["status"] if answer.status == 200 else answer.status
    return found


def delete(client: Client, name: str = "media") -> int:
    return client.request("DELETE", f"/ec-cluster/{name}").status


@pytest.mark.proves("D134")
def test_a_cluster_is_active_changed_and_gone_after_its_delay(slow: Emulator) -> None:
    client, almost = raw_client(slow), DELAY - 0.000001
    assert post(client, "", cluster_configuration("media")).json["status"] == "Creating"
    for method, path, during, after in (
        (None, "", "Creating", "Active"),
        ("POST", "/replication-group", "Updating", "Active"),
        ("DELETE", "", "Deleting", 404),
    ):
        if method is not None:
            answer = client.request(method, f"/ec-cluster/media{path}", headers=JSON, body=b"{}")
            assert answer.status == 202
        assert status(client) == during
        slow.clock.advance(almost)
        assert status(client) == during
        slow.clock.advance(0.000001)
        assert status(client) == after
    assert client.get("/ec-cluster").json == {"clusters": []}


@pytest.mark.proves("D134")
def test_a_cluster_under_way_cannot_be_changed_but_deleted(slow: Emulator) -> None:
    client = raw_client(slow)
    create_cluster(client, "media")
    expect_error(post(client, "/media/replication-group", {}), 400, mentions=["Creating"])
    expect_error(post(client, "", cluster_configuration("media")), 400, mentions=["already"])
    assert delete(client) == delete(client) == 202
    expect_error(post(client, "/media/replication-group", {}), 400, mentions=["Deleting"])
    slow.clock.advance(DELAY)
    create_cluster(client, "media")


@pytest.mark.proves("D134")
def test_a_second_deletion_does_not_begin_again(slow: Emulator) -> None:
    client = raw_client(slow)
    create_cluster(client, "media")
    assert delete(client) == 202
    slow.clock.advance(DELAY / 2)
    assert delete(client) == 202
    slow.clock.advance(DELAY / 2)
    assert status(client) == 404


def test_records_of_clusters_that_are_gone_are_removed_with_the_next_creation(
    slow: Emulator,
) -> None:
    client = raw_client(slow)
    for name in ("one", "two", "three"):
        create_cluster(client, name)
        assert delete(client, name) == 202
        slow.clock.advance(DELAY)
        assert status(client, name) == 404
        assert {*slow.export_state()["account"]["clusters"]} == {name}


@pytest.mark.proves("D138")
def test_a_fault_rule_lets_a_creation_fail_after_its_time(slow: Emulator) -> None:
    client = raw_client(slow)
    slow.faults.add({"type": "creation_failed", "message": "no capacity"}, times=1)
    create_cluster(client, "media")
    create_cluster(client, "other")
    assert "errors" not in described(client, "media")
    slow.clock.advance(DELAY)
    failed = described(client, "media")
    assert (failed["status"], failed["errors"]) == ("CreationFailed", ["no capacity"])
    assert status(client, "other") == "Active"
    expect_error(post(client, "/media/replication-group", {}), 400, mentions=["CreationFailed"])
    assert delete(client) == 202
    slow.clock.advance(DELAY)
    create_cluster(client, "media")
    slow.clock.advance(DELAY)
    assert status(client) == "Active"


@pytest.mark.proves("D138")
def test_a_cluster_that_is_deleted_has_no_errors_any_more(slow: Emulator) -> None:
    client = raw_client(slow)
    slow.faults.add("creation_failed")
    for age in (0, DELAY):
        create_cluster(client, "media")
        slow.clock.advance(age)
        assert delete(client) == 202
        assert "errors" not in described(client, "media")
        slow.clock.advance(DELAY)


@pytest.mark.proves("D139")
def test_deleting_a_cluster_empties_its_caches_alone_and_its_stores_go_on(start: Start) -> None:
    emulator = start(api_revision="latest", strict_clusters=None)
    client = raw_client(emulator)
    create_cluster(client, "media")
    stores = Stores(client, later=True)
    there = stores.create(configuration(cluster="media"))
    elsewhere = stores.create(configuration())
    for store in (there, elsewhere):
        assert store.put("key", b"body").status == 204
        assert store.put("draft", b"x", headers=[("mo-persistence", "ephemeral")]).status == 204
    assert delete(client) == 202
    cached = {
        store: [each.key for each in emulator.tiers.objects(store.name) if each.cache]
        for store in (there, elsewhere)
    }
    assert cached == {there: [], elsewhere: ["draft", "key"]}
    assert there.get("draft").status == 404
    assert there.get("key").body == b"body"
    (again,) = emulator.tiers.objects(there.name)
    assert again.cache is not None
    assert there.describe().status == 200


class FailingCache(MemoryCache):
    """A cache that cannot be reached when a cluster is to be emptied."""

    async def flush(self, cluster: str) -> None:
        raise EngineUnavailableError(f"{cluster} cannot be reached")


@pytest.mark.proves("D139")
async def test_a_cluster_whose_cache_fails_is_not_deleted() -> None:
    clock = Clock()
    cache = CacheTier(FailingCache(), clock, max_object_bytes=1)
    clusters = Clusters(MemoryAccount(), cache, clock)
    created = await clusters.create(parse_cluster(cluster_configuration("media")))
    for deletion in (clusters.delete, clusters.remove):
        with pytest.raises(EngineUnavailableError):
            await deletion("media")
    assert await clusters.list() == [created]


@pytest.mark.proves("D136")
def test_a_configured_name_is_no_cluster_of_the_account(start: Start) -> None:
    emulator = start(api_revision="latest", clusters="media", strict_clusters=True)
    client = raw_client(emulator)
    assert client.get("/ec-cluster").json == {"clusters": []}
    assert status(client) == 404
    create_cluster(client, "media")
    assert delete(client) == 202
    Stores(client, later=True).create(configuration(cluster="media"))


def test_clusters_are_in_seeds_and_a_reset_brings_those_back(start: Start, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "clusters:\n- {name: media, node_instance_type: t, shard_count: 1, replication_factor: 0,"
        " enforce_shard_multi_az: false}\n"
    )
    emulator = start(seed=seed, cluster_delay=DELAY)
    client = raw_client(emulator)
    assert status(client) == "Active"
    assert delete(client) == 202
    create_cluster(client, "other")
    emulator.reset()
    assert client.get("/ec-cluster").json == {"clusters": [{"name": "media"}]}
    assert status(client) == "Active"


def test_clusters_are_in_checkpoints_with_what_is_under_way(slow: Emulator) -> None:
    client = raw_client(slow)
    create_cluster(client, "media")
    slow.checkpoint("before")
    slow.clock.advance(DELAY)
    assert delete(client) == 202
    slow.restore("before")
    assert status(client) == "Creating"
    slow.clock.advance(DELAY)
    assert status(client) == "Active"


def test_clusters_are_in_exports_and_imports_with_what_is_under_way(
    slow: Emulator, start: Start
) -> None:
    client = raw_client(slow)
    create_cluster(client, "media", shard_count=3)
    before = described(client, "media")
    state = slow.export_state()
    other = start()
    other.import_state(state)
    assert described(raw_client(other), "media") == before
    other.clock.advance(DELAY)
    assert status(raw_client(other)) == "Active"
    assert other.export_state()["account"]["clusters"] == state["account"]["clusters"]


def test_a_cluster_whose_shards_have_gaps_can_be_imported(start: Start) -> None:
    emulator, other = start(), start()
    client = raw_client(emulator)
    create_cluster(client, "media", shard_count=3)
    fewer = {"shard_count": 1, "shards_to_remove": [0, 2]}
    assert post(client, "/media/shard-configuration", fewer).status == 202
    other.import_state(emulator.export_state())
    found = described(raw_client(other), "media")
    assert found == described(client, "media")
    assert [each["shard_index"] for each in found["shard_placements"]] == [1]


def test_a_state_without_clusters_can_be_imported_by_an_older_emulator(start: Start) -> None:
    state = start().export_state()
    assert "clusters" not in state["account"]
    emulator = start()
    create_cluster(raw_client(emulator), "media")
    emulator.import_state(state)
    assert status(raw_client(emulator)) == 404


BAD: dict[str, dict[str, Any]] = {
    "another name": {"name": "other"},
    "no shard": {"shard_count": 0},
    "other placements than shards": {"shard_count": 1},
    "an unknown change": {"change": "Sleeping"},
    "a time before all": {"until": -1},
    "errors that are no list": {"errors": "no"},
    "errors that are no texts": {"errors": [1]},
    "placements that are no list": {"shard_placements": 1},
    "an unknown member": {"more": 1},
}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_a_state_with_a_cluster_that_cannot_be_is_refused(
    start: Start, members: dict[str, Any]
) -> None:
    emulator = start()
    create_cluster(raw_client(emulator), "media")
    state = emulator.export_state()
    state["account"]["clusters"]["media"] |= members
    with pytest.raises(ValueError, match="media"):
        emulator.import_state(state)


def test_a_data_directory_keeps_clusters(start: Start, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path)
    create_cluster(raw_client(first), "media", shard_count=3)
    before = described(raw_client(first), "media")
    first.stop()
    assert described(raw_client(start(data_dir=tmp_path)), "media") == before


def test_the_handle_makes_clusters_at_once(slow: Emulator) -> None:
    client = raw_client(slow)
    made = slow.clusters.create("media", shard_count=2)
    assert (made["status"], made["shard_count"]) == ("Active", 2)
    assert slow.clusters.create("broken", error="why")["errors"] == ["why"]
    assert slow.clusters.get("media") == described(client, "media")
    assert [each["name"] for each in slow.clusters.all()] == ["broken", "media"]
    with pytest.raises(ValueError, match="already"):
        slow.clusters.create("media")
    slow.clusters.delete("media")
    assert status(client) == 404
    with pytest.raises(LookupError):
        slow.clusters.get("media")
