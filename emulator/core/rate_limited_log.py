"""Log a repeated warning at most once a second."""

from __future__ import annotations

import logging

from emulator.core.failures import EngineUnavailableError
from emulator.core.private import monotonic

PAUSE_SECONDS = 1.0

_MOST_WARNINGS = 1000
"""How many different warnings are remembered: some name a log group, say."""


class RateLimitedLogger:
    """Logs warnings, but the same one at most once a second: while an engine is down, every request
    would log one."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._logged_at: dict[str, float] = {}
        self._suppressed: dict[str, int] = {}

    def warn(self, what: str, error: Exception) -> None:
        """Log ``what`` with the number of warnings suppressed since the last one; with a traceback
        unless ``error`` is an ``EngineUnavailableError``, whose text is the cause."""
        now = monotonic()
        if len(self._logged_at) > _MOST_WARNINGS:
            self._forget(now)
        if now - self._logged_at.get(what, -PAUSE_SECONDS) < PAUSE_SECONDS:
            self._suppressed[what] = self._suppressed.get(what, 0) + 1
            return
        self._logged_at[what] = now
        suppressed = self._suppressed.pop(what, 0)
        is_known = isinstance(error, EngineUnavailableError)
        suffix = f" (and {suppressed} times more since)" if suppressed else ""
        self._logger.warning("%s: %s%s", what, error, suffix, exc_info=not is_known)

    def _forget(self, now: float) -> None:
        """Forget the warnings that may be logged again, or all if that does not help."""
        recent = {what: at for what, at in self._logged_at.items() if now - at < PAUSE_SECONDS}
        self._logged_at = recent if len(recent) < _MOST_WARNINGS else {}
        self._suppressed = {
            what: count for what, count in self._suppressed.items() if what in self._logged_at
        }
