"""The Valkey clusters of the account: their life, on the emulator's clock."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from emulator.backends.account.base import (
    CLUSTERS,
    AccountBackend,
    Change,
    ConflictError,
    Versioned,
)
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import BadRequestError, ClusterNotFoundError
from emulator.core.model import Cluster
from emulator.service.cache_tier import CacheTier
from emulator.service.cluster_configuration import (
    ACTIVE,
    CREATING,
    CREATION_FAILED,
    DELETING,
    UPDATING,
)

INVALID = "Invalid cluster configuration"

_USABLE = (ACTIVE, UPDATING)
"""The statuses in which a store may name a cluster."""


class Clusters:
    """The clusters of the account, and the names that exist without being in it.

    A change ends when the clock reaches its instant. Nothing runs meanwhile: the status follows
    from the record and the time.

    Args:
        delay: how long a creation, a change and a deletion take, in seconds.
        configured: names that stores may use too. They are no clusters of the account (D136).
    """

    def __init__(
        self,
        account: AccountBackend,
        cache: CacheTier,
        clock: Clock,
        *,
        delay: float = 0.0,
        configured: Collection[str] = (),
    ) -> None:
        self._account = account
        self._cache = cache
        self._clock = clock
        self._delay = round(delay * MICROSECONDS)
        self._configured = configured

    def status(self, cluster: Cluster) -> str:
        """The status of a cluster now."""
        if cluster.change and self._clock.now() < cluster.until:
            return cluster.change
        return CREATION_FAILED if cluster.errors else ACTIVE

    async def list(self) -> list[Cluster]:
        """List all clusters, ordered by name (D24)."""
        entries = await self._account.entries(CLUSTERS)
        return [each.record for each in entries.values() if not self._is_gone(each.record)]

    async def get(self, name: str) -> Cluster:
        """Return the cluster of this name.

        Raises:
            ClusterNotFoundError: there is none.
        """
        return (await self._require(name)).record

    async def existing(self) -> Collection[str]:
        """The names that a store may use."""
        usable = (each.name for each in await self.list() if self.status(each) in _USABLE)
        return {*self._configured, *usable}

    async def create(self, cluster: Cluster, *, error: str | None = None) -> Cluster:
        """Begin to create a cluster; with ``error`` it ends as ``CreationFailed``.

        Raises:
            BadRequestError: there is one of this name.
        """
        new = self._changing(replace(cluster, errors=() if error is None else (error,)), CREATING)
        await self._write(new, may_exist=False)
        return new

    async def put(self, cluster: Cluster) -> Cluster:
        """Write an active cluster, at once, instead of any of this name."""
        await self._write(cluster, may_exist=True)
        return cluster

    async def add(self, cluster: Cluster) -> Cluster:
        """Create an active cluster at once.

        Raises:
            BadRequestError: there is one of this name.
        """
        await self._write(cluster, may_exist=False)
        return cluster

    async def update(self, name: str, change: Callable[[Cluster], Cluster]) -> Cluster:
        """Begin to change a cluster.

        Raises:
            ClusterNotFoundError: there is none of this name.
            BadRequestError: it is not active, or ``change`` refuses.
        """
        while True:
            found = await self._require(name)
            status = self.status(found.record)
            if status != ACTIVE:
                raise BadRequestError(
                    f"{INVALID}: the cluster {name!r} is {status}, and must be {ACTIVE}"
                )
            changed = self._changing(change(found.record), UPDATING)
            try:
                await self._account.put(CLUSTERS, name, changed, expected=found.version)
            except ConflictError:
                continue  # Somebody else has changed it meanwhile: try again.
            return changed

    async def delete(self, name: str) -> Cluster:
        """Begin to delete a cluster. What its stores have cached is forgotten first; the stores
        stay, and begin again with an empty cache (D139).

        Raises:
            ClusterNotFoundError: there is none of this name.
        """
        while True:
            found = await self._require(name)
            await self._cache.flush(name)
            deleted = found.record
            if self.status(deleted) != DELETING:
                deleted = self._changing(deleted, DELETING)
            try:
                await self._save(deleted, found.version)
            except ConflictError:
                continue
            return deleted

    async def remove(self, name: str) -> None:
        """Delete a cluster at once, as ``delete`` does after its time.

        Raises:
            ClusterNotFoundError: there is none of this name.
        """
        while True:
            found = await self._require(name)
            await self._cache.flush(name)
            try:
                await self._account.delete(CLUSTERS, name, expected=found.version)
            except ConflictError:
                continue
            return

    async def _write(self, cluster: Cluster, *, may_exist: bool) -> None:
        """Write a new cluster, and remove the records of those whose deletion has ended."""
        while True:
            entries = await self._account.entries(CLUSTERS)
            gone = {name for name, each in entries.items() if self._is_gone(each.record)}
            found = entries.get(cluster.name)
            if found is not None and not may_exist and cluster.name not in gone:
                raise BadRequestError(f"{INVALID}: there is a cluster {cluster.name!r} already")
            expected = None if found is None else found.version
            try:
                await self._account.commit(
                    Change(CLUSTERS, cluster.name, cluster, expected),
                    *(
                        Change(CLUSTERS, name, None, entries[name].version)
                        for name in gone - {cluster.name}
                    ),
                )
            except ConflictError:
                continue
            return

    async def _save(self, deleted: Cluster, expected: int) -> None:
        if self._is_gone(deleted):
            await self._account.delete(CLUSTERS, deleted.name, expected=expected)
        else:
            await self._account.put(CLUSTERS, deleted.name, deleted, expected=expected)

    async def _require(self, name: str) -> Versioned[Cluster]:
        found = await self._account.get(CLUSTERS, name)
        if found is None or self._is_gone(found.record):
            raise ClusterNotFoundError
        return found

    def _changing(self, cluster: Cluster, change: str) -> Cluster:
        return replace(cluster, change=change, until=self._clock.now() + self._delay)

    def _is_gone(self, cluster: Cluster) -> bool:
        return cluster.change == DELETING and self._clock.now() >= cluster.until
