"""How a handle has something done in the emulator's thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from emulator.app import App

_T = TypeVar("_T")


class Run(Protocol):
    """Has something done with the running emulator, in its thread."""

    def __call__(self, work: Callable[[App], Awaitable[_T]]) -> _T: ...
