"""What the service asks of a storage engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from emulator.backends.checkpoint import Checkpoint
from emulator.core.model import Location, ObjectInfo, Store

if TYPE_CHECKING:
    from typing_extensions import Self


class BodyStream(Protocol):
    """A body that is too large to hold: one whole version, whatever happens to the object since.

    Whoever receives it closes it.
    """

    file: BinaryIO | None
    """The open file whose first ``size`` bytes are the body, where the engine has one."""

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes | memoryview]:
        """The body from its beginning, in pieces of a bounded size."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the stream holds. Closing twice is fine."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One whole version of an object as storage has it."""

    info: ObjectInfo
    body: bytes | BodyStream


class Upload(Protocol):
    """A body on its way in. Nothing of it can be seen before ``commit`` returns.

    It is an asynchronous context manager; left without a commit it leaves no trace.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.abort()

    @abstractmethod
    async def write(self, chunk: bytes) -> None:
        """Append ``chunk`` to the body."""

    @abstractmethod
    async def flush(self) -> None:
        """Do now what can be done before the object's information is known, so that ``commit``
        is short: its caller has stamped the object, and others wait for it."""

    @abstractmethod
    async def commit(self, info: ObjectInfo) -> None:
        """Publish the body and ``info`` in one step, in place of what was there.

        A reader sees the old object or the new one. When this raises, the caller must take it
        that either of them may be there.
        """

    @abstractmethod
    async def abort(self) -> None:
        """Forget what was written; after a commit, do nothing."""


class Storage(Protocol):
    """A storage engine. Any exception it raises is answered with 500 and logged."""

    name: str
    """What the engine is called on the command line."""

    patience: float | None = None
    """How many seconds a writer waits for those who write the same object; None: as long as it
    takes."""

    can_be_emptied: bool = True
    """Whether the objects are the emulator's alone. Where they are not, ``clear`` and
    ``checkpoint`` raise ``BadRequestError`` (D73)."""

    async def start(self) -> None:
        """Make ready, before anything else is asked.

        Raises:
            ConfigurationError: the engine cannot do its work as it was configured.
        """
        return

    def for_store(self, store: Store) -> Storage:  # noqa: ARG002
        """The engine as it is reached in the name of ``store``, where that makes a difference."""
        return self

    @abstractmethod
    def upload(self, location: Location) -> Upload:
        """Begin to write the object at ``location``."""

    async def put(self, location: Location, info: ObjectInfo, body: bytes) -> None:
        """Write an object that is at hand, in place of what was there."""
        async with self.upload(location) as upload:
            await upload.write(body)
            await upload.flush()
            await upload.commit(info)

    @abstractmethod
    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        """The object at ``location``, or None where there is none.

        A body of up to ``inline_bytes`` bytes comes as ``bytes``, a larger one as a stream.
        """

    @abstractmethod
    async def delete(self, location: Location) -> bool:
        """Remove the object at ``location``, and say whether there was one."""

    async def remove(self, location: Location) -> None:
        """Have no object at ``location``.

        Raises:
            OutcomeUnknownError: it may be removed later.
        """
        await self.delete(location)

    @abstractmethod
    async def buckets(self) -> list[str]:
        """The buckets that hold objects, in the order of their names."""

    @abstractmethod
    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        """Every object of the bucket whose key begins with ``prefix``, in the order of the keys'
        code points, expired or not."""

    @abstractmethod
    async def checkpoint(self) -> Checkpoint:
        """Every object as it is now."""

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine cannot do its work."""

    @abstractmethod
    async def clear(self) -> None:
        """Remove every object."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the engine holds."""
