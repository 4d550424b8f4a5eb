"""Instants as people and programs write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from emulator.core.clock import LAST_SECOND, MICROSECONDS
from emulator.core.documents import refuse

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_INSTANT = -62_135_596_800 * MICROSECONDS


def to_text(instant: int) -> str:
    """An instant, in microseconds since the Unix epoch, in ISO 8601 with microseconds, in UTC."""
    shown = min(max(instant, _FIRST_INSTANT), LAST_SECOND * MICROSECONDS)  # Calendars end there.
    since = timedelta(microseconds=shown)
    return (_EPOCH + since).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_datetime(value: datetime) -> int:
    """The instant, in microseconds since the Unix epoch, of a date and time with its offset."""
    return (value - _EPOCH) // timedelta(microseconds=1)


def parse_instant(value: object, path: str) -> int:
    """The instant, in microseconds since the Unix epoch, that a number of seconds since then or a
    text in ISO 8601 with its offset stands for.

    Raises:
        BadRequestError: it stands for none from 1970 to 9999.
    """
    instant: int | None = None
    if isinstance(value, str):
        instant = _from_text(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        instant = _from_seconds(value)
    if instant is None or not 0 <= instant <= LAST_SECOND * MICROSECONDS:
        refuse(
            path,
            "it must be an instant from 1970 to 9999: seconds since the Unix epoch, "
            "or as in 2030-01-01T00:00:00Z",
        )
    return instant


def _from_seconds(seconds: float) -> int | None:
    # A comparison of its own: what is no number, or beyond all measure, cannot be rounded.
    return round(seconds * MICROSECONDS) if 0 <= seconds <= LAST_SECOND else None


def _from_text(text: str) -> int | None:
    try:
        return _from_seconds(float(text))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        # An instant without its offset is another one in every place.
        return None if found.tzinfo is None else from_datetime(found)
    except (ValueError, OverflowError):
        return None
