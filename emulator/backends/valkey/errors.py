"""Errors of calls to a Valkey."""

from __future__ import annotations

from emulator.core.failures import EngineUnavailableError


class DownError(EngineUnavailableError):
    """The server serves nobody: nothing listens at its address, or it is still loading. When it
    answers again, that is another run of it."""


class LostError(EngineUnavailableError):
    """The connection is lost. A command without an answer may have been executed or not."""


class LateError(EngineUnavailableError):
    """There was no answer in time. The command may still be executed."""


_MEANINGS = {
    "WRONGPASS": "refuses the user or password",
    "NOAUTH": "refuses the user or password",
    "NOPERM": "denies the user a permission",
    "OOM": "has no memory left",
}


class RefusedError(EngineUnavailableError):
    """The server answered with an error, ``reply``: it did not execute the command."""

    def __init__(self, server: str, reply: str) -> None:
        self.reply = reply
        super().__init__(f"{server} {_MEANINGS.get(self.code, 'answers')}: {reply}")

    @property
    def code(self) -> str:
        """The first word of the reply, such as ``MOVED`` or ``OOM``."""
        return self.reply.partition(" ")[0]
