"""The pace of requests to an endpoint: a bucket of tokens, filled at the rate it allows."""

from __future__ import annotations

from collections.abc import Callable

from emulator.core.private import monotonic, sleep


class Pace:
    """Waits before each request as needed. A test passes its own clock and pause."""

    def __init__(
        self,
        per_second: float,
        burst: int = 1,
        *,
        now: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        """Start with ``burst`` tokens. Raises ValueError where none could ever pass."""
        if per_second <= 0 or burst < 1:
            raise ValueError("a pace needs a rate above 0 and a burst of at least 1")
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._pause = pause
        self._tokens = float(burst)
        self._filled_at = now()

    def take(self) -> float:
        """Take a token, after a pause where none is left. Returns the pause, in seconds."""
        moment = self._now()
        gained = (moment - self._filled_at) * self._per_second
        self._tokens = min(self._burst, self._tokens + gained) - 1
        self._filled_at = moment
        wait = max(0.0, -self._tokens / self._per_second)
        if wait:
            self._pause(wait)
        return wait
