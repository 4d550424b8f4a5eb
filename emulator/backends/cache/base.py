"""What the service asks of a cache engine."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, Protocol

from emulator.backends.checkpoint import Checkpoint
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import ObjectInfo


class CacheKey(NamedTuple):
    """Where a copy lies: in which cluster, in which store's namespace, under which key.

    A namespace is made of letters and digits; a cluster's name and a key may be any text.
    """

    cluster: str
    namespace: str
    key: str


NO_LEASE = ""
"""In place of the lease of a write that was not announced: no copy of it is kept."""


class CachedObject(NamedTuple):
    """A copy of one whole version of an object."""

    info: ObjectInfo
    body: bytes


class Cache(Protocol):
    """A cache engine: one Valkey per cluster name, each made when it is first named.

    An engine may lose any entry at any time, and never brings back an older one unless a
    checkpoint is restored. An entry that has expired may still be returned: whether an object is
    expired is for the service to say.

    Who changes an object in storage, or reads it there to keep a copy, takes a lease at its key, so
    that no copy is kept of an object that is not in storage any more, whoever else is at that key,
    in this process or another.
    """

    name: str
    """What the engine is called on the command line."""

    @abstractmethod
    async def get(self, key: CacheKey) -> CachedObject | None:
        """The copy at ``key``, or None where there is none."""

    @abstractmethod
    async def begin_write(self, key: CacheKey) -> str:
        """Begin a lease, before the object at ``key`` is changed in storage.

        Until it ends, the copy from before may be returned, or none.

        Raises:
            OutcomeUnknownError: nobody knows whether it has begun.
        """

    @abstractmethod
    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        """End that lease, once the object has been changed: keep ``copy`` in place of what was
        there. Without a copy, or if another write was at ``key`` meanwhile, keep none.

        ``lifetime`` is how many microseconds the object has left, or None for one that never
        expires. It is housekeeping: the entry may go once that time has passed, not before.

        Raises:
            OutcomeUnknownError: others may still be given the copy from before.
        """

    @abstractmethod
    async def leave_open(self, key: CacheKey, lease: str) -> None:
        """Do not end that lease, since the object may be changed for a while yet: have no copy. In
        what processes share, nobody keeps one for a minute.

        Raises:
            OutcomeUnknownError: others may still be given the copy from before.
        """

    @abstractmethod
    async def begin_fill(self, key: CacheKey) -> str | None:
        """Begin a lease, before the object at ``key`` is read from storage; None where a copy of
        that would not be kept, since somebody writes or a copy is there already."""

    @abstractmethod
    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        """End that lease, and keep ``copy``, if there is one, unless a write has begun or ended
        meanwhile."""

    async def set(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        """Keep ``copy`` at ``key``, as a write does."""
        await self.end_write(key, await self.begin_write(key), copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        """Keep ``copy``, of an object that is nowhere else, in one step and whoever else is at
        ``key``; what they have is older.

        Raises:
            OutcomeUnknownError: nobody knows whether it is kept.
        """
        await self.set(key, copy, lifetime=lifetime)

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        """Forget the copy at ``key``, as a write does that keeps none. With ``up_to``, leave alone
        that of an ephemeral object of a later version: nobody can read that again.

        An engine that waits for something has to look and to forget in one step.

        Raises:
            OutcomeUnknownError: others may still be given it.
        """
        if up_to is not None:
            copy = await self.get(key)
            if copy is not None and copy.info.ephemeral and copy.info.version > up_to:
                return
        try:
            lease = await self.begin_write(key)
        except OutcomeUnknownError:
            raise
        except EngineUnavailableError:  # As when its memory is full: it can forget all the same.
            lease = NO_LEASE
        await self.end_write(key, lease, None)

    @abstractmethod
    async def drop(self, cluster: str, namespace: str) -> None:
        """Forget every copy in ``namespace``."""

    @abstractmethod
    async def flush(self, cluster: str) -> None:
        """Forget every copy in ``cluster``, whatever its namespace."""

    @abstractmethod
    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        """Every copy in ``namespace``, in the order of the keys' code points. To list a cluster
        does not name it."""

    @abstractmethod
    async def checkpoint(self) -> Checkpoint:
        """Every copy as it is now. It does not make an entry stay longer than it may."""

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine cannot do its work."""

    @abstractmethod
    async def clear(self) -> None:
        """Forget every copy."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the engine holds."""
