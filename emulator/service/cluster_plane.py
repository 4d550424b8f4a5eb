"""The operations on Valkey clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emulator.auth.access import CHANGE_CLUSTER, DESCRIBE_CLUSTER, LIST_CLUSTERS
from emulator.core.errors import BadRequestError
from emulator.core.model import Cluster
from emulator.core.operation import Operation
from emulator.core.permission_set import Access
from emulator.service import cluster_configuration as configuration
from emulator.service.admission import Admission, Admitted, ReadBody
from emulator.service.cluster_configuration import CREATING, DELETING, UPDATING, describe
from emulator.service.clusters import INVALID, Clusters
from emulator.service.names import parse_cluster_name

Change = Callable[[Cluster, object], Cluster]
"""Returns a cluster changed as the document in a request's body says. Raises ``BadRequestError`` if
that is not valid."""


class ClusterPlane:
    """The operations on Valkey clusters, which every revision has.

    Names are as in the raw path. Every method raises a ``ServiceError`` as documented for its
    operation. What is accepted is answered with the cluster's description (D134).
    """

    def __init__(self, admission: Admission, clusters: Clusters) -> None:
        self._admission = admission
        self._clusters = clusters

    async def create(self, operation: Operation, read_body: ReadBody) -> dict[str, Any]:
        """Create a cluster."""
        admitted = await self._admission.admit(operation, CHANGE_CLUSTER)
        body = await self._admission.body(admitted, read_body)
        cluster = _valid(configuration.parse_cluster, body)
        fault = operation.response_fault
        error = None if fault is None else fault.creation_error
        return describe(await self._clusters.create(cluster, error=error), CREATING)

    async def list(self, operation: Operation) -> dict[str, Any]:
        """List the clusters: their names."""
        await self._admission.admit(operation, LIST_CLUSTERS)
        return {"clusters": [{"name": each.name} for each in await self._clusters.list()]}

    async def describe(self, operation: Operation, raw_name: str) -> dict[str, Any]:
        """Describe a cluster."""
        name = (await self._admit(operation, DESCRIBE_CLUSTER, raw_name)).names
        cluster = await self._clusters.get(name)
        return describe(cluster, self._clusters.status(cluster))

    async def delete(self, operation: Operation, raw_name: str) -> dict[str, Any]:
        """Delete a cluster."""
        name = (await self._admit(operation, CHANGE_CLUSTER, raw_name)).names
        return describe(await self._clusters.delete(name), DELETING)

    async def update(
        self, operation: Operation, raw_name: str, read_body: ReadBody, change: Change
    ) -> dict[str, Any]:
        """Change a cluster, as one of the functions below says."""
        admitted = await self._admit(operation, CHANGE_CLUSTER, raw_name)
        name = admitted.names
        await self._clusters.get(name)  # 404 comes before what is wrong with the body (D01).
        body = await self._admission.body(admitted, read_body)

        def changed(cluster: Cluster) -> Cluster:
            return _valid(lambda document: change(cluster, document), body)

        return describe(await self._clusters.update(name, changed), UPDATING)

    async def _admit(self, operation: Operation, access: Access, raw_name: str) -> Admitted[str]:
        def parse(_operation: Operation) -> str:
            return parse_cluster_name(raw_name)

        return await self._admission.admit(operation, access, parse)


def _valid(parse: Callable[[object], Cluster], body: object) -> Cluster:
    try:
        return parse(body)
    except BadRequestError as error:
        raise BadRequestError(f"{INVALID}: {error.message}") from None


def change_group(cluster: Cluster, document: object) -> Cluster:
    """Change the type of the nodes, and whether a shard must be in several zones."""
    node_type, multi_az = configuration.parse_group_change(document)
    changed = replace(
        cluster,
        node_instance_type=cluster.node_instance_type if node_type is None else node_type,
        enforce_shard_multi_az=cluster.enforce_shard_multi_az if multi_az is None else multi_az,
    )
    configuration.require_zones(changed)
    return changed


def change_shards(cluster: Cluster, document: object) -> Cluster:
    """Change the number of shards. Those that are left keep their numbers: a plan that names them
    by these must find nothing to change afterwards (D137)."""
    wanted = configuration.parse_shard_change(document, cluster)
    kept = [each for each in cluster.shard_placements if each.shard_index not in wanted.removed]
    changed = replace(
        cluster,
        shard_count=wanted.shard_count,
        shard_placements=configuration.in_order([*kept, *wanted.added]),
    )
    configuration.require_zones(changed)
    return changed


def increase_replicas(cluster: Cluster, document: object) -> Cluster:
    """Add replicas to each shard."""
    wanted = configuration.parse_replica_change(document, cluster, increase=True)
    return _with_replicas(cluster, wanted)


def decrease_replicas(cluster: Cluster, document: object) -> Cluster:
    """Remove replicas of each shard, the last ones first."""
    wanted = configuration.parse_replica_change(document, cluster, increase=False)
    return _with_replicas(cluster, wanted)


def _with_replicas(cluster: Cluster, wanted: configuration.ReplicaChange) -> Cluster:
    factor = wanted.replication_factor
    placements = tuple(configuration.resized(each, factor) for each in cluster.shard_placements)
    changed = replace(cluster, replication_factor=factor, shard_placements=placements)
    changed = configuration.with_placements(changed, wanted.placements)
    configuration.require_zones(changed)
    return changed
