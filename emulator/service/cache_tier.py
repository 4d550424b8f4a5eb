"""The cache tier: a failing cache makes the service slower, never its answers wrong (D34)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from emulator.backends.browsing import Browsed, of_list, with_others
from emulator.backends.cache.base import NO_LEASE, Cache, CachedObject, CacheKey
from emulator.backends.cache.local import LocalCache
from emulator.backends.checkpoint import Checkpoint
from emulator.core.clock import Clock, Versions
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.core.response_fault import CutOffError
from emulator.service.cache_expiry import CacheExpiry, FreedCopy
from emulator.service.cache_repairer import CacheRepairer
from emulator.service.expiry_index import ExpiryState

logger = logging.getLogger(__name__)

OPEN_SECONDS = 60.0
"""How long a write may still reach storage after its caller has given it up."""


def cache_key_of(store: Store, key: str) -> CacheKey:
    """The place of the copies of an object of ``store``."""
    return CacheKey(store.cluster_name, store.cache_namespace, key)


class CacheTier:
    """Stands between the service and a cache engine.

    An engine that cannot be read counts as empty. An engine that could not be told of a write may
    still have the old object: its entry is distrusted, that is not used, until it is replaced. This
    does not help other processes that use the engine; so the write fails then (D64).

    A newer ephemeral object in a distrusted entry is used, and not removed with the old object: it
    exists nowhere else.

    Args:
        max_object_bytes: bodies above this size are not cached (D20).
    """

    def __init__(self, engine: Cache, clock: Clock, *, max_object_bytes: int) -> None:
        self.max_object_bytes = max_object_bytes
        self._use(engine)
        self._clock = clock
        self.versions = Versions(clock)
        self._distrusted: dict[CacheKey, int] = {}
        """Entries that may have an old object, and the last version that may be old."""
        self._open: dict[CacheKey, float] = {}
        self._log = RateLimitedLogger(logger)
        self._repairer = CacheRepairer(engine, self._distrusted)
        self.expiring = CacheExpiry(engine, clock)
        self.expiry = self.expiring.expiry

    def get_now(self, store: Store, key: str) -> CachedObject | None:
        """Return the copy of the object, expired or not, if there is one to be trusted and that can
        be told without waiting."""
        cache_key = cache_key_of(store, key)
        if self._local is None or self._open or cache_key in self._distrusted:
            return None
        try:
            return self._local.get_now(cache_key)
        except Exception:
            return None  # `get` says why.

    async def get(self, store: Store, key: str) -> CachedObject | FreedCopy | None:
        """Return the copy of the object, expired or not, freed or not; None if there is none to be
        trusted."""
        cache_key = cache_key_of(store, key)
        old_up_to = self._old_up_to(cache_key) if self._distrusted or self._open else None
        copy: CachedObject | FreedCopy | None
        try:
            copy = await self._engine.get(cache_key)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot be read; storage answers", error)
            return None
        if copy is None and cache_key in self.expiry.freed:
            copy = self.expiring.freed_copy(cache_key)
        if copy is None or old_up_to is None or _is_newer(copy.info, old_up_to):
            return copy
        return None

    def begin_write_now(self, cache_key: CacheKey) -> str | None:
        """Do what ``begin_write`` does, if nothing has to be waited for; else return None."""
        return None if self._local is None else self._local.begin_write_now(cache_key)

    async def begin_write(self, cache_key: CacheKey) -> str:
        """Take a write lease, before the object is changed in storage. The caller holds the
        object's lock."""
        try:
            return await self._engine.begin_write(cache_key)
        except Exception as error:
            self._log.warn("The cache cannot begin a write", error)
            return NO_LEASE

    async def put(self, store: Store, key: str, info: ObjectInfo, body: bytes) -> None:
        """Cache this copy of the object. The caller holds the object's lock.

        Raises:
            OutcomeUnknownError: other requests may still get an older copy.
        """
        await self.end_write(cache_key_of(store, key), CachedObject(info, body))

    async def put_ephemeral(self, store: Store, key: str, info: ObjectInfo, body: bytes) -> None:
        """Store an ephemeral object. The caller holds the object's lock.

        Raises:
            EngineUnavailableError: it is not stored.
        """
        cache_key, copy = cache_key_of(store, key), CachedObject(info, body)
        why = "the cache did not store the ephemeral object"
        if self._open and self._is_open(cache_key):
            raise EngineUnavailableError(why)
        change = self._engine.keep(cache_key, copy, lifetime=self._lifetime(copy))
        try:
            await self._write(cache_key, change, raise_refusal=True)
        except OutcomeUnknownError:
            raise
        except EngineUnavailableError as error:
            raise EngineUnavailableError(f"{why}: {error}") from None
        self.expiring.stored(cache_key, info)
        if cache_key in self._distrusted:
            raise EngineUnavailableError(why)
        self._repairer.cancel(cache_key)  # It must not remove this copy, which is the only one.

    async def forget(self, store: Store, key: str, lease: str | None = None) -> None:
        """Remove the copy of the object, and end the lease if there is one. The caller holds the
        object's lock.

        Raises:
            OutcomeUnknownError: other requests may still get an older copy.
        """
        await self.end_write(cache_key_of(store, key), None, lease)

    async def discard(self, store: Store, key: str, *, up_to: int) -> None:
        """Remove the copy of the object, except an ephemeral one newer than version ``up_to``. The
        caller holds the object's lock.

        Raises:
            OutcomeUnknownError: other requests may still get it.
        """
        cache_key = cache_key_of(store, key)
        await self._write(cache_key, self._engine.delete(cache_key, up_to=up_to))
        freed = self.expiry.freed.get(cache_key)
        if freed is not None and freed.info.version <= up_to:
            self.expiry.forget(cache_key)

    async def leave_open(self, store: Store, key: str, lease: str) -> None:
        """Remove the copy of the object, and cache none for a while: the write of this lease may
        still reach storage later (D78). The caller holds the object's lock.

        Raises:
            OutcomeUnknownError: other requests may still get an older copy.
        """
        cache_key = cache_key_of(store, key)
        self._open[cache_key] = asyncio.get_running_loop().time() + OPEN_SECONDS
        self.expiry.forget(cache_key)
        await self._write(cache_key, self._engine.leave_open(cache_key, lease))

    async def begin_fill(self, store: Store, key: str) -> str | None:
        """Take a fill lease, before the object is read from storage; None if its copy would not be
        kept."""
        cache_key = cache_key_of(store, key)
        if self._open and self._is_open(cache_key):
            return None
        try:
            if cache_key in self._distrusted:
                if self._repairer.is_pending(cache_key):
                    return None  # The repairer removes the entry; a read need not wait for it.
                up_to = self._distrusted[cache_key]
                await self._write(cache_key, self._engine.delete(cache_key, up_to=up_to))
                self.expiry.forget(cache_key)
            return await self._engine.begin_fill(cache_key)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot begin a fill", error)
            return None

    async def end_fill(
        self, store: Store, key: str, lease: str, info: ObjectInfo | None, body: bytes | None
    ) -> None:
        """End a fill lease, and cache this copy, if given, unless the object was written
        meanwhile."""
        copy = None if info is None or body is None else CachedObject(info, body)
        cache_key = cache_key_of(store, key)
        try:
            await self._engine.end_fill(cache_key, lease, copy, lifetime=self._lifetime(copy))
            if copy is not None:
                self.expiring.stored(cache_key, copy.info)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cache cannot be filled", error)

    async def has(self, store: Store, key: str) -> bool:
        """Whether there is a copy of the object to be trusted."""
        return await self.get(store, key) is not None

    async def list(self, store: Store) -> list[tuple[str, ObjectInfo]]:
        """List the copies of the store's objects that are trusted, expired or not, by key.

        Raises:
            Exception: the engine cannot list them.
        """
        distrusted = dict(self._distrusted)
        place = (store.cluster_name, store.cache_namespace)
        found = await self._engine.list(*place)
        found = await self.expiring.with_freed(place, found)
        if not distrusted:
            return found
        return [
            (key, info)
            for key, info in found
            if (up_to := distrusted.get(cache_key_of(store, key))) is None or _is_newer(info, up_to)
        ]

    async def browse(self, store: Store) -> Browsed:
        """Return the keys of what ``list`` lists, with their information on request.

        Raises:
            Exception: the engine cannot list them.
        """
        if self._distrusted:
            return of_list(await self.list(store))
        place = (store.cluster_name, store.cache_namespace)
        browsed = await self._engine.browse(*place)
        if not self.expiry.freed:
            return browsed
        return with_others(browsed, self.expiring.freed_in(place))

    async def flush(self, cluster: str) -> None:
        """Remove all copies in a cluster.

        Raises:
            Exception: the engine cannot do it.
        """
        await self._engine.flush(cluster)
        self.expiry.forget_freed(lambda key: key.cluster == cluster)
        self._trust(key for key in self._distrusted if key.cluster == cluster)

    async def clear(self) -> None:
        """Remove all copies.

        Raises:
            Exception: the engine cannot do it.
        """
        before = dict(self._distrusted)
        await self._engine.clear()
        self.expiry.clear()
        self._trust(key for key, up_to in before.items() if self._distrusted.get(key) == up_to)

    async def checkpoint(self) -> Checkpoint:
        """Take a checkpoint of the cache, with the entries that are distrusted.

        Raises:
            Exception: the engine cannot take one.
        """
        engine = await self._engine.checkpoint()
        return _CacheTierCheckpoint(self, engine, dict(self._distrusted), self.expiry.save())

    def restored(self, distrusted: Mapping[CacheKey, int], expiring: ExpiryState) -> None:
        """Distrust exactly these entries, and index what expires, after the engine was restored to
        a checkpoint."""
        self.expiry.clear(expiring)
        self._distrusted.clear()
        self._distrusted.update(distrusted)
        self._open.clear()  # The restore has waited for all writes.

    async def drop(self, store: Store) -> None:
        """Free the copies of the store's objects. If that fails, nobody will read them anyway."""
        try:
            await self._engine.drop(store.cluster_name, store.cache_namespace)
        except CutOffError:
            raise
        except Exception as error:
            self._log.warn("The cached objects of a store cannot be removed", error)
        self.expiry.forget_freed(lambda key: key.namespace == store.cache_namespace)
        self._trust(key for key in self._distrusted if key.namespace == store.cache_namespace)

    def wrap(self, wrap: Callable[[Cache], Cache]) -> None:
        """Wrap the engine, for later requests."""
        self._use(wrap(self._engine))

    def _use(self, engine: Cache) -> None:
        self._engine = engine
        self._local = engine if isinstance(engine, LocalCache) else None
        """The engine, if it waits for nothing."""

    async def close(self) -> None:
        """Stop the repairer."""
        await self._repairer.close()

    def end_write_now(self, cache_key: CacheKey, copy: CachedObject | None, lease: str) -> bool:
        """Do what ``end_write`` does, if nothing has to be waited for; return whether it was done.
        The caller holds the object's lock."""
        if self._local is None or self._open or cache_key in self._distrusted:
            return False
        try:
            self._local.end_write_now(cache_key, lease, copy, self._lifetime(copy))
        except Exception:
            return False  # `end_write` says why.
        self._written(cache_key, copy)
        return True

    async def end_write(
        self, cache_key: CacheKey, copy: CachedObject | None, lease: str | None = None
    ) -> None:
        """Cache this copy of the object, or remove it if None, and end the lease if there is one.
        The caller holds the object's lock.

        Raises:
            OutcomeUnknownError: other requests may still get an older copy.
        """
        if self._open and self._is_open(cache_key):
            copy = None
        if lease is None:
            lease = await self.begin_write(cache_key)
        lifetime = self._lifetime(copy)
        await self._write(
            cache_key, self._engine.end_write(cache_key, lease, copy, lifetime=lifetime)
        )
        self._written(cache_key, copy)

    def _written(self, cache_key: CacheKey, copy: CachedObject | None) -> None:
        """Note that a write has left this copy, or none."""
        if copy is not None and copy.info.expires_at is not None:
            self.expiring.stored(cache_key, copy.info)
        elif cache_key in self.expiry.due or cache_key in self.expiry.freed:
            self.expiry.forget(cache_key)

    def _old_up_to(self, cache_key: CacheKey) -> int | None:
        """The version up to which a copy may be old; None if the entry is trusted.

        Call this before the entry is read: a copy that was read while its entry was distrusted may
        be old, even if the entry is trusted by now.
        """
        if cache_key in self._distrusted:
            return self._distrusted[cache_key]
        return _NO_VERSION if self._is_open(cache_key) else None

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
        self, cache_key: CacheKey, change: Awaitable[None], *, raise_refusal: bool = False
    ) -> None:
        """Change an entry and trust it; if that fails, distrust what the entry had before.

        With ``raise_refusal``, raise the error of an engine that refuses the change, which leaves
        the entry as it was.
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
            if raise_refusal:
                raise
            self._log.warn("The cache cannot be written; its entry is not used", error)
            self._distrust(cache_key)
        except Exception as error:
            self._log.warn("The cache cannot be written; its entry is not used", error)
            self._distrust(cache_key)
        except BaseException:  # Cancelled: the change may have been made or not.
            self._distrust(cache_key)
            raise
        else:
            self._distrusted.pop(cache_key, None)

    def _distrust(self, cache_key: CacheKey) -> None:
        self._distrusted[cache_key] = self.versions.latest()


_NO_VERSION = 0
"""Below every version: every ephemeral object is newer."""


def _is_newer(info: ObjectInfo, version: int) -> bool:
    """Whether it is an ephemeral object of a version after ``version``."""
    return info.ephemeral and info.version > version


class _CacheTierCheckpoint(Checkpoint):
    def __init__(
        self,
        tier: CacheTier,
        engine: Checkpoint,
        distrusted: Mapping[CacheKey, int],
        expiring: ExpiryState,
    ) -> None:
        self._tier = tier
        self._engine = engine
        self._distrusted = distrusted
        self._expiry = expiring

    async def restore(self) -> None:
        await self._engine.restore()
        self._tier.restored(self._distrusted, self._expiry)

    async def discard(self) -> None:
        await self._engine.discard()
