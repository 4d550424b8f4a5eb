"""Control of the Valkey clusters: list, create, show and delete them, without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.core.model import Cluster
from emulator.service.cluster_configuration import describe, parse_cluster
from emulator.service.clusters import Clusters

_DEFAULTS: Mapping[str, object] = {
    "node_instance_type": "cache.m6g.large",
    "shard_count": 1,
    "replication_factor": 1,
    "enforce_shard_multi_az": False,
}
"""What a cluster has unless it is given."""


class ClusterControl:
    """The clusters of the account. What is done here is done at once, whatever the delay.

    Args:
        changing: a lock, held while the whole state is changed.
    """

    def __init__(self, clusters: Clusters, changing: asyncio.Lock) -> None:
        self._clusters = clusters
        self._changing = changing

    async def all(self) -> list[dict[str, Any]]:
        """Describe every cluster, ordered by name."""
        return [self._described(each) for each in await self._clusters.list()]

    async def describe(self, name: str) -> dict[str, Any]:
        """Describe a cluster.

        Raises:
            ClusterNotFoundError: there is none of this name.
        """
        return self._described(await self._clusters.get(name))

    async def create(self, members: Mapping[str, object]) -> dict[str, Any]:
        """Create a cluster that is active or, with the member ``error``, ``CreationFailed``.

        Raises:
            BadRequestError: a member is not valid, or there is a cluster of this name.
        """
        given = {name: value for name, value in members.items() if value is not None}
        error = given.pop("error", None)
        cluster = parse_cluster({**_DEFAULTS, **given})
        cluster = replace(cluster, errors=() if error is None else (str(error),))
        async with self._changing:
            return self._described(await self._clusters.add(cluster))

    async def delete(self, name: str) -> None:
        """Delete a cluster, and what its stores have cached (D139).

        Raises:
            ClusterNotFoundError: there is none of this name.
        """
        async with self._changing:
            await self._clusters.remove(name)

    def _described(self, cluster: Cluster) -> dict[str, Any]:
        return describe(cluster, self._clusters.status(cluster))
