"""Why a command ends without having done what it was asked to."""

from __future__ import annotations

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
    """The service refused, or could not do, what the command asked it for."""
