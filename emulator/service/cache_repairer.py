"""Remove cache entries that may be old and that other processes may still use."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from emulator.backends.cache.base import Cache, CacheKey
from emulator.core.background import in_background
from emulator.core.event_loop import sleep
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""The time between two attempts."""


class CacheRepairer:
    """Tries to remove entries, again and again, until the engine confirms it.

    Args:
        engine: the engine that has the entries.
        distrusted: the entries that this process does not use meanwhile, and the last version that
            may be old; a removed entry is deleted here too.
    """

    def __init__(self, engine: Cache, distrusted: dict[CacheKey, int]) -> None:
        self._engine = engine
        self._distrusted = distrusted
        self._pending: dict[CacheKey, int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, key: CacheKey, up_to: int) -> None:
        """Remove the entry at ``key`` in the background, even if it is written meanwhile: the write
        in question may arrive late. An ephemeral object of a version after ``up_to`` stays."""
        self._pending[key] = up_to
        if self._task is None or self._task.done():
            self._task = in_background(self._repair())

    def is_pending(self, key: CacheKey) -> bool:
        """Whether the entry at ``key`` is still to be removed."""
        return key in self._pending

    def cancel(self, key: CacheKey) -> None:
        """Do not remove the entry at ``key``: it was replaced."""
        self._pending.pop(key, None)

    async def close(self) -> None:
        """Stop, whatever is left to remove."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _repair(self) -> None:
        while self._pending:
            await sleep(PAUSE_SECONDS)
            for key, up_to in sorted(self._pending.items()):
                if self._pending.get(key) != up_to:
                    continue  # It was cancelled meanwhile, or added again.
                if not await self._remove(key, up_to):
                    break
                if self._pending.get(key) == up_to:
                    del self._pending[key]
                if self._distrusted.get(key) == up_to:
                    del self._distrusted[key]

    async def _remove(self, key: CacheKey, up_to: int) -> bool:
        """Try to remove an entry; return whether nobody can get it any more."""
        try:
            await self._engine.delete(key, up_to=up_to)
        except OutcomeUnknownError:
            return False
        except EngineUnavailableError:
            return True  # The engine serves nobody, and will have lost its entries afterwards.
        except Exception:
            logger.exception("An entry of the cache cannot be removed")
            return False
        return True
