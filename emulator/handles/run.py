"""Base of the handles: run work in the emulator's thread, and write text to a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from emulator.control.parts import Control

__tracebackhide__ = True  # pytest shows the line of the test that called.

_T = TypeVar("_T")


class Run(Protocol):
    """Runs ``work`` on the running emulator, in its thread."""

    def __call__(self, work: Callable[[Control], Awaitable[_T]]) -> _T: ...


class Handle:
    """Base class: calls the parts of a running emulator."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _ask(self, work: Callable[[Control], _T]) -> _T:
        """Run synchronous work, as ``_run`` runs asynchronous work."""

        async def asked(control: Control) -> _T:
            return work(control)

        return self._run(asked)


def save_text(text: str, path: str | Path | None) -> str:
    """Return ``text``, and write it to ``path`` if it is given.

    Raises:
        OSError: the file cannot be written.
    """
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
