"""Tiers that can be made to fail: engines behind wrappers that ask what is wrong just now.

What is wrong belongs to one operation, and travels with the task that serves it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import Storage, StoredObject, Upload
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Location, ObjectInfo, Store
from emulator.core.response_fault import Wait


class Trouble(NamedTuple):
    """What is wrong with a tier: how many seconds longer it takes, and whether it then fails."""

    tier: str
    seconds: float
    wait: Wait
    down: bool

    async def strike(self) -> None:
        """Let the time go by.

        Raises:
            EngineUnavailableError: the tier fails.
        """
        if self.seconds:
            await self.wait(self.seconds)
        if self.down:
            raise EngineUnavailableError(f"a fault rule has taken the {self.tier} tier down")


_TROUBLES: ContextVar[tuple[Trouble, ...]] = ContextVar("tier troubles", default=())


def bring(trouble: Trouble) -> None:
    """Have this be wrong with a tier until the operation of the running task is done."""
    _TROUBLES.set((*_TROUBLES.get(), trouble))


@contextmanager
def all_well() -> Iterator[None]:
    """Have nothing be wrong inside of it, with what the emulator itself does to a tier."""
    token = _TROUBLES.set(())
    try:
        yield
    finally:
        _TROUBLES.reset(token)


async def _strike(tier: str) -> None:
    for trouble in _TROUBLES.get():
        if trouble.tier == tier:
            await trouble.strike()


class FaultyCache(Cache):
    """A cache engine that what the service asks of it can be made to fail."""

    def __init__(self, engine: Cache) -> None:
        self.name = engine.name
        self._engine = engine

    def get(self, key: CacheKey) -> Coroutine[Any, Any, CachedObject | None]:
        # Every Get comes through here: the engine's own coroutine costs less than one around it.
        return self._get(key) if _TROUBLES.get() else self._engine.get(key)

    async def _get(self, key: CacheKey) -> CachedObject | None:
        await _strike("cache")
        return await self._engine.get(key)

    # A turn begins whatever is wrong: what a fault is about is the copy.

    async def begin_write(self, key: CacheKey) -> str:
        return await self._engine.begin_write(key)

    async def end_write(
        self, key: CacheKey, turn: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        await _strike("cache")
        await self._engine.end_write(key, turn, copy, lifetime=lifetime)

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        await _strike("cache")
        await self._engine.keep(key, copy, lifetime=lifetime)

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        await _strike("cache")
        await self._engine.delete(key, up_to=up_to)

    async def leave_open(self, key: CacheKey, turn: str) -> None:
        await self._engine.leave_open(key, turn)

    async def begin_fill(self, key: CacheKey) -> str | None:
        return await self._engine.begin_fill(key)

    async def end_fill(
        self, key: CacheKey, turn: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if copy is not None:
            await _strike("cache")
        await self._engine.end_fill(key, turn, copy, lifetime=lifetime)

    async def drop(self, cluster: str, namespace: str) -> None:
        await _strike("cache")
        await self._engine.drop(cluster, namespace)

    async def flush(self, cluster: str) -> None:
        await self._engine.flush(cluster)

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        return await self._engine.list(cluster, namespace)

    async def checkpoint(self) -> Checkpoint:
        return await self._engine.checkpoint()

    async def check(self) -> None:
        await self._engine.check()

    async def clear(self) -> None:
        await self._engine.clear()

    async def close(self) -> None:
        await self._engine.close()


class FaultyStorage(Storage):
    """A storage engine that what the service asks of it can be made to fail."""

    def __init__(self, engine: Storage) -> None:
        self.name = engine.name
        self.can_be_emptied = engine.can_be_emptied
        self.patience = engine.patience
        self._engine = engine

    def for_store(self, store: Store) -> Storage:
        engine = self._engine.for_store(store)
        return self if engine is self._engine else FaultyStorage(engine)

    async def start(self) -> None:
        await self._engine.start()

    def upload(self, location: Location) -> Upload:
        upload = self._engine.upload(location)
        return _FaultyUpload(upload) if _TROUBLES.get() else upload

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        await _strike("storage")
        return await self._engine.open(location, inline_bytes=inline_bytes)

    async def remove(self, location: Location) -> None:
        await _strike("storage")
        await self._engine.remove(location)

    async def delete(self, location: Location) -> bool:
        return await self._engine.delete(location)

    async def buckets(self) -> list[str]:
        return await self._engine.buckets()

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        return await self._engine.list(bucket, prefix)

    async def checkpoint(self) -> Checkpoint:
        return await self._engine.checkpoint()

    async def check(self) -> None:
        await self._engine.check()

    async def clear(self) -> None:
        await self._engine.clear()

    async def close(self) -> None:
        await self._engine.close()


class _FaultyUpload(Upload):
    """Fails before anything can be seen of the object: storage that is down has not changed."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload

    async def write(self, chunk: bytes) -> None:
        await self._upload.write(chunk)

    async def flush(self) -> None:
        await _strike("storage")
        await self._upload.flush()

    async def commit(self, info: ObjectInfo) -> None:
        await self._upload.commit(info)

    async def abort(self) -> None:
        await self._upload.abort()
