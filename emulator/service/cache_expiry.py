"""The expiry of cached copies: when they are freed, and what is remembered of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from emulator.backends.cache.base import Cache, CacheKey
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import by_key
from emulator.service.expiry_index import ExpiryIndex

LOOK_AGAIN_MICROSECONDS = 60 * 60 * MICROSECONDS
"""How long a copy stays in the index before it is looked at: it may be gone since, like those of a
store that was deleted."""


class FreedCopy(NamedTuple):
    """A copy that has expired and was freed."""

    info: ObjectInfo
    body: None = None


class CacheExpiry:
    """Frees the expired copies of an engine (D115), and remembers them (D116).

    An engine that removes its entries itself, as a Valkey does, is left alone.
    """

    def __init__(self, engine: Cache, clock: Clock) -> None:
        self.engine = engine
        self.expiry: ExpiryIndex[CacheKey] = ExpiryIndex()
        self.is_left_alone = lru_cache(maxsize=128)(engine.expires_entries)
        """Whether the engine removes the entries of a cluster itself."""
        self._clock = clock

    def stored(self, cache_key: CacheKey, info: ObjectInfo) -> None:
        """Note the copy of an object that was stored now."""
        if info.expires_at is not None and not self.is_left_alone(cache_key.cluster):
            at = min(info.expires_at, self._clock.now() + LOOK_AGAIN_MICROSECONDS)
            self.expiry.note(cache_key, at)

    def freed_copy(self, cache_key: CacheKey) -> FreedCopy | None:
        """Return what is remembered of a copy, unless the clock was set back to before its end."""
        info = self.expiry.freed_at(cache_key, self._clock.now())
        return None if info is None else FreedCopy(info)

    async def with_freed(
        self, place: tuple[str, str], found: list[tuple[str, ObjectInfo]]
    ) -> list[tuple[str, ObjectInfo]]:
        """Add the freed copies of a cluster's namespace to those that were ``found`` there."""
        freed = self.freed_in(place)
        return await by_key(freed | dict(found)) if freed else found

    def freed_in(self, place: tuple[str, str]) -> dict[str, ObjectInfo]:
        """Return the freed copies of a cluster's namespace."""
        return {
            cache_key.key: info
            for cache_key, info in self.expiry.freed_now(self._clock.now())
            if cache_key[:2] == place
        }

    async def reap(self, cache_key: CacheKey, now: int) -> bool:
        """Free the copy if it has expired at ``now`` (epoch microseconds). Return True: that waits
        for nobody."""
        info = await self.engine.expire(cache_key, now)
        if info is None:
            self.expiry.absent(cache_key, now)
        elif info.expires_at is None:
            self.expiry.forget(cache_key)
        elif info.is_expired(now):
            self.expiry.bury(cache_key, info, now)
        else:
            self.expiry.note(cache_key, min(info.expires_at, now + LOOK_AGAIN_MICROSECONDS))
        return True
