"""What a store has where its configuration does not say it (D156)."""

from __future__ import annotations

from typing import Any

from emulator.core.model import Store
from emulator.service.stores import ExistingClusters, Stores

EXAMPLE_BUCKET = "my-bucket"
EXAMPLE_ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
"""The bucket and the role of the reference's examples."""


class NewStores:
    """Completes the configurations of stores.

    Args:
        stores: the stores of the account.
        clusters: the clusters that exist.
        example_cluster: the cluster of a new store where there is no other.
        takes_any_cluster: whether a store may name a cluster that does not exist.
        has_own_buckets: whether any name is that of a bucket.
    """

    def __init__(
        self,
        stores: Stores,
        clusters: ExistingClusters,
        *,
        example_cluster: str,
        takes_any_cluster: bool,
        has_own_buckets: bool,
    ) -> None:
        self._stores = stores
        self._clusters = clusters
        self._example_cluster = example_cluster
        self._takes_any_cluster = takes_any_cluster
        self._has_own_buckets = has_own_buckets

    async def required(self, name: str) -> dict[str, Any]:
        """Return the required members of the store's configuration: its own if it exists, else
        those of a new one that works, with objects of its own."""
        current = await self._stores.find(name)
        return await self._of_new(name) if current is None else _of(current)

    async def _of_new(self, name: str) -> dict[str, Any]:
        stores, clusters = await self._stores.list(), sorted(await self._clusters.existing())
        first = stores[0] if stores else None
        if first is not None and (self._takes_any_cluster or first.cluster_name in clusters):
            cluster = first.cluster_name
        else:
            cluster = clusters[0] if clusters else self._example_cluster
        role = EXAMPLE_ROLE_ARN if first is None else first.iam_role_arn
        if self._has_own_buckets:
            s3 = {"bucket_name": name, "iam_role_arn": role}
        else:
            bucket = EXAMPLE_BUCKET if first is None else first.bucket_name
            s3 = {"bucket_name": bucket, "prefix": name, "iam_role_arn": role}
        return _required(s3, cluster)


def _of(store: Store) -> dict[str, Any]:
    s3 = {"bucket_name": store.bucket_name, "iam_role_arn": store.iam_role_arn}
    if store.prefix:
        s3["prefix"] = store.prefix
    return _required(s3, store.cluster_name)


def _required(s3: dict[str, str], cluster: str) -> dict[str, Any]:
    return {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": cluster}},
    }
