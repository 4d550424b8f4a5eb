"""Wrappers that inject faults into the tiers.

A fault belongs to one operation. It is in a context variable of the task that serves this
operation, so it affects no other one.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.forwarding import ForwardingCache
from emulator.backends.storage.base import Storage, StoredObject, Upload
from emulator.backends.storage.forwarding import ForwardingStorage
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Store
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.response_fault import Wait


class TierFault(NamedTuple):
    """A fault of one tier: calls take ``seconds`` longer and then, if it is ``down``, fail."""

    tier: str
    seconds: float
    wait: Wait
    down: bool

    async def apply(self) -> None:
        """Wait, then fail if the tier is down.

        Raises:
            EngineUnavailableError: the tier is down.
        """
        if self.seconds:
            await self.wait(self.seconds)
        if self.down:
            raise EngineUnavailableError(f"a fault rule has taken the {self.tier} tier down")


_FAULTS: ContextVar[tuple[TierFault, ...]] = ContextVar("tier faults", default=())


def inject(fault: TierFault) -> None:
    """Add a fault to the operation that the running task serves."""
    _FAULTS.set((*_FAULTS.get(), fault))


@contextmanager
def suspended() -> Iterator[None]:
    """Suspend faults inside the block, so that the emulator itself can use a tier."""
    token = _FAULTS.set(())
    try:
        yield
    finally:
        _FAULTS.reset(token)


async def _apply(tier: str) -> None:
    for fault in _FAULTS.get():
        if fault.tier == tier:
            await fault.apply()


class FaultyCache(ForwardingCache):
    """Cache wrapper that injects faults.

    A lease begins whatever fails. One that a fault keeps from its end keeps no copy, as with a real
    cache that is down.
    """

    def __init__(self, engine: Cache) -> None:
        self.name = engine.name
        self._engine = engine

    def engine_of(self, cluster: str) -> Cache:  # noqa: ARG002
        return self._engine

    def engines(self) -> Sequence[Cache]:
        return (self._engine,)

    def get(self, key: CacheKey) -> Coroutine[Any, Any, CachedObject | None]:
        return self._get(key) if _FAULTS.get() else self._engine.get(key)

    async def _get(self, key: CacheKey) -> CachedObject | None:
        await _apply("cache")
        return await self._engine.get(key)

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await _apply("cache")
        await self._engine.end_write(key, lease, copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        await _apply("cache")
        await self._engine.keep(key, copy, lifetime=lifetime)

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        await _apply("cache")
        await self._engine.delete(key, up_to=up_to)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if copy is not None:
            try:
                await _apply("cache")
            except BaseException:
                await self._engine.end_fill(key, lease, None)
                raise
        await self._engine.end_fill(key, lease, copy, lifetime=lifetime)

    async def drop(self, cluster: str, namespace: str) -> None:
        await _apply("cache")
        await self._engine.drop(cluster, namespace)


class FaultyStorage(ForwardingStorage):
    """Storage wrapper that injects faults."""

    def for_store(self, store: Store) -> Storage:
        engine = self.engine.for_store(store)
        return self if engine is self.engine else FaultyStorage(engine)

    def upload(self, location: Location) -> Upload:
        upload = self.engine.upload(location)
        return _FaultyUpload(upload) if _FAULTS.get() else upload

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        await _apply("storage")
        return await self.engine.open(location, inline_bytes=inline_bytes)

    async def remove(self, location: Location) -> None:
        await _apply("storage")
        await self.engine.remove(location)


class _FaultyUpload(Upload):
    """Upload that fails before the object is visible: storage that is down has not changed."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload

    async def write(self, chunk: bytes) -> None:
        await self._upload.write(chunk)

    async def flush(self) -> None:
        await _apply("storage")
        await self._upload.flush()

    async def commit(self, info: ObjectInfo) -> None:
        await self._upload.commit(info)

    async def close(self) -> None:
        await self._upload.close()
