"""Instants as people and programs write them."""

from __future__ import annotations

import math
from datetime import datetime, timezone

from emulator.clock import LAST_SECOND, MICROSECONDS
from emulator.documents import refuse


def to_text(instant: int) -> str:
    """An instant, in microseconds since the Unix epoch, in ISO 8601 with microseconds, in UTC."""
    seconds = min(instant, LAST_SECOND * MICROSECONDS) / MICROSECONDS
    written = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")
    return written.replace("+00:00", "Z")


def parse_instant(value: object, path: str) -> int:
    """The instant, in microseconds since the Unix epoch, that a number of seconds since then or a
    text in ISO 8601 with its offset stands for.

    Raises:
        BadRequestError: it stands for none from 1970 to 9999.
    """
    seconds: float | None = None
    if isinstance(value, str):
        seconds = _seconds(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= LAST_SECOND:
        refuse(
            path,
            "it must be an instant from 1970 to 9999: seconds since the Unix epoch, "
            "or as in 2030-01-01T00:00:00Z",
        )
    return round(seconds * MICROSECONDS)


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    # An instant without its offset is another one in every place.
    return None if found.tzinfo is None else found.timestamp()
