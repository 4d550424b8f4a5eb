"""What an operation answers if it is not JSON with the status of the table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple


class EventStream(NamedTuple):
    """Events in the form ``text/event-stream``. A piece may be empty: then there is nothing new,
    and whoever sends looks whether the client is still there."""

    pieces: AsyncIterator[str]


class WithStatus(NamedTuple):
    """An answer whose status is not that of the table."""

    status: int
    answer: object
