"""Named checkpoints: the whole state of an emulator at one moment, to come back to."""

from __future__ import annotations

from typing import Any

from emulator.backends.account.base import AccountBackend
from emulator.backends.checkpoint import Checkpoint, JointCheckpoint
from emulator.backends.storage.base import Storage
from emulator.control.faults import Faults
from emulator.core.clock import Clock
from emulator.core.documents import no_credential, text
from emulator.core.errors import NotFoundError
from emulator.core.instants import to_text
from emulator.service.cache_tier import CacheTier

_LONGEST_NAME = 255


class Snapshot:
    """Everything that a test can change, but for the journal and the counts, as it was once."""

    def __init__(
        self,
        engines: Checkpoint,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self.made_at = clock.now()
        self._engines = engines
        self._clock, self._clock_state = clock, clock.save()
        self._faults, self._fault_rules = faults, faults.save()

    async def restore(self) -> None:
        """Have it again."""
        await self._engines.restore()
        self._clock.load(self._clock_state)
        self._faults.load(self._fault_rules)

    async def discard(self) -> None:
        """Give back what it holds."""
        await self._engines.discard()


class Checkpoints:
    """Checkpoints by name. Each stands for itself: they can be restored in any order, and often.

    The caller sees to it that nothing changes meanwhile.
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

    async def snapshot(self, *, with_caches: bool = True) -> Snapshot:
        """The state as it is now; without the caches, they are empty when it is had again."""
        cache = await self._cache.checkpoint() if with_caches else _ColdCache(self._cache)
        engines = [await self._account.checkpoint(), await self._storage.checkpoint(), cache]
        return Snapshot(JointCheckpoint(engines), self._clock, self._faults)

    async def make(self, name: str, *, with_caches: bool = True) -> dict[str, Any]:
        """Keep the state as it is now, in place of what had that name; a description.

        Raises:
            BadRequestError: that is no name.
        """
        text(name, "name of the checkpoint", longest=_LONGEST_NAME)
        no_credential(name, "name of the checkpoint")
        snapshot = await self.snapshot(with_caches=with_caches)
        before = self._snapshots.pop(name, None)
        self._snapshots[name] = snapshot
        if before is not None:
            await before.discard()
        return _described(name, snapshot)

    async def restore(self, name: str) -> dict[str, Any]:
        """Have that state again; a description.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        snapshot = self.require(name)
        await snapshot.restore()
        return _described(name, snapshot)

    async def drop(self, name: str) -> dict[str, Any]:
        """Forget a checkpoint; a description.

        Raises:
            NotFoundError: there is none of that name.
        """
        snapshot = self.require(name)
        del self._snapshots[name]
        await snapshot.discard()
        return _described(name, snapshot)

    def describe(self, name: str) -> dict[str, Any]:
        """One checkpoint.

        Raises:
            NotFoundError: there is none of that name.
        """
        return _described(name, self.require(name))

    def all(self) -> list[dict[str, Any]]:
        """Every checkpoint, in the order in which they were made."""
        return [_described(name, snapshot) for name, snapshot in self._snapshots.items()]

    async def close(self) -> None:
        """Forget every checkpoint."""
        for snapshot in self._snapshots.values():
            await snapshot.discard()
        self._snapshots.clear()

    def require(self, name: str) -> Snapshot:
        """The checkpoint of that name.

        Raises:
            NotFoundError: there is none.
        """
        if name not in self._snapshots:
            there_are = ", ".join(map(repr, self._snapshots)) or "none"
            raise NotFoundError(f"There is no checkpoint {name!r}; there are {there_are}")
        return self._snapshots[name]


class _ColdCache(Checkpoint):
    """Stands for a cache that was just being changed: empty is always right."""

    def __init__(self, cache: CacheTier) -> None:
        self._cache = cache

    async def restore(self) -> None:
        await self._cache.clear()

    async def discard(self) -> None:
        """It holds nothing."""


def _described(name: str, snapshot: Snapshot) -> dict[str, Any]:
    return {"name": name, "made_at": to_text(snapshot.made_at)}
