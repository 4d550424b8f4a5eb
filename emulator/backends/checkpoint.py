"""Checkpoints: the content of an engine at one moment, to be restored later."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Checkpoint(Protocol):
    """The content of an engine at one moment.

    It can be restored any number of times, in any order with others, until it is discarded or
    the engine is closed. A write that runs while a checkpoint is taken or restored is included
    wholly or not at all.
    """

    @abstractmethod
    async def restore(self) -> None:
        """Restore exactly this content.

        Raises:
            RuntimeError: the checkpoint has been discarded.
        """

    @abstractmethod
    async def discard(self) -> None:
        """Release the resources of the checkpoint. Discarding twice is allowed."""


class HeldCheckpoint(Checkpoint, Generic[T]):
    """A checkpoint that keeps the content as a value that is never changed.

    Args:
        held: the value.
        restore: puts the value back into the engine.
        forget: called with the value when it is discarded, to free a large one in small steps.
    """

    def __init__(
        self,
        held: T,
        restore: Callable[[T], Awaitable[None]],
        forget: Callable[[T], None] = lambda _: None,
    ) -> None:
        self._held: T | None = held
        self._restore = restore
        self._forget = forget

    async def restore(self) -> None:
        await self._restore(self._required())

    async def discard(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._forget(held)

    def _required(self) -> T:
        """The value.

        Raises:
            RuntimeError: the checkpoint has been discarded.
        """
        if self._held is None:
            raise RuntimeError("The checkpoint has been discarded")
        return self._held


class JointCheckpoint(Checkpoint):
    """One checkpoint made of the checkpoints of several engines."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self._checkpoints = checkpoints

    async def restore(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.restore()

    async def discard(self) -> None:
        for checkpoint in self._checkpoints:
            await checkpoint.discard()
