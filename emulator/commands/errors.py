"""Errors that end a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class CommandError(Exception):
    """A command failed. The text is one line with the cause and the fix; ``status`` is the exit
    status of the process."""

    status: ClassVar[int] = 1


class UsageError(CommandError):
    """The arguments or the environment of the command are missing something, or are invalid."""

    status = 2


class UnreachableError(CommandError):
    """No emulator answers at the endpoint."""


class RefusedError(CommandError):
    """The service refused or failed to do what the command asked for.

    ``code`` is the status of its answer, ``lines`` is its message, in lines that can be printed; 0
    and empty if the error is not an answer of the service.
    """

    def __init__(self, text: str, *, code: int = 0, lines: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.lines = lines


class ForeignAnswerError(RefusedError):
    """What answers at the endpoint is no emulator. ``answered`` is the status of its answer."""

    def __init__(self, text: str, *, answered: int) -> None:
        super().__init__(text)
        self.answered = answered
