"""What goes wrong between us and a Valkey."""

from __future__ import annotations

from emulator.core.failures import EngineUnavailableError


class DownError(EngineUnavailableError):
    """The server gives nothing to anybody: nothing listens at its address, or it is still loading.
    Once it answers again, it is in another run."""


class LostError(EngineUnavailableError):
    """The connection is gone. What was on its way may have been done or not."""


class LateError(EngineUnavailableError):
    """There was no answer in time. What was asked may be done yet."""


_MEANINGS = {
    "WRONGPASS": "refuses the user or password",
    "NOAUTH": "refuses the user or password",
    "NOPERM": "says that the user may not do what is needed",
    "OOM": "has no memory left",
}


class RefusedError(EngineUnavailableError):
    """The server answered that it does not do what it was asked to; ``reply`` is its answer."""

    def __init__(self, server: str, reply: str) -> None:
        self.reply = reply
        super().__init__(f"{server} {_MEANINGS.get(self.code, 'answers')}: {reply}")

    @property
    def code(self) -> str:
        """The first word of the answer, such as ``MOVED`` or ``OOM``."""
        return self.reply.partition(" ")[0]
