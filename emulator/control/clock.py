"""The emulator's clock for callers outside its process: shown, stopped, moved and released."""

from __future__ import annotations

from typing import Any

from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import invalid
from emulator.core.instants import to_text


class ClockControl:
    """The clock. Every method returns what it says afterwards, as a JSON object; instants are in
    seconds since the Unix epoch."""

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

    def freeze(self, at: float | None = None) -> dict[str, Any]:
        """Stand still, now or at an instant."""
        self._clock.freeze(None if at is None else round(at * MICROSECONDS))
        return self.describe()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move on by ``seconds``, frozen or not.

        Raises:
            BadRequestError: it would be beyond the year 9999.
        """
        if self._clock.now() / MICROSECONDS + seconds > LAST_SECOND:
            invalid("seconds", "it leads beyond the year 9999")
        self._clock.advance(seconds)
        return self.describe()

    def set(self, at: float) -> dict[str, Any]:
        """Be at an instant, and go on from there unless frozen."""
        self._clock.set(round(at * MICROSECONDS))
        return self.describe()

    def release(self) -> dict[str, Any]:
        """Follow the system's clock again."""
        self._clock.release()
        return self.describe()
