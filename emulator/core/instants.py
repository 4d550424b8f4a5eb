"""Convert instants from and to the forms that people and programs write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from emulator.core.clock import LAST_SECOND, MICROSECONDS
from emulator.core.documents import invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_INSTANT = -62_135_596_800 * MICROSECONDS


def to_text(instant: int) -> str:
    """Format an instant (epoch microseconds) as ISO 8601 with microseconds, in UTC."""
    shown = min(max(instant, _FIRST_INSTANT), LAST_SECOND * MICROSECONDS)  # datetime's range.
    since = timedelta(microseconds=shown)
    return (_EPOCH + since).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_datetime(value: datetime) -> int:
    """The instant (epoch microseconds) of a date and time with its UTC offset."""
    return (value - _EPOCH) // timedelta(microseconds=1)


def parse_instant(value: object, path: str) -> int:
    """Parse an instant: a number of seconds since the Unix epoch, as a number or a string, or
    ISO 8601 with a UTC offset. Returns epoch microseconds.

    Raises:
        BadRequestError: it is neither, or lies outside the years 1970 to 9999.
    """
    instant: int | None = None
    if isinstance(value, str):
        instant = _from_text(value)
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
        pass
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        # Without a UTC offset, a date and time is a different instant in every time zone.
        return None if found.tzinfo is None else from_datetime(found)
    except (ValueError, OverflowError):
        return None
