"""The life of an object store: create or update, describe, delete, list."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.backends.account.base import (
    STORES,
    AccountBackend,
    Change,
    ConflictError,
    NoRoomError,
    Room,
)
from emulator.documents import member, members, refuse, text
from emulator.errors import LimitExceededError, StoreNotFoundError
from emulator.model import Store
from emulator.service.cache_tier import CacheTier

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}")


@dataclass(frozen=True, slots=True)
class StoreConfiguration:
    """What a caller says of a store when it creates or updates one."""

    bucket_name: str
    prefix: str
    iam_role_arn: str
    cluster_name: str


def parse_configuration(document: object) -> StoreConfiguration:
    """The configuration in the body of Create or Update Object Store.

    Members that the reference does not name are ignored (D12).

    Raises:
        BadRequestError: a member is missing or of the wrong type, or the ARN is none of a role
            (D13). The message names the member.
    """
    body = members(document, "request body")
    storage = members(member(body, "storage_config"), "storage_config")
    s3 = members(member(storage, "storage_config.s3"), "storage_config.s3")
    cache = members(member(body, "cache_config"), "cache_config")
    cluster = members(member(cache, "cache_config.valkey_cluster"), "cache_config.valkey_cluster")
    arn = _text(s3, "storage_config.s3.iam_role_arn")
    if not _ROLE_ARN.fullmatch(arn):
        refuse(
            "storage_config.s3.iam_role_arn",
            "it must be the ARN of an IAM role, "
            "as in arn:aws:iam::123456789012:role/MomentoObjectStoreRole",
        )
    return StoreConfiguration(
        bucket_name=_text(s3, "storage_config.s3.bucket_name"),
        prefix=text(s3.get("prefix", ""), "storage_config.s3.prefix", may_be_empty=True),
        iam_role_arn=arn,
        cluster_name=_text(cluster, "cache_config.valkey_cluster.cluster_name"),
    )


def describe(store: Store) -> dict[str, Any]:
    """The body that create, update and describe answer with."""
    s3 = {"bucket_name": store.bucket_name}
    if store.prefix:
        s3["prefix"] = store.prefix
    s3["iam_role_arn"] = store.iam_role_arn
    return {
        "name": store.name,
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": store.cluster_name}},
    }


class Stores:
    """The stores of the account.

    Args:
        max_stores: how many there may be, or None for any number (D23).
    """

    def __init__(
        self, account: AccountBackend, cache: CacheTier, *, max_stores: int | None = None
    ) -> None:
        self._account = account
        self._cache = cache
        self._max_stores = max_stores

    async def get(self, name: str) -> Store:
        """The store of that name.

        Raises:
            StoreNotFoundError: there is none.
        """
        found = await self._account.get(STORES, name)
        if found is None:
            raise StoreNotFoundError
        return found.record

    async def list(self) -> list[Store]:
        """Every store, ordered by name (D24)."""
        return [entry.record for entry in (await self._account.entries(STORES)).values()]

    async def put(self, name: str, configuration: StoreConfiguration) -> tuple[Store, bool]:
        """Create the store, or give it another configuration; and say whether it is new.

        A store whose bucket, prefix or cluster changes starts with an empty cache; otherwise it
        keeps what it has cached (D28).

        Raises:
            LimitExceededError: the store is new and the account has as many as it may.
        """
        while True:
            found = await self._account.get(STORES, name)
            before = None if found is None else found.record
            store = _configured(name, configuration, before)
            try:
                await self._write(store, None if found is None else found.version)
            except ConflictError:
                continue  # Somebody else has changed the store meanwhile: decide afresh.
            except NoRoomError:
                if await self._account.get(STORES, name) is not None:
                    continue  # It is the one that took the last room.
                raise LimitExceededError(
                    f"Account limit exceeded: it may have at most {self._max_stores} object stores"
                ) from None
            if before is not None and before.cache_namespace != store.cache_namespace:
                await self._cache.drop(before)
            return store, before is None

    async def delete(self, name: str) -> None:
        """Delete the store. Its objects stay in the bucket, what it had cached is gone (D15).

        Raises:
            StoreNotFoundError: there is none of that name.
        """
        while True:
            found = await self._account.get(STORES, name)
            if found is None:
                raise StoreNotFoundError
            try:
                await self._account.delete(STORES, name, expected=found.version)
            except ConflictError:
                continue
            await self._cache.drop(found.record)
            return

    async def _write(self, store: Store, expected: int | None) -> None:
        is_limited = expected is None and self._max_stores is not None
        room = Room(STORES, self._max_stores or 0) if is_limited else None
        await self._account.commit(Change(STORES, store.name, store, expected), room=room)


def _configured(name: str, configuration: StoreConfiguration, before: Store | None) -> Store:
    store = Store(
        name=name,
        bucket_name=configuration.bucket_name,
        prefix=configuration.prefix,
        iam_role_arn=configuration.iam_role_arn,
        cluster_name=configuration.cluster_name,
        cache_namespace=uuid.uuid4().hex,
    )
    if before is not None and before.caches_same_objects_as(store):
        return replace(store, cache_namespace=before.cache_namespace)
    return store


def _text(parent: Mapping[str, object], path: str) -> str:
    return text(member(parent, path), path)
