"""The state of an emulator as a whole: reset, checkpoints, export and import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.backends.account.base import STORES, AccountBackend, Change, Versioned
from emulator.backends.storage.base import Replacement, Storage
from emulator.backends.take_over import TakeOver
from emulator.control.checkpoints import Checkpoints
from emulator.control.faults import Faults
from emulator.control.journal import Journal
from emulator.control.state_file import State, StoredBody
from emulator.control.state_writer import Exported
from emulator.control.tier_counters import TierCounters
from emulator.core.background import to_its_end
from emulator.core.clock import Clock
from emulator.core.errors import BadRequestError
from emulator.core.model import Store
from emulator.core.object_info import Location
from emulator.core.slices import Pace
from emulator.service.cache_tier import CacheTier
from emulator.service.objects import Objects


class Pausable(Protocol):
    """The service's requests in flight, which can be held back."""

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Hold back new requests of the service inside the block."""

    async def drain(self, *, grace_seconds: float) -> None:
        """Wait until the running requests have ended; cut off those that take longer."""


@dataclass(frozen=True)
class Initial:
    """The state that an emulator starts with, except its objects.

    ``records`` are the account's, in the order of their creation. ``finish`` is called once the
    state is in place, with the real time and before any request: it fills the caches, and brings
    the other parts of the emulator back to their start.
    """

    records: tuple[Change[Any], ...]
    finish: Callable[[], Awaitable[None]]


class StateControl:
    """Changes the whole state at once, while no request of the service runs.

    New requests wait meanwhile.

    Args:
        changing: a lock, held while a tier is changed without the service.
        in_flight: the running requests, which can be held back.
        grace_seconds: how long to wait for running requests.
        initial: builds the initial state; it puts the objects into the storage that it is given.
        own_records: returns the records that make the emulator's first keys valid.
        on_restore: called when a checkpoint has been restored.
    """

    def __init__(
        self,
        account: AccountBackend,
        storage: Storage,
        cache: CacheTier,
        objects: Objects,
        clock: Clock,
        faults: Faults,
        journal: Journal,
        counters: TierCounters,
        *,
        changing: asyncio.Lock,
        in_flight: Pausable,
        grace_seconds: float,
        initial: Callable[[Storage], Awaitable[Initial]],
        own_records: Callable[[], tuple[Change[Any], ...]],
        on_restore: Callable[[], None] = lambda: None,
    ) -> None:
        self.changes = 0
        """How often the whole state was replaced."""
        self._on_restore = on_restore
        self.checkpoints: Checkpoints = Checkpoints(account, storage, cache, clock, faults)
        self._account = account
        self._storage = storage
        self._cache = cache
        self._objects = objects
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self._counters = counters
        self._changing = changing
        self._in_flight = in_flight
        self._grace_seconds = grace_seconds
        self._initial = initial
        self._own_records = own_records

    async def reset(self) -> None:
        """Go back to the initial state: only the first keys and the seed, the real time, an empty
        journal. Checkpoints stay. If that fails, nothing has changed.

        Raises:
            BadRequestError: the emulator may not remove the objects (D73).
            ConfigurationError: the seed cannot be planted.
        """
        self._require_own_objects("a reset would have to remove", _INSTEAD_OF_A_RESET)
        async with self._changing, await self._storage.beside() as next_objects:
            initial = await self._initial(next_objects.storage)
            is_done = False

            async def finish() -> None:
                nonlocal is_done
                is_done = True
                self._faults.restart()
                self._clock.release()
                self._objects.forget_versions()
                await initial.finish()
                self._journal.clear()
                self._counters.clear()

            rules = self._faults.save()
            self._faults.clear()
            try:
                await self._take_over(
                    next_objects, self._replacing(initial.records), self._cache.clear, finish
                )
            except BaseException:
                if not is_done:
                    self._faults.load(rules)
                raise

    async def checkpoint(self, name: str) -> dict[str, Any]:
        """Save the current state under a name, and return a description. Running requests go on
        undisturbed: the checkpoint has the whole effect of each, or none of it.

        Raises:
            BadRequestError: the name is not valid, or the objects are not the emulator's (D73).
        """
        self._require_own_objects("a checkpoint would have to bring back", _INSTEAD)
        async with self._changing, self._in_flight.paused():
            with self._objects.unchanged():
                settled = await self._objects.settle(self._grace_seconds)
                return await self.checkpoints.make(name, with_caches=settled)

    async def restore(self, name: str) -> dict[str, Any]:
        """Go back to a checkpoint: account, stores, objects, caches, clock, fault rules. The
        journal is not changed. If that fails, nothing has changed.

        Raises:
            NotFoundError: there is no such checkpoint.
            BadRequestError: the objects are not the emulator's (D73).
        """
        self._require_own_objects("a checkpoint would have to bring back", _INSTEAD)
        self.checkpoints.require(name)
        async with self._changing:
            snapshot = self.checkpoints.require(name)

            async def finish() -> None:
                self._clock.load(snapshot.clock)
                self._faults.load(snapshot.faults)
                self._on_restore()

            async with await snapshot.storage.beside() as next_objects:
                await self._take_over(
                    next_objects, snapshot.account.restore, snapshot.cache.restore, finish
                )
            return self.checkpoints.describe(name)

    async def drop(self, name: str) -> dict[str, Any]:
        """Delete a checkpoint, and return its description.

        Raises:
            NotFoundError: there is no such checkpoint.
        """
        async with self._changing:
            return await self.checkpoints.drop(name)

    async def export(self) -> Exported:
        """Return the account, the stores, the objects and the clock at this moment; with buckets
        that others may use too, objects may change meanwhile."""
        async with self._changing, self._in_flight.paused(), self._without_writes():
            own = {(change.table.name, change.record_id) for change in self._own_records()}
            snapshot = await self._account.snapshot()
            tables = {
                table: {
                    record_id: entry
                    for record_id, entry in entries.items()
                    if (table.name, record_id) not in own
                }
                for table, entries in snapshot.items()
            }
            objects, pace = [], Pace()
            async for stored in self._stored(snapshot[STORES]):
                objects.append(stored)
                await pace.step()
            return Exported(self._clock.save(), tables, objects)

    @asynccontextmanager
    async def _without_writes(self) -> AsyncIterator[None]:
        """Let writes of objects wait inside the block, unless their clients would wait for S3."""
        if not self._storage.can_be_emptied:
            yield
            return
        with self._objects.unchanged():
            await self._objects.settle(self._grace_seconds)
            yield

    def require_import_allowed(self) -> None:
        """Refuse an import before its document is read, if the emulator may not remove the objects.

        Raises:
            BadRequestError: it may not (D73).
        """
        self._require_own_objects("an import would have to replace", _INSTEAD)

    async def import_(self, state: State) -> None:
        """Replace the state with that of a document, whose objects are freed meanwhile. The
        emulator's first keys stay valid; fault rules, checkpoints and the journal stay. If that
        fails, nothing has changed.

        Raises:
            BadRequestError: the emulator may not remove the objects (D73).
        """
        self.require_import_allowed()
        records = _distinct(*state.records, *self._own_records())
        async with self._changing, await self._storage.beside() as next_objects:
            latest, pace = 0, Pace()
            while state.objects:
                location, (_, info, body) = state.objects.popitem()
                await next_objects.storage.put(location, info, body)
                latest = max(latest, info.version)
                await pace.step()

            async def finish() -> None:
                self._objects.follow(latest)
                self._clock.load(state.clock)

            await self._take_over(next_objects, self._replacing(records), self._cache.clear, finish)

    def _replacing(self, records: Sequence[Change[Any]]) -> Callable[[TakeOver], Awaitable[None]]:
        return lambda take_over: self._account.replace(*records, take_over=take_over)

    async def _take_over(
        self,
        next_objects: Replacement,
        replace_account: Callable[[TakeOver], Awaitable[None]],
        change_cache: Callable[[], Awaitable[None]],
        finish: Callable[[], Awaitable[None]],
    ) -> None:
        """Let the next state take over in all tiers, while no request runs, and then ``finish`` the
        change. If a tier fails, all have the old state.

        The cache comes first: once it has lost its copies, no other tier can disagree with it.
        """

        async def take_over() -> None:
            before = await self._cache.checkpoint()
            try:
                await change_cache()
                await replace_account(next_objects.take_over)
            except BaseException:
                await before.restore()
                raise
            finally:
                await before.discard()
            await finish()

        await next_objects.flush()
        async with self._exclusively():
            await to_its_end(take_over())
            self.changes += 1

    @asynccontextmanager
    async def _exclusively(self) -> AsyncIterator[None]:
        """Let no request run inside the block: running ones end or are cut off; those that wait
        because of a fault are cut off at once. The caller holds the lock of changes."""
        async with self._in_flight.paused():
            self._faults.interrupt()
            try:
                await self._in_flight.drain(grace_seconds=self._grace_seconds)
                yield
            finally:
                self._faults.resume()

    def _require_own_objects(self, what: str, instead: str) -> None:
        if not self._storage.can_be_emptied:
            raise BadRequestError(
                f"With --storage {self._storage.name} the objects are in buckets that others may "
                f"use too: {what} them, which are not the emulator's; {instead}"
            )

    async def _stored(self, stores: Mapping[str, Versioned[Store]]) -> AsyncIterator[StoredBody]:
        """Yield every object with its body. In a storage that others use too, only the objects of
        ``stores``."""
        if self._storage.can_be_emptied:
            async for location, info, body in self._storage.walk():
                yield StoredBody(location, info, body)
            return
        seen: set[Location] = set()
        for entry in stores.values():
            storage, first = self._storage.for_store(entry.record), entry.record.location("")
            for key, _ in await storage.list(first.bucket, first.key):
                location = Location(first.bucket, key)
                if location not in seen:
                    seen.add(location)
                    stored = await storage.read(location)
                    if stored is not None:
                        yield StoredBody(location, *stored)


_INSTEAD_OF_A_RESET = (
    "give each run a bucket or a prefix of its own, or use --storage memory or filesystem"
)

_INSTEAD = "use --storage memory or filesystem for it"


def _distinct(*changes: Change[Any]) -> list[Change[Any]]:
    """Return the last change to each record. No change may expect the record to exist."""
    last = {(change.table.name, change.record_id): change for change in changes}
    return list(last.values())
