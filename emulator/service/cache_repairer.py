"""Cache entries that others may still rely on and must not: removed as soon as that can be done."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from emulator.backends.cache.base import Cache, CacheKey
from emulator.core.background import in_background
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""How long an engine is left alone between two attempts."""


class CacheRepairer:
    """Removes entries of which nobody knows what they are, until it is known that they are gone.

    Args:
        engine: has the entries.
        distrusted: those that this process does not rely on meanwhile, and up to which version.
    """

    def __init__(self, engine: Cache, distrusted: dict[CacheKey, int]) -> None:
        self._engine = engine
        self._distrusted = distrusted
        self._doubtful: dict[CacheKey, int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, key: CacheKey, up_to: int) -> None:
        """See to it that the entry at ``key`` goes, whatever is written there meanwhile: what is in
        doubt may come late. An ephemeral object of a version after ``up_to`` stays."""
        self._doubtful[key] = up_to
        if self._task is None or self._task.done():
            self._task = in_background(self._repair())

    def has(self, key: CacheKey) -> bool:
        """Whether the entry at ``key`` is still to go."""
        return key in self._doubtful

    def spare(self, key: CacheKey) -> None:
        """Leave the entry at ``key`` alone: it has been replaced."""
        self._doubtful.pop(key, None)

    async def close(self) -> None:
        """Give up what is left to do."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _repair(self) -> None:
        while self._doubtful:
            await asyncio.sleep(PAUSE_SECONDS)
            for key, up_to in sorted(self._doubtful.items()):
                if self._doubtful.get(key) != up_to:
                    continue  # It was spared meanwhile, or has come into doubt again.
                if not await self._is_gone(key, up_to):
                    break
                if self._doubtful.get(key) == up_to:
                    del self._doubtful[key]
                if self._distrusted.get(key) == up_to:
                    del self._distrusted[key]

    async def _is_gone(self, key: CacheKey, up_to: int) -> bool:
        try:
            await self._engine.delete(key, up_to=up_to)
        except OutcomeUnknownError:
            return False
        except EngineUnavailableError:
            return True  # Nobody is given anything: what it has, it will have forgotten.
        except Exception:
            logger.exception("An entry of the cache cannot be removed")
            return False
        return True
