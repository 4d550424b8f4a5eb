"""Named checkpoints: the whole state of an emulator at one moment, to come back to."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulator.backends.account.base import AccountBackend
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import Storage
from emulator.clock import Clock, ClockState
from emulator.control.fault_rule import ArmedRule
from emulator.control.faults import Faults
from emulator.documents import no_credential, text
from emulator.errors import NotFoundError
from emulator.instants import to_text
from emulator.service.cache_tier import CacheTier

_LONGEST_NAME = 255


class _Moment(NamedTuple):
    """Everything that a test can change, but for the journal and the counts."""

    made_at: int
    tiers: tuple[Checkpoint, ...]
    clock: ClockState
    faults: tuple[list[ArmedRule], int]


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
        self._tiers = (account, storage, cache)
        self._clock = clock
        self._faults = faults
        self._moments: dict[str, _Moment] = {}

    async def make(self, name: str) -> dict[str, Any]:
        """Keep the state as it is now, in place of what had that name; a description.

        Raises:
            BadRequestError: that is no name.
        """
        text(name, "name of the checkpoint", longest=_LONGEST_NAME)
        no_credential(name, "name of the checkpoint")
        moment = _Moment(
            self._clock.now(),
            tuple([await tier.checkpoint() for tier in self._tiers]),
            self._clock.save(),
            self._faults.save(),
        )
        await self._discard(self._moments.get(name))
        self._moments[name] = moment
        return _described(name, moment)

    async def restore(self, name: str) -> dict[str, Any]:
        """Have that state again; a description.

        Raises:
            NotFoundError: there is no checkpoint of that name.
        """
        moment = self.require(name)
        for tier in moment.tiers:
            await tier.restore()
        self._clock.load(moment.clock)
        self._faults.load(moment.faults)
        return _described(name, moment)

    async def drop(self, name: str) -> dict[str, Any]:
        """Forget a checkpoint; a description.

        Raises:
            NotFoundError: there is none of that name.
        """
        moment = self.require(name)
        del self._moments[name]
        await self._discard(moment)
        return _described(name, moment)

    def describe(self, name: str) -> dict[str, Any]:
        """One checkpoint.

        Raises:
            NotFoundError: there is none of that name.
        """
        return _described(name, self.require(name))

    def all(self) -> list[dict[str, Any]]:
        """Every checkpoint, in the order in which they were made."""
        return [_described(name, moment) for name, moment in self._moments.items()]

    async def close(self) -> None:
        """Forget every checkpoint."""
        for moment in self._moments.values():
            await self._discard(moment)
        self._moments.clear()

    def require(self, name: str) -> _Moment:
        """The checkpoint of that name.

        Raises:
            NotFoundError: there is none.
        """
        if name not in self._moments:
            there_are = ", ".join(map(repr, self._moments)) or "none"
            raise NotFoundError(f"There is no checkpoint {name!r}; there are {there_are}")
        return self._moments[name]

    async def _discard(self, moment: _Moment | None) -> None:
        for tier in () if moment is None else moment.tiers:
            await tier.discard()


def _described(name: str, moment: _Moment) -> dict[str, Any]:
    return {"name": name, "made_at": to_text(moment.made_at)}
