"""Handle of the Valkey clusters."""

from __future__ import annotations

from typing import Any

from emulator.handles.run import Handle

__tracebackhide__ = True  # pytest shows the line of the test that called.


class ClustersHandle(Handle):
    """The Valkey clusters of the account. What is done here is done at once."""

    def all(self) -> list[dict[str, Any]]:
        """Return the description of every cluster, ordered by name."""
        return self._run(lambda control: control.clusters.all())

    def get(self, name: str) -> dict[str, Any]:
        """Return the description of a cluster, as ``GET /ec-cluster/{name}`` answers.

        Raises:
            LookupError: there is no such cluster.
        """
        return self._run(lambda control: control.clusters.describe(name))

    def create(
        self,
        name: str,
        *,
        node_instance_type: str | None = None,
        shard_count: int | None = None,
        replication_factor: int | None = None,
        error: str | None = None,
    ) -> dict[str, Any]:
        """Create a cluster that is active or, with ``error``, ``CreationFailed``; return its
        description. By default it has one shard of ``cache.m6g.large`` with one replica.

        Raises:
            ValueError: a value is not valid, or there is a cluster of this name.
        """
        members = {
            "name": name,
            "node_instance_type": node_instance_type,
            "shard_count": shard_count,
            "replication_factor": replication_factor,
            "error": error,
        }
        return self._run(lambda control: control.clusters.create(members))

    def delete(self, name: str) -> None:
        """Delete a cluster, and what its stores have cached.

        Raises:
            LookupError: there is no such cluster.
        """
        self._run(lambda control: control.clusters.delete(name))
