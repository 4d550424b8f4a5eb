"""What an engine held at one moment, so that it can be made to hold it again."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Checkpoint(Protocol):
    """What an engine held at one moment.

    It can be restored any number of times, in any order with others, until it is discarded or
    the engine is closed. A write that runs while a checkpoint is taken or restored is in it or
    not, as a whole.
    """

    @abstractmethod
    async def restore(self) -> None:
        """Make the engine hold exactly that again.

        Raises:
            RuntimeError: the checkpoint has been discarded.
        """

    @abstractmethod
    async def discard(self) -> None:
        """Give back what the checkpoint holds. Discarding twice is fine."""


class HeldCheckpoint(Checkpoint, Generic[T]):
    """A checkpoint that holds all of it in this process, as a value that nobody changes.

    Args:
        held: the value.
        restore: makes the engine hold it again.
    """

    def __init__(self, held: T, restore: Callable[[T], Awaitable[None]]) -> None:
        self._held: T | None = held
        self._restore = restore

    async def restore(self) -> None:
        if self._held is None:
            raise RuntimeError("The checkpoint has been discarded")
        await self._restore(self._held)

    async def discard(self) -> None:
        self._held = None


class JointCheckpoint(Checkpoint):
    """Checkpoints of several engines, as one."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._checkpoints = checkpoints

    async def restore(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.restore()

    async def discard(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.discard()
