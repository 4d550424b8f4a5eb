"""Read instants and durations in every form that people and programs write, and write instants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from emulator.core.clock import LAST_SECOND, MICROSECONDS
from emulator.core.documents import invalid, whole_number

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_INSTANT = -62_135_596_800 * MICROSECONDS

DURATION = re.compile(r"([0-9]{1,12})(ms|s|m|h|d)")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def to_text(instant: int) -> str:
    """Format an instant (epoch microseconds) as ISO 8601 with microseconds, in UTC."""
    shown = min(max(instant, _FIRST_INSTANT), LAST_SECOND * MICROSECONDS)  # datetime's range.
    since = timedelta(microseconds=shown)
    return (_EPOCH + since).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_datetime(value: datetime) -> int:
    """The instant (epoch microseconds) of a date and time with its UTC offset."""
    return (value - _EPOCH) // timedelta(microseconds=1)


def parse_instant(value: object, path: str) -> int:
    """Parse an instant: a number of seconds since the Unix epoch, as a number or a string, ISO 8601
    with a UTC offset, or a ``datetime`` with one. Returns epoch microseconds.

    Raises:
        BadRequestError: it is none of these, or lies outside the years 1970 to 9999.
    """
    instant: int | None = None
    if isinstance(value, str):
        instant = _from_text(value)
    elif isinstance(value, datetime):
        instant = None if value.tzinfo is None else from_datetime(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        instant = _from_seconds(value)
    if instant is None or not 0 <= instant <= LAST_SECOND * MICROSECONDS:
        invalid(
            path,
            "it must be an instant from 1970 to 9999: seconds since the Unix epoch, "
            "or as in 2030-01-01T00:00:00Z",
        )
    return instant


def _from_seconds(seconds: float) -> int | None:
    # Compare first: NaN and infinity cannot be rounded.
    return round(seconds * MICROSECONDS) if 0 <= seconds <= LAST_SECOND else None


def _from_text(text: str) -> int | None:
    try:
        return _from_seconds(float(text))
    except ValueError:
        return from_iso(text)


def from_iso(text: str) -> int | None:
    """The instant (epoch microseconds) of ISO 8601 with a UTC offset; None if it is not that.

    Without its offset, a date and time is a different instant in every time zone.
    """
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return None if found.tzinfo is None else from_datetime(found)
    except (ValueError, OverflowError):
        return None


def parse_seconds(value: object, path: str) -> float:
    """Parse a duration: a number of seconds, a ``timedelta``, or text with a unit as in ``"90s"``,
    ``"15m"``, ``"1h"``, ``"7d"`` or ``"500ms"``. Returns seconds.

    Raises:
        BadRequestError: it is none of these, is negative, or is longer than all years to 9999.
    """
    if isinstance(value, timedelta):
        seconds: object = value.total_seconds()
    else:
        seconds = from_duration(value) if isinstance(value, str) else value
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        invalid(path, 'it must be a number of seconds, or text as "90s", "15m", "1h" or "7d"')
    if not 0 <= seconds <= LAST_SECOND:
        invalid(path, "it must lie between 0 and the year 9999, in seconds")
    return seconds


def parse_whole_seconds(value: object, path: str) -> int:
    """Parse a duration, as ``parse_seconds`` does, that has to be a whole number of seconds.

    Raises:
        BadRequestError: it is not a duration, or not a whole number.
    """
    if isinstance(value, (str, timedelta)):
        seconds = parse_seconds(value, path)
        return whole_number(int(seconds) if seconds == int(seconds) else seconds, path)
    return whole_number(value, path)


def from_duration(text: str) -> float | None:
    """The seconds of a whole number with a unit, as in ``1h``; None if it is not that."""
    found = DURATION.fullmatch(text)
    return None if found is None else int(found.group(1)) * _MILLISECONDS[found.group(2)] / 1000


def as_json(value: object) -> object:
    """Return ``value`` with every ``datetime`` and ``timedelta`` in it as JSON has them: in ISO
    8601, and in seconds.

    Raises:
        ValueError: a ``datetime`` has no UTC offset.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no UTC offset: give it a time zone")
        return to_text(from_datetime(value))
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {name: as_json(each) for name, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, (list, tuple)) else value
