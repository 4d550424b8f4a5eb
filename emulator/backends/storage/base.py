"""The protocol of storage engines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from emulator.backends.browsing import Browsed, of_list
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.take_over import NewFile
from emulator.core.model import Store
from emulator.core.object_info import Location, ObjectInfo

if TYPE_CHECKING:
    from typing_extensions import Self


_ANY_SIZE = 2**63


class BodyStream(Protocol):
    """A body too large for memory: one whole version, whatever happens to the object meanwhile.

    The receiver must close it.
    """

    file: BinaryIO | None
    """The open file whose first ``size`` bytes are the body, if the engine has one."""

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes | memoryview]:
        """Yield the body from its beginning, in pieces of bounded size."""

    @abstractmethod
    async def close(self) -> None:
        """Release the stream's resources. Closing twice is allowed."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One whole version of an object in storage."""

    info: ObjectInfo
    body: bytes | BodyStream

    async def close(self) -> None:
        """Release the body, if it is a stream."""
        if not isinstance(self.body, bytes):
            await self.body.close()


class _Closed(Protocol):
    """Something that whoever begins it closes, as leaving it as a context manager does."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @abstractmethod
    async def close(self) -> None:
        """Give back what it holds."""


class Upload(_Closed, Protocol):
    """An upload of a body. Nobody sees it before ``commit``.

    Whoever begins it closes it, as leaving it as an asynchronous context manager does.
    """

    @abstractmethod
    async def write(self, chunk: bytes) -> None:
        """Append ``chunk`` to the body."""

    @abstractmethod
    async def flush(self) -> None:
        """Do all work that does not need the object's information, so that ``commit`` is short:
        its caller has already set the object's time, and other writers wait for it."""

    @abstractmethod
    async def commit(self, info: ObjectInfo) -> None:
        """Publish the body and ``info`` in one step, replacing the old object.

        A reader sees the old object or the new one. If this raises, either of them may be there.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give back what the upload holds, after a commit too; without one, discard what was
        written."""


class Replacement(_Closed, Protocol):
    """The next content of a storage engine, built beside the current one.

    Until it takes over, nothing of the current content is touched. Whoever asks for one closes it,
    as leaving it as an asynchronous context manager does.
    """

    storage: Storage
    """The engine to fill; nobody else sees it."""

    async def flush(self) -> None:
        """Do all work that can be done before ``take_over``, once ``storage`` is filled: requests
        wait for what takes over."""
        return

    @abstractmethod
    async def take_over(self, file: NewFile | None = None) -> None:
        """Replace the engine's objects by those in ``storage``, and the content of ``file``.

        This is one step: if it fails, or the process or the machine is stopped at any moment, there
        are the old objects and the old file, or the new ones.

        Raises:
            EngineUnavailableError: nothing was replaced.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give back what the replacement holds; remove what was built if it has not taken over."""


class StorageCheckpoint(Checkpoint, Protocol):
    """A checkpoint of all objects."""

    @abstractmethod
    async def beside(self) -> Replacement:
        """Return a replacement that has the content of the checkpoint.

        Raises:
            RuntimeError: the checkpoint has been discarded.
        """

    async def restore(self) -> None:
        async with await self.beside() as replacement:
            await replacement.take_over()


class Storage(Protocol):
    """A storage engine. Any exception it raises is answered with 500 and logged."""

    name: str
    """The engine's name on the command line."""

    patience: float | None = None
    """How many seconds a writer waits for other writers of the same object; None: without limit."""

    upload_bytes: int | None = None
    """The most bytes of a large body that an upload holds in memory; None: all of it."""

    can_be_emptied: bool = True
    """Whether all objects belong to the emulator. If not, ``clear``, ``checkpoint`` and ``beside``
    raise ``BadRequestError`` (D73)."""

    put_now: Callable[[Location, bytes, ObjectInfo], None] | None = None
    """Does what ``put`` does, in an engine that waits for nothing; None in others."""

    async def start(self) -> None:
        """Prepare the engine, before any other call.

        Raises:
            ConfigurationError: the engine cannot work with its configuration.
        """
        return

    def for_store(self, store: Store) -> Storage:  # noqa: ARG002
        """Return the engine for ``store``, which uses the store's role if the engine uses roles."""
        return self

    @abstractmethod
    def upload(self, location: Location) -> Upload:
        """Start to write the object at ``location``."""

    async def put(self, location: Location, info: ObjectInfo, body: bytes) -> None:
        """Write an object whose body is in memory, replacing the old object."""
        async with self.upload(location) as upload:
            await upload.write(body)
            await upload.flush()
            await upload.commit(info)

    @abstractmethod
    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        """Return the object at ``location``, or None if there is none.

        A body of up to ``inline_bytes`` bytes is ``bytes``, a larger one a stream.
        """

    @abstractmethod
    async def delete(self, location: Location) -> bool:
        """Remove the object at ``location``; return whether there was one."""

    async def remove(self, location: Location) -> None:
        """Remove the object at ``location``, if there is one.

        Raises:
            OutcomeUnknownError: it may be removed later.
        """
        await self.delete(location)

    async def free(self, location: Location) -> None:
        """Remove the expired object at ``location``, if it is there. After a crash it may be there
        again."""
        await self.delete(location)

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        """Yield the locations of the objects that expire, in slices, with the instants at which
        they do (epoch microseconds). An object that is written meanwhile may be missing."""
        for bucket in await self.buckets():
            listed = await self.list(bucket)
            yield [
                (Location(bucket, key), info.expires_at)
                for key, info in listed
                if info.expires_at is not None
            ]

    @abstractmethod
    async def buckets(self) -> list[str]:
        """List the buckets that have objects, ordered by name."""

    @abstractmethod
    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        """List every object of the bucket whose key begins with ``prefix``, expired or not, ordered
        by the keys' code points."""

    async def browse(self, bucket: str, prefix: str = "") -> Browsed:
        """Return the keys of what ``list`` lists, with their information on request."""
        return of_list(await self.list(bucket, prefix))

    async def read(self, location: Location) -> tuple[ObjectInfo, bytes] | None:
        """Return the object at ``location`` with its whole body, or None if there is none."""
        stored = await self.open(location, inline_bytes=_ANY_SIZE)
        if stored is None:
            return None
        assert isinstance(stored.body, bytes)
        return stored.info, stored.body

    async def walk(self) -> AsyncIterator[tuple[Location, ObjectInfo, bytes]]:
        """Yield every object with its whole body, ordered by the code points of bucket and key."""
        for bucket in await self.buckets():
            for key, _ in await self.list(bucket):
                location = Location(bucket, key)
                found = await self.read(location)
                if found is not None:
                    yield location, *found

    @abstractmethod
    async def checkpoint(self) -> StorageCheckpoint:
        """Take a checkpoint of all objects."""

    @abstractmethod
    async def beside(self) -> Replacement:
        """Start to build the engine's next content, without any object."""

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine does not work."""

    @abstractmethod
    async def clear(self) -> None:
        """Remove every object."""

    @abstractmethod
    async def close(self) -> None:
        """Release the engine's resources."""
