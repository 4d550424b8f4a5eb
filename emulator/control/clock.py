"""The emulator's clock for those who are not in its process: told, stopped, moved and let go."""

from __future__ import annotations

from typing import Any

from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import member, members, only, refuse
from emulator.core.instants import to_text


class ClockControl:
    """The clock as JSON documents. Every method returns what the clock says afterwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def describe(self) -> dict[str, Any]:
        """The current instant, and whether it stands still."""
        now = self._clock.now()
        return {
            "now": to_text(now),
            "epoch_seconds": now / MICROSECONDS,
            "frozen": self._clock.frozen,
        }

    def freeze(self, document: object) -> dict[str, Any]:
        """Stand still, now or at the instant ``at`` in seconds since the Unix epoch.

        Raises:
            BadRequestError: ``at`` is no such instant.
        """
        body = members(document, "request body")
        only(body, "", ("at",))
        at = body.get("at")
        self._clock.freeze(None if at is None else round(_seconds(at, "at") * MICROSECONDS))
        return self.describe()

    def advance(self, document: object) -> dict[str, Any]:
        """Move on by ``seconds``, frozen or not.

        Raises:
            BadRequestError: ``seconds`` is no number, negative, or leads beyond the year 9999.
        """
        body = members(document, "request body")
        only(body, "", ("seconds",))
        seconds = _seconds(member(body, "seconds"), "seconds")
        if self._clock.now() / MICROSECONDS + seconds > LAST_SECOND:
            refuse("seconds", "it leads beyond the year 9999")
        self._clock.advance(seconds)
        return self.describe()

    def set(self, document: object) -> dict[str, Any]:
        """Be at the instant ``at`` in seconds since the Unix epoch, and go on unless frozen.

        Raises:
            BadRequestError: ``at`` is no such instant.
        """
        body = members(document, "request body")
        only(body, "", ("at",))
        self._clock.set(round(_seconds(member(body, "at"), "at") * MICROSECONDS))
        return self.describe()

    def release(self, document: object) -> dict[str, Any]:
        """Follow the system's clock again.

        Raises:
            BadRequestError: there is something to be said with it, which there is not.
        """
        only(members(document, "request body"), "", ())
        self._clock.release()
        return self.describe()


def _seconds(value: object, path: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        refuse(path, "it must be a number of seconds")
    if not 0 <= value <= LAST_SECOND:
        refuse(path, "it must lie between 0 and the year 9999, in seconds")
    return value
