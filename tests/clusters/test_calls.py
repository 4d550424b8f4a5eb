"""The Valkey cluster API: its calls, their statuses and their documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.expect import expect_error
from tests.contract.service import Service
from tests.contract.stores import JSON, unique_name
from tests.support.raw_client import Client, Response

from .documents import cluster_configuration, create_cluster, described, placement, post

NOT_FOUND = "Cluster Not Found"
INVALID = "Invalid cluster configuration"


@pytest.fixture
def name(owner: Client) -> Iterator[str]:
    """The name of a cluster that does not exist; one of this name is deleted after the test."""
    made = unique_name("cluster")
    yield made
    owner.request("DELETE", f"/ec-cluster/{made}")


@pytest.fixture
def cluster(owner: Client, name: str) -> str:
    """The name of a cluster of two shards with one replica each."""
    create_cluster(owner, name)
    return name


@pytest.mark.proves("POST /ec-cluster: 202; GET /ec-cluster/{name}: 200 with status")
def test_a_created_cluster_is_accepted_and_then_active(owner: Client, name: str) -> None:
    config = cluster_configuration(name)
    assert post(owner, "", config).status == 202
    assert described(owner, name) == {
        **config,
        "shard_placements": [
            placement(0, "use1-az1", "use1-az2"),
            placement(1, "use1-az2", "use1-az4"),
        ],
        "status": "Active",
    }


@pytest.mark.proves("D134")
def test_what_is_accepted_is_answered_with_the_status_under_way(owner: Client, name: str) -> None:
    created = create_cluster(owner, name)
    assert created.json["status"] == "Creating"
    changed = post(owner, f"/{name}/replication-group", {"node_instance_type": "cache.r7g.large"})
    assert changed.json["status"] == "Updating"
    deleted = owner.request("DELETE", f"/ec-cluster/{name}")
    assert deleted.json["status"] == "Deleting"


def test_given_placements_are_kept(owner: Client, name: str) -> None:
    given = [placement(1, "b", "a"), placement(0, "a", "b")]
    create_cluster(owner, name, shard_placements=given)
    assert described(owner, name)["shard_placements"] == [given[1], given[0]]


@pytest.mark.parametrize("left_out", [None, []])
def test_placements_may_be_left_out_as_null_or_an_empty_list(
    owner: Client, name: str, left_out: object
) -> None:
    create_cluster(owner, name, shard_placements=left_out)
    assert len(described(owner, name)["shard_placements"]) == 2


@pytest.mark.proves("GET /ec-cluster: 200, names only")
def test_a_list_has_names_alone(owner: Client, cluster: str) -> None:
    answer = owner.get("/ec-cluster")
    assert answer.status == 200
    assert answer.json["clusters"] == sorted(answer.json["clusters"], key=lambda each: each["name"])
    assert {"name": cluster} in answer.json["clusters"]


def test_head_is_get_without_its_body(owner: Client, cluster: str) -> None:
    for path in ("/ec-cluster", f"/ec-cluster/{cluster}"):
        answer = owner.request("HEAD", path)
        assert (answer.status, answer.body) == (200, b"")


@pytest.mark.proves("DELETE /ec-cluster/{name}: 202")
def test_a_deleted_cluster_is_gone(owner: Client, cluster: str) -> None:
    assert owner.request("DELETE", f"/ec-cluster/{cluster}").status == 202
    expect_error(owner.get(f"/ec-cluster/{cluster}"), 404, NOT_FOUND)
    assert {"name": cluster} not in owner.get("/ec-cluster").json["clusters"]
    create_cluster(owner, cluster)


CHANGES = ("replication-group", "shard-configuration", "increase-replica-count")


@pytest.mark.proves("GET /ec-cluster/{name}: 404; D135")
def test_what_does_not_exist_is_404(owner: Client, name: str) -> None:
    expect_error(owner.get(f"/ec-cluster/{name}"), 404, NOT_FOUND)
    expect_error(owner.request("DELETE", f"/ec-cluster/{name}"), 404, NOT_FOUND)
    for change in (*CHANGES, "decrease-replica-count"):
        expect_error(post(owner, f"/{name}/{change}", {}), 404, NOT_FOUND)


@pytest.mark.proves("D135")
def test_a_name_that_is_taken_is_400(owner: Client, cluster: str) -> None:
    answer = post(owner, "", cluster_configuration(cluster, shard_count=5))
    expect_error(answer, 400, mentions=[INVALID, cluster, "already"])
    assert described(owner, cluster)["shard_count"] == 2


REQUIRED = (
    "name",
    "node_instance_type",
    "shard_count",
    "replication_factor",
    "enforce_shard_multi_az",
)


@pytest.mark.proves("POST /ec-cluster: 400")
@pytest.mark.parametrize("member", REQUIRED)
@pytest.mark.parametrize("wrong", [None, [], {}])
def test_a_required_member_is_400_where_it_is_missing_or_of_another_type(
    owner: Client, name: str, member: str, wrong: object
) -> None:
    config = cluster_configuration(name)
    del config[member]
    expect_error(post(owner, "", config), 400, mentions=[INVALID, member])
    expect_error(post(owner, "", {**config, member: wrong}), 400, mentions=[INVALID, member])
    assert owner.get(f"/ec-cluster/{name}").status == 404


WRONG: dict[str, dict[str, Any]] = {
    "no shard": {"shard_count": 0},
    "too many shards": {"shard_count": 501},
    "a fraction of a shard": {"shard_count": 1.5},
    "a boolean for a number": {"shard_count": True},
    "fewer replicas than none": {"replication_factor": -1},
    "too many replicas": {"replication_factor": 6},
    "a text for a boolean": {"enforce_shard_multi_az": "true"},
    "an empty node type": {"node_instance_type": ""},
    "placements that are no list": {"shard_placements": {}},
    "a placement that is no object": {"shard_placements": ["a"]},
    "too few placements": {"shard_placements": [placement(0, "a", "b")]},
    "a shard twice": {"shard_placements": [placement(0, "a", "b")] * 2},
    "an unknown shard": {"shard_placements": [placement(0, "a", "b"), placement(2, "a", "b")]},
    "too few zones": {"shard_placements": [placement(0, "a"), placement(1, "a", "b")]},
    "one zone": {"shard_placements": [placement(0, "a", "a"), placement(1, "a", "b")]},
}


@pytest.mark.proves("POST /ec-cluster: 400; D137")
@pytest.mark.parametrize("members", WRONG.values(), ids=WRONG)
def test_a_value_that_no_cluster_can_have_is_400(
    owner: Client, name: str, members: dict[str, Any]
) -> None:
    answer = post(owner, "", cluster_configuration(name, **members))
    expect_error(answer, 400, mentions=[INVALID, *members])
    assert owner.get(f"/ec-cluster/{name}").status == 404


@pytest.mark.parametrize("wrong", ["", "a b", "a/b", "é", "a" * 256])
def test_a_name_that_is_not_safe_in_urls_is_400(owner: Client, wrong: str) -> None:
    expect_error(post(owner, "", cluster_configuration(wrong)), 400, mentions=["name"])


def test_a_path_with_a_name_that_no_cluster_can_have_is_400(owner: Client) -> None:
    for raw in ("a%20b", "%zz", "%ff", ""):
        expect_error(owner.get(f"/ec-cluster/{raw}"), 400, mentions=["cluster name"])


@pytest.mark.proves("All bodies need Content-Type: application/json")
@pytest.mark.parametrize("path", ["", *(f"/{{name}}/{change}" for change in CHANGES)])
def test_a_body_that_is_not_declared_as_json_is_400(owner: Client, cluster: str, path: str) -> None:
    body = json.dumps(cluster_configuration(cluster)).encode()
    target = f"/ec-cluster{path.format(name=cluster)}"
    for headers in ([], [("Content-Type", "text/plain")]):
        answer = owner.request("POST", target, body=body, headers=headers)
        expect_error(answer, 400, mentions=["Content-Type"])
    expect_error(owner.request("POST", target, body=b"{", headers=JSON), 400)


@pytest.mark.proves("POST /ec-cluster/{name}/replication-group: 202, 400")
def test_a_replication_group_changes_in_what_is_given(owner: Client, cluster: str) -> None:
    def change(**members: object) -> Response:
        return post(owner, f"/{cluster}/replication-group", members)

    before = described(owner, cluster)
    assert change().status == 202
    assert described(owner, cluster) == before
    assert change(node_instance_type="cache.r7g.large").status == 202
    assert change(enforce_shard_multi_az=False).status == 202
    after = {**before, "node_instance_type": "cache.r7g.large", "enforce_shard_multi_az": False}
    assert described(owner, cluster) == after
    expect_error(change(enforce_shard_multi_az=1), 400, mentions=[INVALID])
    expect_error(change(node_instance_type=""), 400, mentions=[INVALID])
    assert described(owner, cluster) == after


@pytest.mark.proves("POST /ec-cluster/{name}/shard-configuration: 202, 400; D137")
def test_shards_are_added_where_they_are_placed_and_removed_by_index(
    owner: Client, cluster: str
) -> None:
    def change(**members: object) -> Response:
        return post(owner, f"/{cluster}/shard-configuration", members)

    first, second = described(owner, cluster)["shard_placements"]
    new = [placement(2, "x", "y"), placement(3, "y", "x")]
    assert change(shard_count=4, shard_placements=new).status == 202
    assert described(owner, cluster)["shard_placements"] == [first, second, *new]
    assert change(shard_count=2, shards_to_remove=[0, 2]).status == 202
    assert described(owner, cluster)["shard_placements"] == [second, new[1]]
    assert change(shard_count=3).status == 202
    added, *others = described(owner, cluster)["shard_placements"]
    assert (added["shard_index"], others) == (0, [second, new[1]])


@pytest.mark.proves("POST /ec-cluster/{name}/shard-configuration: 202, 400; D137")
def test_numbers_of_shards_stay_after_a_removal_and_are_used_in_every_call(
    owner: Client, cluster: str
) -> None:
    def change(path: str, **members: object) -> Response:
        return post(owner, f"/{cluster}/{path}", members)

    def numbers() -> list[int]:
        return [each["shard_index"] for each in described(owner, cluster)["shard_placements"]]

    assert change("shard-configuration", shard_count=3).status == 202
    assert change("shard-configuration", shard_count=2, shards_to_remove=[1]).status == 202
    assert numbers() == [0, 2]
    more = [placement(0, "x", "y", "z"), placement(2, "y", "x", "z")]
    assert (
        change("increase-replica-count", replication_factor=2, shard_placements=more).status == 202
    )
    assert described(owner, cluster)["shard_placements"] == more
    gone = change("shard-configuration", shard_count=1, shards_to_remove=[1])
    expect_error(gone, 400, mentions=[INVALID, "there is no shard 1; there are 0, 2"])
    far = [placement(4, "x", "y", "z")]
    refused = change("shard-configuration", shard_count=3, shard_placements=far)
    expect_error(refused, 400, mentions=[INVALID, "shard 4 is not to be placed: 0, 1, 2, 3"])
    last = placement(3, "z", "x", "y")
    assert (
        change("shard-configuration", shard_count=3, shard_placements=[*more, last]).status == 202
    )
    assert described(owner, cluster)["shard_placements"] == [*more, last]
    assert change("shard-configuration", shard_count=1, shards_to_remove=[0, 2]).status == 202
    assert numbers() == [3]


@pytest.mark.proves("POST /ec-cluster/{name}/shard-configuration: 202, 400; D137")
def test_shards_that_exist_may_be_given_with_new_ones_but_not_moved(
    owner: Client, cluster: str
) -> None:
    first, second = described(owner, cluster)["shard_placements"]
    new = placement(2, "x", "y")

    def change(*placements: object) -> Response:
        members = {"shard_count": 3, "shard_placements": placements}
        return post(owner, f"/{cluster}/shard-configuration", members)

    moved = {**second, "availability_zone": "elsewhere"}
    expect_error(change(first, moved, new), 400, mentions=[INVALID, "shard 1", "cannot be moved"])
    expect_error(change(first, second), 400, mentions=[INVALID, "one entry for each of 1"])
    assert change(first, second, new).status == 202
    assert described(owner, cluster)["shard_placements"] == [first, second, new]
    assert len(described(owner, cluster)["shard_placements"]) == 3


BAD_SHARDS: dict[str, dict[str, Any]] = {
    "no count": {},
    "no shard": {"shard_count": 0, "shards_to_remove": [0, 1]},
    "fewer shards without their indexes": {"shard_count": 1},
    "too many to remove": {"shard_count": 1, "shards_to_remove": [0, 1]},
    "a shard to remove twice": {"shard_count": 1, "shards_to_remove": [0, 0]},
    "an unknown shard to remove": {"shard_count": 1, "shards_to_remove": [2]},
    "a text to remove": {"shard_count": 1, "shards_to_remove": ["0"]},
    "more shards and some to remove": {"shard_count": 3, "shards_to_remove": [0]},
    "a placement of an old shard": {"shard_count": 3, "shard_placements": [placement(0, "a", "b")]},
    "too few placements": {"shard_count": 4, "shard_placements": [placement(2, "a", "b")]},
}


@pytest.mark.proves("POST /ec-cluster/{name}/shard-configuration: 400")
@pytest.mark.parametrize("members", BAD_SHARDS.values(), ids=BAD_SHARDS)
def test_a_change_of_shards_that_does_not_add_up_is_400(
    owner: Client, cluster: str, members: dict[str, Any]
) -> None:
    before = described(owner, cluster)
    answer = post(owner, f"/{cluster}/shard-configuration", members)
    expect_error(answer, 400, mentions=[INVALID, "shard"])
    assert described(owner, cluster) == before


@pytest.mark.proves("POST …/increase-replica-count, …/decrease-replica-count: 202")
def test_replicas_are_added_and_removed(owner: Client, cluster: str) -> None:
    before = described(owner, cluster)
    assert (
        post(owner, f"/{cluster}/increase-replica-count", {"replication_factor": 3}).status == 202
    )
    more = described(owner, cluster)
    assert more["replication_factor"] == 3
    zones = [each["replica_availability_zones"] for each in more["shard_placements"]]
    assert [len(each) for each in zones] == [3, 3]
    assert (
        post(owner, f"/{cluster}/decrease-replica-count", {"replication_factor": 1}).status == 202
    )
    assert described(owner, cluster) == before


@pytest.mark.parametrize(
    ("change", "factor", "zones"),
    [("increase", 2, ("x", "y", "z")), ("decrease", 0, ("x",))],
)
def test_replicas_go_where_they_are_placed(
    owner: Client, cluster: str, change: str, factor: int, zones: tuple[str, ...]
) -> None:
    given = [placement(0, *zones), placement(1, *zones)]
    body = {"replication_factor": factor, "shard_placements": given}
    assert post(owner, f"/{cluster}/{change}-replica-count", body).status == 202
    assert described(owner, cluster)["shard_placements"] == given


@pytest.mark.proves("POST …/increase-replica-count, …/decrease-replica-count: 400")
@pytest.mark.parametrize(
    ("change", "factors"), [("increase", (0, 1, 6, "2", None)), ("decrease", (1, 2, -1, "0", None))]
)
def test_replicas_that_do_not_go_the_way_of_the_call_are_400(
    owner: Client, cluster: str, change: str, factors: tuple[object, ...]
) -> None:
    for factor in factors:
        body = {"replication_factor": factor}
        answer = post(owner, f"/{cluster}/{change}-replica-count", body)
        expect_error(answer, 400, mentions=[INVALID, "replication_factor"])


Call = Callable[[Client, str], Response]
READS: dict[str, Call] = {
    "list": lambda client, _: client.get("/ec-cluster"),
    "describe": lambda client, name: client.get(f"/ec-cluster/{name}"),
}
WRITES: dict[str, Call] = {
    "create": lambda client, name: post(client, "", cluster_configuration(f"{name}-2")),
    "replication group": lambda client, name: post(client, f"/{name}/replication-group", {}),
    "shards": lambda client, name: post(client, f"/{name}/shard-configuration", {"shard_count": 3}),
    "more replicas": lambda client, name: post(
        client, f"/{name}/increase-replica-count", {"replication_factor": 2}
    ),
    "fewer replicas": lambda client, name: post(
        client, f"/{name}/decrease-replica-count", {"replication_factor": 0}
    ),
    "delete": lambda client, name: client.request("DELETE", f"/ec-cluster/{name}"),
}
CALLS = {**READS, **WRITES}


@pytest.mark.proves("/ec-cluster: 401")
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_without_a_known_key_every_call_is_401(owner: Client, cluster: str, call: Call) -> None:
    expect_error(call(owner.with_key(None), cluster), 401)
    assert described(owner, cluster)["status"] == "Active"


@pytest.mark.proves("/ec-cluster: 401")
@pytest.mark.parametrize("path", ["", "/{}/replication-group", "/{}/shard-configuration"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_a_key_that_is_revoked_while_the_body_arrives_is_401(
    owner: Client, cluster: str, path: str, body: bytes
) -> None:
    made = owner.request("POST", "/_emulator/keys", headers=JSON, body=b'{"role": "owner"}').json
    answer = owner.with_key(made["api_key"]).send_late(
        "POST",
        f"/ec-cluster{path.format(cluster)}",
        body,
        lambda: owner.delete(f"/_emulator/keys/{made['key_info']['key_id']}"),
        headers=JSON,
    )
    expect_error(answer, 401)


@pytest.mark.proves("/ec-cluster: 403; D135")
@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES)
def test_who_may_not_change_stores_may_not_change_clusters(
    owner: Client, viewer: Client, cluster: str, call: Call
) -> None:
    before = described(owner, cluster)
    expect_error(call(viewer, cluster), 403)
    assert described(owner, cluster) == before


@pytest.mark.proves("D135")
@pytest.mark.parametrize("call", READS.values(), ids=READS)
def test_who_may_see_stores_may_see_clusters(viewer: Client, cluster: str, call: Call) -> None:
    assert call(viewer, cluster).status == 200


@pytest.mark.proves("D135")
@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES)
def test_an_operator_may_change_clusters(
    service: Service, owner: Client, cluster: str, call: Call
) -> None:
    assert call(service.client("operator"), cluster).status == 202
    owner.request("DELETE", f"/ec-cluster/{cluster}-2")


def test_another_method_is_405_and_another_path_404(owner: Client, cluster: str) -> None:
    for method, path, allowed in (
        ("PUT", "", "GET, HEAD, POST"),
        ("PUT", f"/{cluster}", "DELETE, GET, HEAD"),
        ("GET", f"/{cluster}/replication-group", "POST"),
    ):
        answer = owner.request(method, f"/ec-cluster{path}")
        assert (answer.status, answer.headers.all("Allow")) == (405, [allowed])
    for path in ("/shards", "/x/replication-group", "/replication-group/"):
        assert owner.request("POST", f"/ec-cluster/{cluster}{path}").status == 404
