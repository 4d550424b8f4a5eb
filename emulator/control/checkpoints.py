"""Named checkpoints: save the whole state of an emulator, and restore it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from emulator.backends.account.base import AccountBackend, AccountCheckpoint
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import Storage, StorageCheckpoint
from emulator.control.faults import FaultRules, Faults
from emulator.core.clock import Clock, ClockState
from emulator.core.documents import no_credential, text
from emulator.core.errors import NotFoundError
from emulator.core.instants import to_text
from emulator.service.cache_tier import CacheTier

_LONGEST_NAME = 255


@dataclass(frozen=True)
class Snapshot:
    """Everything that a test can change, at one moment, except the journal and the counts."""

    made_at: int
    account: AccountCheckpoint
    storage: StorageCheckpoint
    cache: Checkpoint
    clock: ClockState
    faults: FaultRules

    async def discard(self) -> None:
        """Free what the snapshot holds."""
        for checkpoint in (self.account, self.storage, self.cache):
            await checkpoint.discard()


class Checkpoints:
    """Checkpoints by name. They are independent: restore them in any order, any number of times.

    The caller makes sure that nothing changes meanwhile.
    """

    def __init__(
        self,
        account: AccountBackend,
        storage: Storage,
        cache: CacheTier,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self._account = account
        self._storage = storage
        self._cache = cache
        self._clock = clock
        self._faults = faults
        self._snapshots: dict[str, Snapshot] = {}

    async def make(self, name: str, *, with_caches: bool = True) -> dict[str, Any]:
        """Save the current state under ``name``, replacing one of that name; return its
        description. Without ``with_caches``, restoring it empties the caches.

        Raises:
            BadRequestError: the name is not valid.
        """
        text(name, "name of the checkpoint", longest=_LONGEST_NAME)
        no_credential(name, "name of the checkpoint")
        now = self._clock.now()
        async with AsyncExitStack() as made:
            account = await self._account.checkpoint()
            made.push_async_callback(account.discard)
            storage = await self._storage.checkpoint()
            made.push_async_callback(storage.discard)
            cache = await self._cache.checkpoint() if with_caches else _ColdCache(self._cache)
            made.pop_all()
        clock, faults = self._clock.save(), self._faults.save()
        snapshot = Snapshot(now, account, storage, cache, clock, faults)
        before = self._snapshots.pop(name, None)
        self._snapshots[name] = snapshot
        if before is not None:
            await before.discard()
        return _described(name, snapshot)

    async def drop(self, name: str) -> dict[str, Any]:
        """Drop a checkpoint; return its description.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        snapshot = self.require(name)
        del self._snapshots[name]
        await snapshot.discard()
        return _described(name, snapshot)

    def describe(self, name: str) -> dict[str, Any]:
        """Return the description of a checkpoint.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        return _described(name, self.require(name))

    def all(self) -> list[dict[str, Any]]:
        """Describe every checkpoint, in the order of creation."""
        return [_described(name, snapshot) for name, snapshot in self._snapshots.items()]

    def close(self) -> None:
        """Forget every checkpoint; the engines free what they hold when they are closed."""
        self._snapshots.clear()

    def require(self, name: str) -> Snapshot:
        """Return the checkpoint of that name.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        if name not in self._snapshots:
            there_are = ", ".join(map(repr, self._snapshots)) or "none"
            raise NotFoundError(f"There is no checkpoint {name!r}; there are {there_are}")
        return self._snapshots[name]


class _ColdCache(Checkpoint):
    """Checkpoint of a cache that was being changed; it restores an empty cache, which is always
    correct."""

    def __init__(self, cache: CacheTier) -> None:
        self._cache = cache

    async def restore(self) -> None:
        await self._cache.clear()

    async def discard(self) -> None:
        """Do nothing: it holds nothing."""


def _described(name: str, snapshot: Snapshot) -> dict[str, Any]:
    return {"name": name, "made_at": to_text(snapshot.made_at)}
