"""What every handle needs: work in the emulator's thread, and text that goes to a file too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from emulator.control.parts import Control

_T = TypeVar("_T")


class Run(Protocol):
    """Does something with the running emulator, in its thread."""

    def __call__(self, work: Callable[[Control], Awaitable[_T]]) -> _T: ...


class Handle:
    """Calls the parts of a running emulator."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _ask(self, work: Callable[[Control], _T]) -> _T:
        """The same as ``_run`` for what does not wait."""

        async def asked(control: Control) -> _T:
            return work(control)

        return self._run(asked)


def written(text: str, path: str | Path | None) -> str:
    """``text``, which is written to ``path`` if that is given.

    Raises:
        OSError: the file cannot be written.
    """
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
