"""Object stores: create or update, describe, delete, list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
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
from emulator.core.documents import invalid
from emulator.core.errors import BadRequestError, LimitExceededError, StoreNotFoundError
from emulator.core.model import LogDestination, Store
from emulator.core.private import new_id
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service.cache_tier import CacheTier
from emulator.service.store_configuration import (
    CLUSTER,
    LOG_GROUP,
    StoreConfiguration,
    immutable_fields,
)


class LogGroups(Protocol):
    """Known log groups; ``str()`` lists them."""

    async def has(self, destination: LogDestination, store_name: str) -> bool:
        """Whether the log group exists, seen with the role of the store of this name."""


class ExistingClusters(Protocol):
    """Known clusters."""

    async def existing(self) -> Collection[str]:
        """The names that a store may use."""


class Stores:
    """The stores of the account.

    Args:
        max_stores: the most stores, or None for any number (D23).
        revision: decides which fields of a store cannot change, and what must exist.
        clusters: the clusters that exist, or None to accept any name.
        log_groups: the log groups that exist, or None to accept any name.
    """

    def __init__(
        self,
        account: AccountBackend,
        cache: CacheTier,
        *,
        max_stores: int | None = None,
        revision: Revision = FIRST,
        clusters: ExistingClusters | None = None,
        log_groups: LogGroups | None = None,
    ) -> None:
        self._account = account
        self._cache = cache
        self._max_stores = max_stores
        self.on_departure: Callable[[Store], Awaitable[None]] = _do_nothing
        """Called with a store that was deleted, or as it was before its telemetry was changed."""
        self._is_immutable = revision.has(Feature.IMMUTABLE_STORE_FIELDS)
        self._clusters = clusters if revision.has(Feature.CLUSTER_MUST_EXIST) else None
        self._log_groups = log_groups if revision.has(Feature.LOG_GROUP_MUST_EXIST) else None

    def get_now(self, name: str) -> Store | None:
        """Return the store of this name, if there is one and that can be told without waiting."""
        records = self._account.records
        found = None if records is None else records[STORES.name].get(name)
        return None if found is None else found.record

    async def get(self, name: str) -> Store:
        """Return the store of this name.

        Raises:
            StoreNotFoundError: there is none.
        """
        found = await self._account.get(STORES, name)
        if found is None:
            raise StoreNotFoundError
        return found.record

    async def find(self, name: str) -> Store | None:
        """Return the store of this name, or None."""
        found = await self._account.get(STORES, name)
        return None if found is None else found.record

    async def list(self) -> list[Store]:
        """List all stores, ordered by name (D24)."""
        return [entry.record for entry in (await self._account.entries(STORES)).values()]

    async def put(self, name: str, configuration: StoreConfiguration) -> tuple[Store, bool]:
        """Create or update the store; return it, and whether it is new.

        A store whose bucket, prefix or cluster changes starts with an empty cache; otherwise it
        keeps its cached objects (D28).

        Raises:
            BadRequestError: an immutable field would change, or the cluster or the log group must
                exist and does not.
            LimitExceededError: the account has the most stores that it may have.
        """
        if self._is_immutable and (existing := await self.find(name)) is not None:
            _require_unchanged(configuration, existing)
        await self._require_existence(name, configuration)
        while True:
            found = await self._account.get(STORES, name)
            before = None if found is None else found.record
            if before is not None and self._is_immutable:
                _require_unchanged(configuration, before)  # It may be another one by now.
            store = _configured(name, configuration)
            store = replace(store, cache_namespace=await self._namespace_of(store, before))
            try:
                await self._write(store, None if found is None else found.version)
            except ConflictError:
                continue  # Somebody else has changed the store meanwhile: try again.
            except NoRoomError:
                if await self._account.get(STORES, name) is not None:
                    continue  # Somebody else has just created this store: update it.
                raise LimitExceededError(
                    f"Account limit exceeded: it may have at most {self._max_stores} object stores"
                ) from None
            if before is not None and before.cache_namespace != store.cache_namespace:
                await self._forget(before)
            if before is not None and not before.has_telemetry_of(store):
                await self.on_departure(before)
            return store, before is None

    async def delete(self, name: str) -> None:
        """Delete the store. Its objects stay in the bucket, its cached copies are removed (D15).

        Raises:
            StoreNotFoundError: there is none of this name.
        """
        while True:
            found = await self._account.get(STORES, name)
            if found is None:
                raise StoreNotFoundError
            try:
                await self._account.delete(STORES, name, expected=found.version)
            except ConflictError:
                continue
            await self._forget(found.record)
            await self.on_departure(found.record)
            return

    async def _require_existence(self, name: str, configuration: StoreConfiguration) -> None:
        cluster, logs = configuration.cluster_name, configuration.access_logs
        if self._clusters is not None:
            existing = await self._clusters.existing()
            if cluster not in existing:
                there_are = ", ".join(sorted(existing)) or "none"
                invalid(
                    CLUSTER,
                    f"there is no cluster {cluster!r}; there are {there_are}. Create it with POST "
                    "/ec-cluster, or start the emulator with --clusters, or with "
                    "--no-strict-clusters",
                )
        groups = self._log_groups
        if logs is not None and groups is not None and not await groups.has(logs, name):
            invalid(
                LOG_GROUP,
                f"there is no log group {logs.log_group_name!r}; there are {groups}. Start the "
                "emulator with --log-groups, or with --cloudwatch and the log group there, or with "
                "--no-strict-log-groups",
            )

    async def _namespace_of(self, store: Store, before: Store | None) -> str:
        """Return the namespace of the cache of ``store``, which was ``before`` (D28)."""
        if before is not None and before.caches_same_objects_as(store):
            return before.cache_namespace
        entries = await self._account.entries(STORES)
        return new_id({entry.record.cache_namespace for entry in entries.values()})

    async def _forget(self, store: Store) -> None:
        """Remove the cached copies of a store that is deleted or has another cache now."""
        await self._cache.drop(store)

    async def _write(self, store: Store, expected: int | None) -> None:
        is_limited = expected is None and self._max_stores is not None
        room = Room(STORES, self._max_stores or 0) if is_limited else None
        await self._account.commit(Change(STORES, store.name, store, expected), room=room)


async def _do_nothing(store: Store) -> None:
    """Nobody keeps anything for a store."""


def _configured(name: str, configuration: StoreConfiguration) -> Store:
    """Return the store without its cache's namespace."""
    return Store(
        name=name,
        bucket_name=configuration.bucket_name,
        prefix=configuration.prefix,
        iam_role_arn=configuration.iam_role_arn,
        cluster_name=configuration.cluster_name,
        cache_namespace="",
        access_logs=configuration.access_logs,
        metrics=configuration.metrics,
        limits=configuration.limits,
    )


def _require_unchanged(configuration: StoreConfiguration, store: Store) -> None:
    changed = immutable_fields(configuration, store)
    if changed:
        raise BadRequestError(
            f"Invalid {', '.join(changed)}: cannot be changed while the store exists; "
            "delete the store, or create another one"
        )
