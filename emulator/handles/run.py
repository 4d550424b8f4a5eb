"""What every handle needs: work in the emulator's thread, and text that goes to a file too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from emulator.app import App

_T = TypeVar("_T")


class Run(Protocol):
    """Has something done with the running emulator, in its thread."""

    def __call__(self, work: Callable[[App], Awaitable[_T]]) -> _T: ...


def written(text: str, path: str | Path | None) -> str:
    """``text``, which is written to ``path`` if that is given.

    Raises:
        OSError: the file cannot be written.
    """
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
