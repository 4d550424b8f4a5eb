"""The cache as the service uses it: when it fails it costs speed, never a wrong answer (D34)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from emulator.backends.cache.base import NO_LEASE, Cache, CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint
from emulator.core.clock import Clock, Versions
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import ObjectInfo, Store
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.core.response_fault import CutOffError
from emulator.service.cache_repairer import CacheRepairer

logger = logging.getLogger(__name__)

OPEN_SECONDS = 60.0
"""How long storage may take to do what it was asked, after it has been given up."""


class CacheTier:
    """Stands between the service and a cache engine.

    An engine that cannot be read counts as one that has nothing. An engine that could not be
    told of a write may still have the old object, so until that entry is replaced it is not relied
    on. Where others use the engine too, that does not help them: the write has failed then (D64).

    An ephemeral object is nowhere else, so one that has come since is relied on, and never removed
    in the place of what it has replaced.

    Args:
        max_object_bytes: bodies above this size are not cached (D20).
    """

    def __init__(self, engine: Cache, clock: Clock, *, max_object_bytes: int) -> None:
        self.max_object_bytes = max_object_bytes
        self._engine = engine
        self._clock = clock
        self.versions = Versions(clock)
        self._distrusted: dict[CacheKey, int] = {}
        """Entries that may be of an old object, and the latest version then."""
        self._open: dict[CacheKey, float] = {}
        self._log = RateLimitedLogger(logger)
        self._repairer = CacheRepairer(engine, self._distrusted)

    async def get(self, store: Store, key: str) -> CachedObject | None:
        """The copy of the object, expired or not, or None where there is none to rely on."""
        cache_key = CacheKey(store.cluster_name, store.cache_namespace, key)
        doubt = self._doubt(cache_key) if self._distrusted or self._open else None
        try:
            copy = await self._engine.get(cache_key)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot be read; storage answers", error)
            return None
        if copy is None or doubt is None or _is_later(copy.info, doubt):
            return copy
        return None

    async def begin_write(self, store: Store, key: str) -> str:
        """Begin a lease, before the object is changed in storage. The caller holds its lock."""
        try:
            return await self._engine.begin_write(
                CacheKey(store.cluster_name, store.cache_namespace, key)
            )
        except Exception as error:
            self._log.warn("The cache cannot be told of a write before it is done", error)
            return NO_LEASE

    async def put(self, store: Store, key: str, info: ObjectInfo, body: bytes) -> None:
        """Have this copy of the object. The caller holds the object's lock.

        Raises:
            OutcomeUnknownError: others may still be given an earlier copy.
        """
        await self.end_write(store, key, CachedObject(info, body))

    async def keep(self, store: Store, key: str, info: ObjectInfo, body: bytes) -> None:
        """Have this copy of an object that is nowhere else. The caller holds the object's lock.

        Raises:
            EngineUnavailableError: it is not kept.
        """
        cache_key, copy = _cache_key(store, key), CachedObject(info, body)
        why = "the cache does not keep the object, which is nowhere else"
        if self._open and self._is_open(cache_key):
            raise EngineUnavailableError(why)
        change = self._engine.keep(cache_key, copy, lifetime=self._lifetime(copy))
        try:
            await self._write(cache_key, change, may_be_refused=True)
        except OutcomeUnknownError:
            raise
        except EngineUnavailableError as error:
            raise EngineUnavailableError(f"{why}: {error}") from None
        if cache_key in self._distrusted:
            raise EngineUnavailableError(why)
        self._repairer.spare(cache_key)  # Of another copy that would cost speed alone.

    async def forget(self, store: Store, key: str, lease: str | None = None) -> None:
        """Have no copy of the object, at the end of the lease if there is one. The caller holds the
        object's lock.

        Raises:
            OutcomeUnknownError: others may still be given an earlier copy.
        """
        await self.end_write(store, key, None, lease)

    async def discard(self, store: Store, key: str, *, up_to: int) -> None:
        """Have no copy of the object, but for an ephemeral one that is newer than that version. The
        caller holds the object's lock.

        Raises:
            OutcomeUnknownError: others may still be given it.
        """
        cache_key = _cache_key(store, key)
        await self._write(cache_key, self._engine.delete(cache_key, up_to=up_to))

    async def leave_open(self, store: Store, key: str, lease: str) -> None:
        """Have no copy of the object for a while, since nobody knows when storage will have done
        what it was asked in this lease (D78). The caller holds the object's lock.

        Raises:
            OutcomeUnknownError: others may still be given an earlier copy.
        """
        cache_key = _cache_key(store, key)
        self._open[cache_key] = asyncio.get_running_loop().time() + OPEN_SECONDS
        await self._write(cache_key, self._engine.leave_open(cache_key, lease))

    async def begin_fill(self, store: Store, key: str) -> str | None:
        """Begin a lease, before the object is read from storage; None where no copy of that would
        be kept."""
        cache_key = _cache_key(store, key)
        if self._open and self._is_open(cache_key):
            return None
        try:
            if cache_key in self._distrusted:
                if self._repairer.has(cache_key):
                    return None  # Who reads need not wait for what is being tried anyway.
                up_to = self._distrusted[cache_key]
                await self._write(cache_key, self._engine.delete(cache_key, up_to=up_to))
            return await self._engine.begin_fill(cache_key)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot be told of a read from storage", error)
            return None

    async def end_fill(
        self, store: Store, key: str, lease: str, info: ObjectInfo | None, body: bytes | None
    ) -> None:
        """Have this copy of the object, if there is one, unless it was written meanwhile."""
        copy = None if info is None or body is None else CachedObject(info, body)
        try:
            await self._engine.end_fill(
                _cache_key(store, key), lease, copy, lifetime=self._lifetime(copy)
            )
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot be filled", error)

    async def has(self, store: Store, key: str) -> bool:
        """Whether there is a copy of the object to rely on."""
        return await self.get(store, key) is not None

    async def list(self, store: Store) -> list[tuple[str, ObjectInfo]]:
        """Every copy of the store's objects to rely on, expired or not, by their keys.

        Raises:
            Exception: the engine cannot say.
        """
        doubts = dict(self._distrusted)
        found = await self._engine.list(store.cluster_name, store.cache_namespace)
        return [
            (key, info)
            for key, info in found
            if (up_to := doubts.get(_cache_key(store, key))) is None or _is_later(info, up_to)
        ]

    async def flush(self, cluster: str) -> None:
        """Have no copy in that cluster.

        Raises:
            Exception: the engine cannot do it.
        """
        await self._engine.flush(cluster)
        self._trust(key for key in self._distrusted if key.cluster == cluster)

    async def clear(self) -> None:
        """Have no copy of anything.

        Raises:
            Exception: the engine cannot do it.
        """
        before = dict(self._distrusted)
        await self._engine.clear()
        self._trust(key for key, up_to in before.items() if self._distrusted.get(key) == up_to)

    async def checkpoint(self) -> Checkpoint:
        """What there is in the cache, and what of that is to be relied on.

        Raises:
            Exception: the engine cannot make one.
        """
        return _CacheTierCheckpoint(self, await self._engine.checkpoint(), dict(self._distrusted))

    def go_back(self, distrusted: Mapping[CacheKey, int]) -> None:
        """Rely on all entries but these, now that the engine has gone back to when that was so."""
        self._distrusted.clear()
        self._distrusted.update(distrusted)
        self._open.clear()  # Whoever was at storage then has been waited for.

    async def drop(self, store: Store) -> None:
        """Free what the store has cached. Nobody will ask for it again, whether it works or not."""
        try:
            await self._engine.drop(store.cluster_name, store.cache_namespace)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache of a store cannot be freed", error)
        self._trust(key for key in self._distrusted if key.namespace == store.cache_namespace)

    def wrap(self, wrap: Callable[[Cache], Cache]) -> None:
        """Put a wrapper around the engine, for requests from here on."""
        self._engine = wrap(self._engine)

    async def close(self) -> None:
        """Stop repairing what there is to repair."""
        await self._repairer.close()

    async def end_write(
        self, store: Store, key: str, copy: CachedObject | None, lease: str | None = None
    ) -> None:
        """Have this copy of the object, or none, at the end of the lease if there is one. The
        caller holds the object's lock.

        Raises:
            OutcomeUnknownError: others may still be given an earlier copy.
        """
        cache_key = CacheKey(store.cluster_name, store.cache_namespace, key)
        if self._open and self._is_open(cache_key):
            copy = None
        if lease is None:
            lease = await self.begin_write(store, key)
        lifetime = None
        if copy is not None and copy.info.expires_at is not None:
            lifetime = max(0, copy.info.expires_at - self._clock.now())
        await self._write(
            cache_key, self._engine.end_write(cache_key, lease, copy, lifetime=lifetime)
        )

    def _doubt(self, cache_key: CacheKey) -> int | None:
        """Up to which version the entry is not to be relied on, if there is a doubt. It is to be
        asked before the entry is looked at: what was read before a doubt ended is as doubtful."""
        if cache_key in self._distrusted:
            return self._distrusted[cache_key]
        return _GONE if self._is_open(cache_key) else None

    def _trust(self, keys: Iterable[CacheKey]) -> None:
        for key in list(keys):
            self._distrusted.pop(key, None)

    def _is_open(self, cache_key: CacheKey) -> bool:
        now = asyncio.get_running_loop().time()
        for key in [key for key, until in self._open.items() if until <= now]:
            del self._open[key]
        return cache_key in self._open

    def _lifetime(self, copy: CachedObject | None) -> int | None:
        if copy is None or copy.info.expires_at is None:
            return None
        return max(0, copy.info.expires_at - self._clock.now())

    async def _write(
        self, cache_key: CacheKey, change: Awaitable[None], *, may_be_refused: bool = False
    ) -> None:
        """Change an entry, and rely on it from then on; where that fails, on none from before.

        With ``may_be_refused`` the object itself is in the entry. Where the engine refuses the
        change, nothing has changed, and that is the caller's error.
        """
        try:
            await change
        except CutOffError:
            self._distrust(cache_key)
            raise
        except OutcomeUnknownError:
            self._distrust(cache_key)
            self._repairer.add(cache_key, self._distrusted[cache_key])
            raise
        except EngineUnavailableError as error:
            if may_be_refused:
                raise
            self._log.warn("The cache cannot be written; its entry is not used", error)
            self._distrust(cache_key)
        except Exception as error:
            self._log.warn("The cache cannot be written; its entry is not used", error)
            self._distrust(cache_key)
        except BaseException:  # Cancelled: nobody knows how far the change has come.
            self._distrust(cache_key)
            raise
        else:
            self._distrusted.pop(cache_key, None)

    def _distrust(self, cache_key: CacheKey) -> None:
        self._distrusted[cache_key] = self.versions.latest()


_GONE = 0
"""The version up to which there may be a doubt where the entry from before is gone for certain."""


def _is_later(info: ObjectInfo, version: int) -> bool:
    """Whether that is an ephemeral object, which storage does not have, of a later version."""
    return info.ephemeral and info.version > version


class _CacheTierCheckpoint(Checkpoint):
    def __init__(
        self, tier: CacheTier, engine: Checkpoint, distrusted: Mapping[CacheKey, int]
    ) -> None:
        self._tier = tier
        self._engine = engine
        self._distrusted = distrusted

    async def restore(self) -> None:
        await self._engine.restore()
        self._tier.go_back(self._distrusted)

    async def discard(self) -> None:
        await self._engine.discard()


def _cache_key(store: Store, key: str) -> CacheKey:
    return CacheKey(store.cluster_name, store.cache_namespace, key)
