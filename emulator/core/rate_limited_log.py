"""Warnings that every request would bring while something is wrong: said once a second."""

from __future__ import annotations

import logging
import time

from emulator.core.failures import EngineUnavailableError

PAUSE_SECONDS = 1.0


class RateLimitedLogger:
    """Logs what goes wrong, but the same thing not more than once a second."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._said_at: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def warn(self, what: str, error: Exception) -> None:
        """Log ``what``, and how often it has been kept back since it was last said; with a
        traceback if the engine itself does not know what is wrong."""
        now = time.monotonic()
        if now - self._said_at.get(what, -PAUSE_SECONDS) < PAUSE_SECONDS:
            self._unsaid[what] = self._unsaid.get(what, 0) + 1
            return
        self._said_at[what] = now
        more = self._unsaid.pop(what, 0)
        is_known = isinstance(error, EngineUnavailableError)
        suffix = f" (and {more} times more since)" if more else ""
        self._logger.warning("%s: %s%s", what, error, suffix, exc_info=not is_known)
