"""Handle of the clock: what moves it takes instants and durations in every form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.errors import BadRequestError
from emulator.core.instants import parse_instant, parse_seconds

__tracebackhide__ = True  # pytest shows the line of the test that called.

_MEANT_AS_SECONDS = range(100_000_000, LAST_SECOND + 1)
"""Integers that are years from 1973 on in seconds, and days of January 1970 in microseconds."""


_INSTANTS = (
    "give a datetime with a UTC offset, text with one as in 2030-01-01T00:00:00Z, or an integer of "
    "microseconds since the Unix epoch"
)


class ClockHandle(Clock):
    """The emulator's clock.

    An instant is a ``datetime`` with a UTC offset, text in ISO 8601, or an integer of microseconds
    since the Unix epoch, as ``now`` returns it; one that is meant as seconds is refused. A duration
    is a ``timedelta``, text with a unit as in ``"90s"`` or ``"1h"``, or a number of seconds.

    Args:
        check: called before each change; raises ``RuntimeError`` where the clock is a copy.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__()
        self._check = check

    def freeze(self, at: datetime | str | int | None = None) -> None:
        """Stand still, at ``at`` or at the current instant.

        Raises:
            TypeError: ``at`` is of another type than an instant has.
            ValueError: ``at`` is not an instant of the years 1970 to 9999.
        """
        self._check()
        super().freeze(None if at is None else _instant(at))

    def set(self, at: datetime | str | int) -> None:
        """Set the clock to ``at``, before or after the current instant; it goes on from there
        unless it is frozen.

        Raises:
            TypeError: ``at`` is of another type than an instant has.
            ValueError: ``at`` is not an instant of the years 1970 to 9999.
        """
        self._check()
        super().set(_instant(at))

    def advance(self, seconds: timedelta | str | float) -> None:
        """Move on by a duration, frozen or not.

        Raises:
            ValueError: it is negative, or is not a duration.
        """
        self._check()
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        super().advance(_seconds(seconds) if isinstance(seconds, str) else seconds)

    def release(self) -> None:
        """Follow the system's clock again, without an offset."""
        self._check()
        super().release()


def _instant(at: datetime | str | int) -> int:
    if isinstance(at, int) and at in _MEANT_AS_SECONDS:
        raise ValueError(
            f"{at} microseconds since the Unix epoch are in January 1970: for seconds give "
            f"{at} * {MICROSECONDS:_}, a datetime with a UTC offset, or text as in "
            "2030-01-01T00:00:00Z"
        )
    if isinstance(at, int):
        return at
    if not isinstance(at, (datetime, str)):
        raise TypeError(f"{at!r} is not an instant: {_INSTANTS}")
    try:
        return parse_instant(at, "instant")
    except BadRequestError:
        raise ValueError(f"{str(at)!r} is not an instant from 1970 to 9999: {_INSTANTS}") from None


def _seconds(text: str) -> float:
    try:
        return parse_seconds(text, "duration")
    except BadRequestError as error:
        raise ValueError(error.message) from None
