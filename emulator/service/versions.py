"""The versions of objects: numbers that order all writes of this process."""

from __future__ import annotations

from emulator.clock import Clock


class Versions:
    """Gives every write a number after all that were given before.

    A number is the instant of the write, so that those of processes whose clocks agree are in
    order too, or the one after the last where the clock has not moved on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """The version of a write that happens now."""
        self._last = max(self._clock.now(), self._last + 1)
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
