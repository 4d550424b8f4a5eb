"""The one source of time: epoch microseconds that a test can freeze and move."""

from __future__ import annotations

import time
from typing import NamedTuple

MICROSECONDS = 1_000_000
"""Microseconds in a second."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in seconds since the Unix epoch: calendars end there."""


class ClockState(NamedTuple):
    """How a clock goes: by how many microseconds it is ahead of the system's, and at which instant
    it stands still, if it does."""

    offset: int
    frozen_at: int | None


class Clock:
    """Tells the time of the service; nothing else in the emulator reads a clock.

    Left alone it follows the system's clock. Once frozen it stands still until it is advanced
    or released.
    """

    ticks = staticmethod(time.perf_counter_ns)
    """Nanoseconds of real time since some moment: for durations, which go on while the clock stands
    still."""

    def __init__(self) -> None:
        self._offset = 0
        self._frozen_at: int | None = None

    def now(self) -> int:
        """The current instant in microseconds since the Unix epoch."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time_ns() // 1000 + self._offset

    def since(self, instant: int) -> int:
        """The microseconds since ``instant`` (epoch microseconds): none where the clock has been
        put back to before it."""
        return max(0, self.now() - instant)

    def has_reached(self, second: int | None) -> bool:
        """Whether that second since the Unix epoch has begun; None never does."""
        return second is not None and self.now() >= second * MICROSECONDS

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen_at is not None

    def freeze(self, at: int | None = None) -> None:
        """Stand still, at ``at`` (epoch microseconds) or at the current instant.

        Raises:
            TypeError: ``at`` is no integer.
        """
        self._frozen_at = self.now() if at is None else _instant(at)

    def set(self, at: int) -> None:
        """Be at ``at`` (epoch microseconds), before or after the current instant, and go on from
        there unless frozen.

        Raises:
            TypeError: ``at`` is no integer.
        """
        _instant(at)
        if self._frozen_at is None:
            self._offset += at - self.now()
        else:
            self._frozen_at = at

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``, frozen or not.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time only goes forward: advance({seconds}) is negative")
        step = round(seconds * MICROSECONDS)
        if self._frozen_at is None:
            self._offset += step
        else:
            self._frozen_at += step

    def save(self) -> ClockState:
        """How the clock goes now."""
        return ClockState(self._offset, self._frozen_at)

    def load(self, state: ClockState) -> None:
        """Go like that again."""
        self._offset, self._frozen_at = state

    def release(self) -> None:
        """Follow the system's clock again, without an offset."""
        self._offset = 0
        self._frozen_at = None


def _instant(at: object) -> int:
    if not isinstance(at, int):
        raise TypeError(f"{at!r} is no instant in microseconds since the Unix epoch")
    return at


class Versions:
    """Gives every write a number after all that were given before.

    A number is the instant of the write, so that those of processes whose clocks agree are in
    order too, or the one after the last where the clock has not moved on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self, now: int) -> int:
        """The version of a write that happens ``now``, in microseconds since the Unix epoch."""
        self._last = max(now, self._last + 1)
        return self._last

    def latest(self) -> int:
        """A version that no write before now is after, and every later one of this process is."""
        self._last = max(self._clock.now(), self._last)
        return self._last

    def forget(self) -> None:
        """Begin to count anew, now that there is no object."""
        self._last = 0

    def follow(self, version: int) -> None:
        """Have every later write come after ``version``."""
        self._last = max(version, self._last)
