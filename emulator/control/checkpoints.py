"""Named checkpoints: save the whole state of an emulator, and restore it."""

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
    """Everything that a test can change, at one moment, except the journal and the counts."""

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
        """Restore this state."""
        await self._engines.restore()
        self._clock.load(self._clock_state)
        self._faults.load(self._fault_rules)

    async def discard(self) -> None:
        """Free what the snapshot holds."""
        await self._engines.discard()


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

    async def snapshot(self, *, with_caches: bool = True) -> Snapshot:
        """Save the current state. Without ``with_caches``, restoring it empties the caches."""
        cache = await self._cache.checkpoint() if with_caches else _ColdCache(self._cache)
        engines = [await self._account.checkpoint(), await self._storage.checkpoint(), cache]
        return Snapshot(JointCheckpoint(engines), self._clock, self._faults)

    async def make(self, name: str, *, with_caches: bool = True) -> dict[str, Any]:
        """Save the current state under ``name``, replacing one of that name; return its
        description.

        Raises:
            BadRequestError: the name is not valid.
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
        """Restore a checkpoint; return its description.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        snapshot = self.require(name)
        await snapshot.restore()
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

    async def close(self) -> None:
        """Drop every checkpoint."""
        for snapshot in self._snapshots.values():
            await snapshot.discard()
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
