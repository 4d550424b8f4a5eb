"""Why a command ends without having done what it was asked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class CommandError(Exception):
    """A command failed. The text, one line, names the cause and the way out; ``status`` is what
    the process exits with."""

    status: ClassVar[int] = 1


class UsageError(CommandError):
    """The command was not given what it needs, or something that it cannot take."""

    status = 2


class UnreachableError(CommandError):
    """No emulator answers at the endpoint."""


class RefusedError(CommandError):
    """The service refused, or could not do, what the command asked it for.

    ``code`` is the status that the service answered with, and ``lines`` what it said, line by line
    and fit to be printed; 0 and nothing where it is not the service's answer that says so.
    """

    def __init__(self, text: str, *, code: int = 0, lines: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.lines = lines
