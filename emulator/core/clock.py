"""The only source of time: epoch microseconds that a test can freeze and move."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from emulator.core.private import perf_counter_ns, time_ns

MICROSECONDS = 1_000_000
"""Microseconds in a second."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in seconds since the Unix epoch: ``datetime`` ends there."""


class ClockState(NamedTuple):
    """The setting of a clock.

    ``offset`` is how many microseconds it is ahead of the system's clock, ``frozen_at`` the instant
    at which it is frozen (epoch microseconds), or None.
    """

    offset: int
    frozen_at: int | None


class Clock:
    """The time of the service; nothing else in the emulator reads a clock.

    It follows the system's clock by default. Once frozen it stands still until it is advanced
    or released.
    """

    ticks = staticmethod(perf_counter_ns)
    """Nanoseconds of real time, from an arbitrary start: for durations, which also grow while the
    clock is frozen."""

    def __init__(self) -> None:
        self._offset = 0
        self._frozen_at: int | None = None
        self.watchers: list[Callable[[], None]] = []
        """Called after the clock was moved, stopped or released, in the thread that did it."""

    def now(self) -> int:
        """The current instant in microseconds since the Unix epoch."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time_ns() // 1000 + self._offset

    def since(self, instant: int) -> int:
        """The microseconds since ``instant`` (epoch microseconds); 0 if the clock has been set
        back to before it."""
        return max(0, self.now() - instant)

    def has_reached(self, second: int | None) -> bool:
        """Whether ``second`` (since the Unix epoch) has begun; always False for None."""
        return second is not None and self.now() >= second * MICROSECONDS

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self._frozen_at is not None

    def freeze(self, at: int | None = None) -> None:
        """Stand still, at ``at`` (epoch microseconds) or at the current instant.

        Raises:
            TypeError: ``at`` is not an integer.
        """
        self._frozen_at = self.now() if at is None else _instant(at)
        self._moved()

    def set(self, at: int) -> None:
        """Set the clock to ``at`` (epoch microseconds), before or after the current instant; it
        goes on from there unless it is frozen.

        Raises:
            TypeError: ``at`` is not an integer.
        """
        _instant(at)
        if self._frozen_at is None:
            self._offset += at - self.now()
        else:
            self._frozen_at = at
        self._moved()

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
        self._moved()

    def save(self) -> ClockState:
        """Return the clock's setting."""
        return ClockState(self._offset, self._frozen_at)

    def load(self, state: ClockState) -> None:
        """Apply a setting that ``save`` returned."""
        self._offset, self._frozen_at = state
        self._moved()

    def release(self) -> None:
        """Follow the system's clock again, without an offset."""
        self._offset = 0
        self._frozen_at = None
        self._moved()

    def _moved(self) -> None:
        for watcher in tuple(self.watchers):
            watcher()


def _instant(at: object) -> int:
    if not isinstance(at, int):
        raise TypeError(f"{at!r} is not an integer of microseconds since the Unix epoch")
    return at


class Versions:
    """Gives every write a version that is higher than all earlier ones.

    A version is the instant of the write, or the last version plus one if the clock has not moved
    on. So the versions of several processes are in order too, as far as their clocks agree.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self, now: int) -> int:
        """Return the version of a write that happens ``now`` (epoch microseconds)."""
        self._last = max(now, self._last + 1)
        return self._last

    def latest(self) -> int:
        """Return a version that no earlier write exceeds, and that every later write of this
        process exceeds."""
        self._last = max(self._clock.now(), self._last)
        return self._last

    def forget(self) -> None:
        """Start again from the clock: no object is left."""
        self._last = 0

    def follow(self, version: int) -> None:
        """Make every later version higher than ``version``."""
        self._last = max(version, self._last)
