"""The time of the endpoint, which cases let go by."""

from __future__ import annotations

from emulator.core.private import sleep, time


class EndpointTime:
    """Real time. A test has the clock of its emulator in this place."""

    def now(self) -> float:
        """Return the time, in seconds of the epoch, as far as it can be known."""
        return time()

    def wait(self, seconds: float) -> None:
        """Let so much time go by."""
        sleep(seconds)
