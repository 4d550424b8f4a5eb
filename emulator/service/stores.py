"""The life of an object store: create or update, describe, delete, list."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from emulator.backends.account.base import (
    STORES,
    AccountBackend,
    Change,
    ConflictError,
    NoRoomError,
    Room,
)
from emulator.core.documents import refuse
from emulator.core.errors import BadRequestError, LimitExceededError, StoreNotFoundError
from emulator.core.model import LogDestination, Store
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service.cache_tier import CacheTier
from emulator.service.store_configuration import (
    CLUSTER,
    LOG_GROUP,
    StoreConfiguration,
    immutable_fields,
)


class LogGroups(Protocol):
    """Those that exist; as a text, which these are."""

    async def has(self, destination: LogDestination, store_name: str) -> bool:
        """Whether there is this one, as the store of that name finds it."""


class Stores:
    """The stores of the account.

    Args:
        max_stores: how many there may be, or None for any number (D23).
        revision: says what of a store cannot change, and what has to exist.
        clusters: those that exist, or None where any name is one.
        log_groups: those that exist, or None where any name is one.
    """

    def __init__(
        self,
        account: AccountBackend,
        cache: CacheTier,
        *,
        max_stores: int | None = None,
        revision: Revision = FIRST,
        clusters: Collection[str] | None = None,
        log_groups: LogGroups | None = None,
    ) -> None:
        self._account = account
        self._cache = cache
        self._max_stores = max_stores
        self._is_immutable = revision.has(Feature.IMMUTABLE_STORE_FIELDS)
        self._clusters = clusters if revision.has(Feature.CLUSTER_MUST_EXIST) else None
        self._log_groups = log_groups if revision.has(Feature.LOG_GROUP_MUST_EXIST) else None

    async def get(self, name: str) -> Store:
        """The store of that name.

        Raises:
            StoreNotFoundError: there is none.
        """
        found = await self._account.get(STORES, name)
        if found is None:
            raise StoreNotFoundError
        return found.record

    async def find(self, name: str) -> Store | None:
        """The store of that name; None where there is none."""
        found = await self._account.get(STORES, name)
        return None if found is None else found.record

    async def list(self) -> list[Store]:
        """Every store, ordered by name (D24)."""
        return [entry.record for entry in (await self._account.entries(STORES)).values()]

    async def put(self, name: str, configuration: StoreConfiguration) -> tuple[Store, bool]:
        """Create the store, or give it another configuration; and say whether it is new.

        A store whose bucket, prefix or cluster changes starts with an empty cache; otherwise it
        keeps what it has cached (D28).

        Raises:
            BadRequestError: what cannot change would, or what has to exist does not.
            LimitExceededError: the store is new and the account has as many as it may.
        """
        await self._require_existence(name, configuration)
        while True:
            found = await self._account.get(STORES, name)
            before = None if found is None else found.record
            if before is not None and self._is_immutable:
                _require_unchanged(configuration, before)
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

    async def _require_existence(self, name: str, configuration: StoreConfiguration) -> None:
        cluster, logs = configuration.cluster_name, configuration.access_logs
        if self._clusters is not None and cluster not in self._clusters:
            there_are = ", ".join(sorted(self._clusters)) or "none"
            refuse(CLUSTER, f"there is no cluster {cluster!r}; there are {there_are}")
        groups = self._log_groups
        if logs is not None and groups is not None and not await groups.has(logs, name):
            refuse(LOG_GROUP, f"there is no log group {logs.log_group_name!r}; there are {groups}")

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
        access_logs=configuration.access_logs,
        metrics=configuration.metrics,
        limits=configuration.limits,
    )
    if before is not None and before.caches_same_objects_as(store):
        return replace(store, cache_namespace=before.cache_namespace)
    return store


def _require_unchanged(configuration: StoreConfiguration, store: Store) -> None:
    changed = immutable_fields(configuration, store)
    if changed:
        raise BadRequestError(
            f"Invalid {', '.join(changed)}: no change of that once the store exists; "
            "delete the store, or make another"
        )
