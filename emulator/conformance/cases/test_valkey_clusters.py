"""Valkey clusters of the account: one is created, seen, changed and deleted.

Whatever could make or change a cluster at an endpoint that breaks the documents needs
``--create-clusters``; the rest reads, or is refused in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.conformance.target import Store, Target

from .clusters import (
    PATH,
    REPLICAS,
    SHARDS,
    Cluster,
    change,
    cluster_body,
    describe,
    expect_gone,
    when_active,
)
from .expecting import expect_error

needs_cluster = pytest.mark.needs("create_clusters")


# Every call.


@pytest.mark.statement("VALKEY-GENERAL-01", "VALKEY-GENERAL-03")
def test_a_key_for_stores_is_one_for_clusters(target: Target) -> None:
    assert target.request("GET", "/objectstore").status == 200
    assert target.request("GET", PATH).status == 200
    assert target.request("GET", PATH, key="not-an-api-key").status == 401


@pytest.mark.statement("VALKEY-GENERAL-02", "VALKEY-GENERAL-03", "VALKEY-DESCRIBE-03")
def test_an_unknown_cluster_is_refused_as_an_unknown_store(target: Target) -> None:
    name = target.fresh_name()
    of_store, of_cluster = Store(target, name).describe(), describe(target, name)
    expect_error(of_cluster, 404)
    assert of_cluster.media_type == of_store.media_type
    assert of_cluster.json().keys() == of_store.json().keys()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", PATH, marks=pytest.mark.statement("VALKEY-LIST-02")),
        pytest.param("GET", f"{PATH}/{{}}", marks=pytest.mark.statement("VALKEY-DESCRIBE-02")),
        pytest.param("DELETE", f"{PATH}/{{}}", marks=pytest.mark.statement("VALKEY-DELETE-02")),
    ],
)
@pytest.mark.parametrize("key", [None, "not-an-api-key"])
def test_list_describe_and_delete_without_a_valid_key_answer_401(
    target: Target, method: str, path: str, key: str | None
) -> None:
    expect_error(target.request(method, path.format(target.fresh_name()), key=key), 401)


@pytest.mark.parametrize(
    ("call", "members"),
    [
        pytest.param(call, members, marks=pytest.mark.statement(statement))
        for statement, call, members in (
            ("VALKEY-GROUP-03", "replication-group", {}),
            ("VALKEY-SHARDS-04", "shard-configuration", {"shard_count": SHARDS + 1}),
            ("VALKEY-REPLICAS-04", "increase-replica-count", {"replication_factor": 2}),
            ("VALKEY-REPLICAS-04", "decrease-replica-count", {"replication_factor": 0}),
        )
    ],
)
@pytest.mark.parametrize("key", [None, "not-an-api-key"])
def test_a_change_without_a_valid_key_answers_401(
    target: Target, call: str, members: dict[str, Any], key: str | None
) -> None:
    path = f"{PATH}/{target.fresh_name()}/{call}"
    expect_error(target.send_json("POST", path, members, key=key), 401)


@pytest.mark.statement("VALKEY-CREATE-04")
@pytest.mark.parametrize("key", [None, "not-an-api-key"])
def test_creating_without_a_valid_key_answers_401(target: Target, key: str | None) -> None:
    expect_error(target.send_json("POST", PATH, cluster_body(target), key=key), 401)


@pytest.mark.statement("VALKEY-CREATE-05")
def test_creating_as_a_viewer_answers_403(target: Target) -> None:
    expect_error(target.send_json("POST", PATH, cluster_body(target), key="viewer"), 403)


# Create.


@pytest.mark.statement("VALKEY-CREATE-03")
def test_creating_with_an_invalid_configuration_answers_400(target: Target) -> None:
    expect_error(target.send_json("POST", PATH, {}), 400, "Invalid cluster configuration")


def _wrong(statement: str, member: str, wrong: object) -> list[Any]:
    """Cases in which a member of the body is missing, and in which it has a wrong value."""
    mark = pytest.mark.statement(statement)
    return [
        pytest.param(lambda body: body.pop(member), marks=mark, id=f"no {member}"),
        pytest.param(lambda body: body.update({member: wrong}), marks=mark, id=f"wrong {member}"),
    ]


@needs_cluster
@pytest.mark.parametrize(
    "spoil",
    [
        *_wrong("VALKEY-BODY-01", "name", "not safe/in?urls"),
        *_wrong("VALKEY-BODY-02", "node_instance_type", ["cache.m6g.large"]),
        *_wrong("VALKEY-BODY-03", "shard_count", "two"),
        *_wrong("VALKEY-BODY-04", "replication_factor", "one"),
        *_wrong("VALKEY-BODY-05", "enforce_shard_multi_az", "perhaps"),
    ],
)
def test_a_required_member_is_there_and_of_its_type(
    target: Target, spoil: Callable[[dict[str, Any]], object]
) -> None:
    body = cluster_body(target)
    spoil(body)
    expect_error(target.send_json("POST", PATH, body), 400)


@needs_cluster
@pytest.mark.statement("VALKEY-BODY-08")
def test_a_body_that_is_not_declared_as_json_is_refused(target: Target, cluster: Cluster) -> None:
    headers = [("Content-Type", "text/plain")]
    path = f"{PATH}/{cluster.name}/replication-group"
    expect_error(target.request("POST", path, headers=headers, body=b"{}"), 400)


@needs_cluster
@pytest.mark.statement("VALKEY-CREATE-01", "VALKEY-CREATE-02")
def test_a_created_cluster_is_accepted_and_becomes_active(cluster: Cluster) -> None:
    assert cluster.created.status == 202
    assert cluster.described["status"] == "Active"


# List and Describe.


@needs_cluster
@pytest.mark.statement("VALKEY-LIST-01")
def test_the_list_has_names_alone(target: Target, cluster: Cluster) -> None:
    answer = target.request("GET", PATH)
    assert answer.status == 200
    clusters = answer.json()["clusters"]
    assert {"name": cluster.name} in clusters
    assert [each for each in clusters if each.keys() != {"name"}] == []


@needs_cluster
@pytest.mark.statement("VALKEY-DESCRIBE-01")
def test_a_cluster_is_described_as_it_was_created(target: Target, cluster: Cluster) -> None:
    created = cluster_body(target, name=cluster.name)
    described = {member: cluster.described[member] for member in created}
    assert described == created
    assert cluster.described["status"] == "Active"


@needs_cluster
@pytest.mark.statement(
    "VALKEY-BODY-04",
    "VALKEY-BODY-06",
    "VALKEY-BODY-07",
    "VALKEY-CLIENT-03",
    "VALKEY-CLIENT-04",
)
def test_shards_are_placed_where_no_placements_are_given(cluster: Cluster) -> None:
    placements = cluster.described["shard_placements"]
    assert sorted(each["shard_index"] for each in placements) == [*range(SHARDS)]
    for each in placements:
        assert isinstance(each["availability_zone"], str)
        assert len(each["replica_availability_zones"]) == REPLICAS


@needs_cluster
@pytest.mark.statement("OS12-CONFIG-17")
def test_a_store_cannot_move_to_another_cluster(
    target: Target, cluster: Cluster, new_store: Callable[..., Store]
) -> None:
    body = target.store_body()
    store = new_store(body)
    store.configure({**body, "cache_config": {"valkey_cluster": {"cluster_name": cluster.name}}})
    assert store.describe().json()["cache_config"] == body["cache_config"]


# Changes, each of an Active cluster.


@needs_cluster
@pytest.mark.statement("VALKEY-GROUP-02")
def test_a_wrong_change_of_the_replication_group_answers_400(
    target: Target, cluster: Cluster
) -> None:
    answer = change(target, cluster, "replication-group", enforce_shard_multi_az="perhaps")
    expect_error(answer, 400)


@needs_cluster
@pytest.mark.statement("VALKEY-GROUP-01", "VALKEY-GROUP-05", "VALKEY-GROUP-06", "VALKEY-CLIENT-01")
@pytest.mark.parametrize(
    "members",
    [{}, {"enforce_shard_multi_az": False}, {"node_instance_type": "cache.m6g.xlarge"}],
    ids=["neither", "multi-AZ", "node type"],
)
def test_the_replication_group_changes_in_what_is_given(
    target: Target, cluster: Cluster, members: dict[str, Any]
) -> None:
    before = when_active(target, cluster.name)
    assert change(target, cluster, "replication-group", **members).status == 202
    assert when_active(target, cluster.name) == {**before, **members}


@needs_cluster
@pytest.mark.statement("VALKEY-REPLICAS-03", "VALKEY-REPLICAS-06")
@pytest.mark.parametrize("call", ["increase-replica-count", "decrease-replica-count"])
@pytest.mark.parametrize("members", [{}, {"replication_factor": "some"}], ids=["none", "text"])
def test_a_wrong_change_of_replicas_answers_400(
    target: Target, cluster: Cluster, call: str, members: dict[str, Any]
) -> None:
    expect_error(change(target, cluster, call, **members), 400)


@needs_cluster
@pytest.mark.statement(
    "VALKEY-REPLICAS-01", "VALKEY-REPLICAS-02", "VALKEY-REPLICAS-06", "VALKEY-CLIENT-01"
)
def test_replicas_are_added_and_removed(target: Target, cluster: Cluster) -> None:
    more, fewer = REPLICAS + 1, REPLICAS
    answer = change(target, cluster, "increase-replica-count", replication_factor=more)
    assert answer.status == 202
    assert when_active(target, cluster.name)["replication_factor"] == more
    answer = change(target, cluster, "decrease-replica-count", replication_factor=fewer)
    assert answer.status == 202
    assert when_active(target, cluster.name)["replication_factor"] == fewer


@needs_cluster
@pytest.mark.statement("VALKEY-REPLICAS-07", "VALKEY-CLIENT-04")
def test_replicas_are_added_and_removed_where_they_are_wanted(
    target: Target, cluster: Cluster
) -> None:
    before = when_active(target, cluster.name)["shard_placements"]
    more = [
        {**each, "replica_availability_zones": each["replica_availability_zones"] * 2}
        for each in before
    ]
    for call, replicas, placements in (
        ("increase-replica-count", REPLICAS * 2, more),
        ("decrease-replica-count", REPLICAS, before),
    ):
        answer = change(
            target, cluster, call, replication_factor=replicas, shard_placements=placements
        )
        assert answer.status == 202
        assert when_active(target, cluster.name)["shard_placements"] == placements


@needs_cluster
@pytest.mark.statement("VALKEY-SHARDS-02")
def test_fewer_shards_without_their_indexes_answer_400(target: Target, cluster: Cluster) -> None:
    answer = change(target, cluster, "shard-configuration", shard_count=SHARDS - 1)
    expect_error(answer, 400)


@needs_cluster
@pytest.mark.statement("VALKEY-SHARDS-07")
@pytest.mark.parametrize("members", [{}, {"shard_count": "many"}], ids=["none", "text"])
def test_a_wrong_change_of_the_shards_answers_400(
    target: Target, cluster: Cluster, members: dict[str, Any]
) -> None:
    expect_error(change(target, cluster, "shard-configuration", **members), 400)


@needs_cluster
@pytest.mark.statement(
    "VALKEY-SHARDS-01", "VALKEY-SHARDS-03", "VALKEY-SHARDS-06", "VALKEY-CLIENT-03"
)
def test_a_shard_is_added_where_it_is_wanted_and_removed_by_its_index(
    target: Target, cluster: Cluster
) -> None:
    before = when_active(target, cluster.name)["shard_placements"]
    new = {**before[0], "shard_index": SHARDS}
    answer = change(
        target, cluster, "shard-configuration", shard_count=SHARDS + 1, shard_placements=[new]
    )
    assert answer.status == 202
    described = when_active(target, cluster.name)
    assert described["shard_count"] == SHARDS + 1
    assert new in described["shard_placements"]
    answer = change(
        target, cluster, "shard-configuration", shard_count=SHARDS, shards_to_remove=[SHARDS]
    )
    assert answer.status == 202
    described = when_active(target, cluster.name)
    assert described["shard_count"] == SHARDS
    assert new not in described["shard_placements"]


# Delete.


@needs_cluster
@pytest.mark.last
@pytest.mark.statement("VALKEY-DELETE-01", "VALKEY-CLIENT-02")
def test_a_deleted_cluster_is_accepted_and_goes(target: Target, cluster: Cluster) -> None:
    when_active(target, cluster.name)
    assert target.request("DELETE", f"{PATH}/{cluster.name}").status == 202
    expect_gone(target, cluster.name)
