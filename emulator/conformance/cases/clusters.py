"""The Valkey cluster of a run: how it is created, described and changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulator.conformance.answer import Answer
from emulator.conformance.target import Target

PATH = "/ec-cluster"
SHARDS = 2
REPLICAS = 1

_POLL_SECONDS = 20
_POLLS = 180
"""For an hour: no time is documented within which a cluster is created, changed or gone."""


class Cluster(NamedTuple):
    """A cluster that has become Active."""

    name: str
    created: Answer
    described: dict[str, Any]


def cluster_body(target: Target, **changes: Any) -> dict[str, Any]:
    """The body of Create, with members changed or added."""
    return {
        "name": target.fresh_name(),
        "node_instance_type": "cache.m6g.large",
        "shard_count": SHARDS,
        "replication_factor": REPLICAS,
        "enforce_shard_multi_az": True,
        **changes,
    }


def create(target: Target) -> Cluster:
    """Create a cluster, and wait until it is Active. The run deletes it at its end."""
    body = cluster_body(target)
    created = target.send_json("POST", PATH, body)
    assert created.status < 300, f"no cluster is created: {created.status}"
    return Cluster(body["name"], created, when_active(target, body["name"]))


def describe(target: Target, name: str) -> Answer:
    return target.request("GET", f"{PATH}/{name}")


def when_active(target: Target, name: str) -> dict[str, Any]:
    """Return the description of a cluster as soon as it is Active."""
    status = None
    for _ in range(_POLLS):
        answer = describe(target, name)
        if answer.status == 200:
            found: dict[str, Any] = answer.json()
            status = found["status"]
            if status == "Active":
                return found
        target.wait(_POLL_SECONDS)
    raise AssertionError(f"the cluster does not become Active; it is {status}")


def expect_gone(target: Target, name: str) -> None:
    """The cluster can be described no more, sooner or later."""
    for _ in range(_POLLS):
        if describe(target, name).status == 404:
            return
        target.wait(_POLL_SECONDS)
    raise AssertionError("the cluster is still described")


def change(target: Target, cluster: Cluster, call: str, **members: Any) -> Answer:
    """Ask for a change of the cluster, once it is Active."""
    when_active(target, cluster.name)
    return target.send_json("POST", f"{PATH}/{cluster.name}/{call}", members)
