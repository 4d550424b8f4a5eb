"""Control of the emulator's clock: show it, stop it, move it and release it."""

from __future__ import annotations

from typing import Any

from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import invalid
from emulator.core.instants import to_text


class ClockControl:
    """Controls the clock. Every method returns the clock's state after it, as a JSON object;
    instants are in seconds since the Unix epoch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def describe(self) -> dict[str, Any]:
        """Return the current instant, and whether the clock is frozen."""
        now = self._clock.now()
        return {
            "now": to_text(now),
            "epoch_seconds": now / MICROSECONDS,
            "frozen": self._clock.frozen,
        }

    def freeze(self, at: float | None = None) -> dict[str, Any]:
        """Stop the clock, now or at an instant."""
        self._clock.freeze(None if at is None else round(at * MICROSECONDS))
        return self.describe()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move the clock forward by ``seconds``, frozen or not.

        Raises:
            BadRequestError: the new instant would be after the year 9999.
        """
        if self._clock.now() / MICROSECONDS + seconds > LAST_SECOND:
            invalid("seconds", "the clock must not pass the year 9999")
        self._clock.advance(seconds)
        return self.describe()

    def set(self, at: float) -> dict[str, Any]:
        """Set the clock to an instant; it goes on from there unless frozen."""
        self._clock.set(round(at * MICROSECONDS))
        return self.describe()

    def release(self) -> dict[str, Any]:
        """Let the clock follow the system's clock again."""
        self._clock.release()
        return self.describe()
