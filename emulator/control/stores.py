"""Control of the object stores, by the service's own rules and without an API key (D156)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from emulator.core.clock import Clock
from emulator.core.documents import as_object
from emulator.core.model import Store
from emulator.core.operation import Operation
from emulator.core.revisions import Revision
from emulator.service.control_plane import ControlPlane
from emulator.service.store_configuration import describe
from emulator.service.stores import ExistingClusters, Stores

EXAMPLE_BUCKET = "my-bucket"
EXAMPLE_ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
"""The bucket and the role of the reference's examples."""


class StoreControl:
    """The stores of the account.

    Args:
        plane: does the operations on stores, for callers without a key.
        clusters: the clusters that exist.
        example_cluster: the cluster of a new store where there is no other.
        takes_any_cluster: whether a store may name a cluster that does not exist.
        has_own_buckets: whether any name is that of a bucket.
        changing: a lock, held while the whole state is changed.
    """

    def __init__(
        self,
        plane: ControlPlane,
        stores: Stores,
        clusters: ExistingClusters,
        clock: Clock,
        *,
        revision: Revision,
        example_cluster: str,
        takes_any_cluster: bool,
        has_own_buckets: bool,
        changing: asyncio.Lock,
    ) -> None:
        self._plane = plane
        self._stores = stores
        self._clusters = clusters
        self._clock = clock
        self._revision = revision
        self._example_cluster = example_cluster
        self._takes_any_cluster = takes_any_cluster
        self._has_own_buckets = has_own_buckets
        self._changing = changing

    async def all(self) -> list[dict[str, Any]]:
        """Describe every store, ordered by name."""
        return [describe(each, self._revision) for each in await self._stores.list()]

    async def describe(self, name: str) -> dict[str, Any]:
        """Describe a store.

        Raises:
            StoreNotFoundError: there is none of this name.
        """
        return describe(await self._stores.get(name), self._revision)

    async def put(self, name: str, document: object) -> tuple[dict[str, Any], bool]:
        """Create or update a store; return its description, and whether it is new. Required members
        that are missing are those of the store, or of a new one that works.

        Raises:
            ServiceError: as documented for Create or Update Object Store.
        """
        given = as_object(document, "request body")
        async with self._changing:
            current = await self._stores.find(name)
            required = await self._defaults(name) if current is None else _required_of(current)
            return await self._write(name, _patched(required, given))

    async def update(self, name: str, document: object) -> dict[str, Any]:
        """Change the given members of a store, as a JSON Merge Patch does (RFC 7396): null removes
        a member. Return its description.

        Raises:
            StoreNotFoundError: there is none of this name.
            ServiceError: as documented for Create or Update Object Store.
        """
        given = as_object(document, "request body")
        async with self._changing:
            current = describe(await self._stores.get(name), self._revision)
            return (await self._write(name, _patched(current, given)))[0]

    async def delete(self, name: str) -> None:
        """Delete a store. Its objects stay in the bucket, as with the service.

        Raises:
            StoreNotFoundError: there is none of this name.
        """
        async with self._changing:
            await self._plane.delete_store(self._operation("DeleteObjectStore", name))

    async def _write(self, name: str, document: object) -> tuple[dict[str, Any], bool]:
        async def read_body() -> object:
            return document

        operation = self._operation("CreateOrUpdateObjectStore", name)
        return await self._plane.put_store(operation, read_body)

    async def _defaults(self, name: str) -> dict[str, Any]:
        """Return the required members of a new store that works, with objects of its own."""
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

    def _operation(self, operation: str, store: str) -> Operation:
        return Operation(operation, store, "", self._clock.now())


def _required_of(store: Store) -> dict[str, Any]:
    s3 = {"bucket_name": store.bucket_name, "iam_role_arn": store.iam_role_arn}
    if store.prefix:
        s3["prefix"] = store.prefix
    return _required(s3, store.cluster_name)


def _required(s3: dict[str, str], cluster: str) -> dict[str, Any]:
    return {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": cluster}},
    }


def _patched(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``document`` with the members of ``patch``, as RFC 7396 merges them."""
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = _patched(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged
