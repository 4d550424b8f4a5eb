"""Handlers of the operations on Valkey clusters: each parses, calls the plane and renders."""

from __future__ import annotations

from functools import partial

from aiohttp import hdrs

from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Handler, Incoming, Table
from emulator.http.message import Response
from emulator.http.render import json_response
from emulator.http.request import json_document
from emulator.service.cluster_plane import (
    Change,
    ClusterPlane,
    change_group,
    change_shards,
    decrease_replicas,
    increase_replicas,
)

_ACCEPTED = 202


class ClusterHandlers:
    """One method for each operation."""

    def __init__(self, clusters: ClusterPlane) -> None:
        self._clusters = clusters

    def table(self) -> Table:
        """Every operation by resource and method. HEAD is GET without its body (D17)."""
        list_clusters = Endpoint(self.list, "ListValkeyClusters")
        describe = Endpoint(self.describe, "DescribeValkeyCluster")
        post = hdrs.METH_POST
        return {
            Resource.CLUSTERS: {
                hdrs.METH_GET: list_clusters,
                hdrs.METH_HEAD: list_clusters,
                post: Endpoint(self.create, "CreateValkeyCluster"),
            },
            Resource.CLUSTER: {
                hdrs.METH_GET: describe,
                hdrs.METH_HEAD: describe,
                hdrs.METH_DELETE: Endpoint(self.delete, "DeleteValkeyCluster"),
            },
            Resource.REPLICATION_GROUP: {
                post: Endpoint(self.changing(change_group), "UpdateReplicationGroup")
            },
            Resource.SHARD_CONFIGURATION: {
                post: Endpoint(self.changing(change_shards), "UpdateShardConfiguration")
            },
            Resource.MORE_REPLICAS: {
                post: Endpoint(self.changing(increase_replicas), "IncreaseReplicaCount")
            },
            Resource.FEWER_REPLICAS: {
                post: Endpoint(self.changing(decrease_replicas), "DecreaseReplicaCount")
            },
        }

    async def create(self, incoming: Incoming) -> Response:
        created = await self._clusters.create(incoming.operation, partial(json_document, incoming))
        return json_response(created, status=_ACCEPTED)

    async def list(self, incoming: Incoming) -> Response:
        return json_response(await self._clusters.list(incoming.operation))

    async def describe(self, incoming: Incoming) -> Response:
        return json_response(
            await self._clusters.describe(incoming.operation, incoming.target.item)
        )

    async def delete(self, incoming: Incoming) -> Response:
        deleted = await self._clusters.delete(incoming.operation, incoming.target.item)
        return json_response(deleted, status=_ACCEPTED)

    def changing(self, change: Change) -> Handler:
        """The handler of an operation that makes this change."""

        async def handle(incoming: Incoming) -> Response:
            changed = await self._clusters.update(
                incoming.operation,
                incoming.target.item,
                partial(json_document, incoming),
                change,
            )
            return json_response(changed, status=_ACCEPTED)

        return handle
