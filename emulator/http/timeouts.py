"""How long clients may take (D120), and how a body says that it has stopped coming."""

from __future__ import annotations

from typing import NamedTuple

from emulator.http.message import BodyError

LINGER_SECONDS = 10.0
"""How long the rest of a body that nobody wants is read and dropped, so that a reset does not
overtake the answer."""


class Timeouts(NamedTuple):
    """How long clients may take, in seconds of real time (D120)."""

    head: float = 30.0
    """For the head of a request, from its first byte on, or from when the connection was made."""
    body: float = 60.0
    """For the next piece of a body that a request waits for."""
    keep_alive: float = 75.0
    """For the next request on a connection."""


DEFAULT_TIMEOUTS = Timeouts()


class StalledBodyError(BodyError):
    """The body has stopped coming."""
