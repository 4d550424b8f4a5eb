"""Valkey clusters, as tests make them and see them."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.stores import JSON
from tests.support.raw_client import Client, Response


def cluster_configuration(name: str, **members: Any) -> dict[str, Any]:
    """The body of Create, with these members instead of the usual ones."""
    return {
        "name": name,
        "node_instance_type": "cache.m6g.large",
        "shard_count": 2,
        "replication_factor": 1,
        "enforce_shard_multi_az": True,
        **members,
    }


def placement(index: int, *zones: str) -> dict[str, Any]:
    """The placement of a shard: the zone of its primary, then those of its replicas."""
    return {
        "shard_index": index,
        "availability_zone": zones[0],
        "replica_availability_zones": list(zones[1:]),
    }


def post(client: Client, path: str, document: object) -> Response:
    """POST a document below the path of the clusters."""
    return client.request(
        "POST", f"/ec-cluster{path}", body=json.dumps(document).encode(), headers=JSON
    )


def create_cluster(client: Client, name: str, **members: Any) -> Response:
    """Create a cluster."""
    answer = post(client, "", cluster_configuration(name, **members))
    assert answer.status == 202, answer
    return answer


def described(client: Client, name: str) -> dict[str, Any]:
    """The description of a cluster."""
    answer = client.get(f"/ec-cluster/{name}")
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.json
    return found
