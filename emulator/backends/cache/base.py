"""The protocol of cache engines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple, Protocol

from emulator.backends.browsing import Browsed, of_list
from emulator.backends.checkpoint import Checkpoint
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.object_info import ObjectInfo


class CacheKey(NamedTuple):
    """The place of a copy: the cluster, the namespace of the store, and the object's key.

    A namespace is made of letters and digits; a cluster's name and a key may be any text.
    """

    cluster: str
    namespace: str
    key: str


NO_LEASE = ""
"""Used instead of a lease by a write that has none: its copy is not kept."""


class CachedObject(NamedTuple):
    """A copy of one whole version of an object."""

    info: ObjectInfo
    body: bytes


class Cache(Protocol):
    """A cache engine: one Valkey per cluster name, created when the name is first used.

    An engine may lose any entry at any time, but never returns an older one, unless a checkpoint is
    restored. It may return an expired entry: the service decides whether an object is expired.

    A writer takes a lease on the key before it changes the object in storage, and a reader before
    it reads an object from storage to cache it. So no copy is kept of a version that is no longer
    in storage, whatever other writers and readers of this or another process do meanwhile.
    """

    name: str
    """The engine's name on the command line."""

    @abstractmethod
    async def get(self, key: CacheKey) -> CachedObject | None:
        """Return the copy at ``key``, or None if there is none."""

    @abstractmethod
    async def begin_write(self, key: CacheKey) -> str:
        """Take a write lease, before the object at ``key`` is changed in storage.

        Until it ends, ``get`` may return the old copy or none.

        Raises:
            OutcomeUnknownError: the lease may have begun or not.
        """

    @abstractmethod
    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        """End a write lease after the object was changed: replace the old copy by ``copy``. Without
        ``copy``, or if another write of ``key`` overlapped, remove the old copy.

        ``lifetime`` is how many microseconds the object has left, or None if it never expires. The
        engine may remove the entry after that time, not before.

        Raises:
            OutcomeUnknownError: other requests may still get the old copy.
        """

    @abstractmethod
    async def leave_open(self, key: CacheKey, lease: str) -> None:
        """Remove the copy, but do not end a write lease, since the object may still change in
        storage for a while. In an engine that processes share, no copy is kept for a minute.

        Raises:
            OutcomeUnknownError: other requests may still get the old copy.
        """

    @abstractmethod
    async def begin_fill(self, key: CacheKey) -> str | None:
        """Take a fill lease, before the object at ``key`` is read from storage; None if its copy
        would not be kept, because of a write lease or since there is a copy already."""

    @abstractmethod
    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        """End a fill lease. Keep ``copy``, if given, unless a write began or ended meanwhile."""

    async def set(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        """Store ``copy`` at ``key``, with a write lease."""
        await self.end_write(key, await self.begin_write(key), copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        """Store the copy of an ephemeral object in one step. Leases of others do not matter, since
        their versions are older.

        Raises:
            OutcomeUnknownError: the copy may be stored or not.
        """
        await self.set(key, copy, lifetime=lifetime)

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        """Remove the copy at ``key``, as a write without a copy does. With ``up_to``, keep an
        ephemeral object of a later version: it exists nowhere else.

        An engine that awaits anything must check and remove in one step.

        Raises:
            OutcomeUnknownError: other requests may still get the copy.
        """
        if up_to is not None:
            copy = await self.get(key)
            if copy is not None and copy.info.ephemeral and copy.info.version > up_to:
                return
        try:
            lease = await self.begin_write(key)
        except OutcomeUnknownError:
            raise
        except EngineUnavailableError:  # A full memory, for instance, does not prevent removal.
            lease = NO_LEASE
        await self.end_write(key, lease, None)

    def expires_entries(self, cluster: str) -> bool:  # noqa: ARG002
        """Whether the engine itself removes the entries of a cluster some time after their
        lifetime; then ``expire`` and ``expiring`` find nothing."""
        return False

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:  # noqa: ARG002
        """Remove the copy at ``key`` if it has expired at ``now`` (epoch microseconds). Return the
        information of the copy that was there, removed or not.

        An engine that awaits anything must check and remove in one step.
        """
        return None

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        """Yield the copies that expire, in slices, with the instants at which they do (epoch
        microseconds). A copy that is stored meanwhile may be missing."""
        nothing: Sequence[tuple[CacheKey, int]]
        for nothing in ():
            yield nothing

    @abstractmethod
    async def drop(self, cluster: str, namespace: str) -> None:
        """Remove every copy in ``namespace``."""

    @abstractmethod
    async def flush(self, cluster: str) -> None:
        """Remove every copy in ``cluster``, in all namespaces."""

    @abstractmethod
    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        """List every copy in ``namespace``, ordered by the keys' code points. This does not create
        the cluster."""

    async def browse(self, cluster: str, namespace: str) -> Browsed:
        """Return the keys of what ``list`` lists, with their information on request."""
        return of_list(await self.list(cluster, namespace))

    @abstractmethod
    async def checkpoint(self) -> Checkpoint:
        """Take a checkpoint of all copies. It does not extend the lifetime of an entry."""

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine does not work."""

    @abstractmethod
    async def clear(self) -> None:
        """Remove every copy."""

    @abstractmethod
    async def close(self) -> None:
        """Release the engine's resources."""
