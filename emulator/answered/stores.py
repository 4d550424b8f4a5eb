"""Stores by the answers of an endpoint: what a deleted one leaves, and which caches are one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.backends.account.base import AccountBackend
from emulator.core.answers import Answers
from emulator.core.model import Store
from emulator.core.object_info import Location
from emulator.core.revisions import Revision
from emulator.service.cache_tier import CacheTier
from emulator.service.objects import Objects
from emulator.service.stores import ExistingClusters, LogGroups, Stores


class AnsweredStores(Stores):
    """The stores of the account by the answers D15, D28 and D29.

    Caches that are kept are known to this process alone.
    """

    def __init__(
        self,
        account: AccountBackend,
        cache: CacheTier,
        answers: Answers,
        *,
        max_stores: int | None,
        revision: Revision,
        clusters: ExistingClusters | None,
        log_groups: LogGroups | None,
    ) -> None:
        super().__init__(
            account,
            cache,
            max_stores=max_stores,
            revision=revision,
            clusters=clusters,
            log_groups=log_groups,
        )
        self._leaves_cache = answers.has("D15.cache", "kept")
        self._keeps_cache = answers.has("D28", "kept")
        self._shares_cache = answers.has("D29", "one")
        self._left: dict[tuple[str, str, str, str], str] = {}
        self.remove_objects: Callable[[Store], Awaitable[None]] | None = None
        """Removes the objects of a store that is deleted."""

    async def delete(self, name: str) -> None:
        store = await self.get(name)
        await super().delete(name)
        if self.remove_objects is not None:
            await self.remove_objects(store)

    async def _namespace_of(self, store: Store, before: Store | None) -> str:
        if before is not None and self._keeps_cache:
            return before.cache_namespace
        if before is None or not before.caches_same_objects_as(store):
            if self._leaves_cache and (left := self._left.get(_place(store))) is not None:
                return left
            for other in await self.list() if self._shares_cache else ():
                if other.name != store.name and other.caches_same_objects_as(store):
                    return other.cache_namespace
        return await super()._namespace_of(store, before)

    async def _forget(self, store: Store) -> None:
        others = await self.list()
        if any(other.cache_namespace == store.cache_namespace for other in others):
            return
        if self._leaves_cache and all(other.name != store.name for other in others):
            self._left[_place(store)] = store.cache_namespace
            return
        await super()._forget(store)


def _place(store: Store) -> tuple[str, str, str, str]:
    return store.name, store.bucket_name, store.prefix, store.cluster_name


def remover(objects: Objects) -> Callable[[Store], Awaitable[None]]:
    """Return what removes the objects of a store from storage."""

    async def remove(store: Store) -> None:
        storage = objects.storage_tier
        prefix = f"{store.prefix}/" if store.prefix else ""
        for key, _ in await storage.list(store.bucket_name, prefix):
            await storage.remove(Location(store.bucket_name, key))

    return remove
