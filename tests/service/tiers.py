"""Real engines with a hook before and after every call, to fail there or to take time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.forwarding import ForwardingCache
from emulator.backends.storage.base import BodyStream, Storage, StoredObject, Upload
from emulator.backends.storage.forwarding import ForwardingStorage
from emulator.core.object_info import Location, ObjectInfo

Hook = Callable[[str], Awaitable[None]]
"""Awaited with the point of time, as in `before cache.get` or `after storage.commit`."""

T = TypeVar("T")


async def do_nothing(_point: str) -> None:
    """A hook that leaves the engine as it is."""


class FaultError(Exception):
    """What a call raises that was made to fail."""


class Faults:
    """A hook that makes calls fail: before they have done anything, or after they have done it."""

    def __init__(self) -> None:
        self._points: set[str] = set()

    async def __call__(self, point: str) -> None:
        if point in self._points:
            raise FaultError(point)

    @contextlib.contextmanager
    def at(self, *points: str) -> Iterator[None]:
        """Fail at these points in the meantime."""
        self._points.update(points)
        try:
            yield
        finally:
            self._points.difference_update(points)


def failing(error: type[Exception], *points: str) -> Hook:
    """A hook that raises at these points; one may be the beginning of several."""

    async def fail(point: str) -> None:
        if point.startswith(points):
            raise error(point)

    return fail


class Hold:
    """A hook that holds up the first call that comes to one of the points.

    `reached` is set once it has come; it goes on when `may_go_on` is set.
    """

    def __init__(self, *points: str) -> None:
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()
        self._points = points

    async def __call__(self, point: str) -> None:
        if point in self._points and not self.reached.is_set():
            self.reached.set()
            await self.may_go_on.wait()


class Delays:
    """A hook that lets others run, for as long as a seed says, and may fail then.

    Args:
        error_at: with what a call may fail at a point, which one of five does; None if it may not.
        rounds: how often others get their turn before a call goes on, one of these each time.
    """

    def __init__(
        self,
        seed: int,
        error_at: Callable[[str], type[Exception] | None],
        rounds: Sequence[int] = (0, 0, 0, 2, 10, 30, 100),
    ) -> None:
        self._random = random.Random(seed)
        self._error_at = error_at
        self._rounds = rounds

    async def __call__(self, point: str) -> None:
        for _ in range(self._random.choice(self._rounds)):
            await asyncio.sleep(0)
        error = self._error_at(point)
        if error is not None and self._random.random() < 0.2:
            raise error(point)


async def _hooked(hook: Hook, call: str, work: Awaitable[T]) -> T:
    try:
        await hook(f"before {call}")
    except BaseException:
        if hasattr(work, "close"):
            work.close()  # A coroutine that nobody will await.
        raise
    result = await work
    await hook(f"after {call}")
    return result


class HookedCache(ForwardingCache):
    """A cache engine with a hook around its calls."""

    def __init__(self, engine: Cache) -> None:
        self.name = engine.name
        self.engine = engine
        self.hook: Hook = do_nothing

    def engine_of(self, cluster: str) -> Cache:  # noqa: ARG002
        return self.engine

    def engines(self) -> Sequence[Cache]:
        return (self.engine,)

    async def get(self, key: CacheKey) -> CachedObject | None:
        return await _hooked(self.hook, "cache.get", self.engine.get(key))

    async def begin_write(self, key: CacheKey) -> str:
        return await _hooked(self.hook, "cache.begin_write", self.engine.begin_write(key))

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        call = "cache.set" if copy is not None else "cache.delete"
        await _hooked(self.hook, call, self.engine.end_write(key, lease, copy, lifetime=lifetime))

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        await _hooked(self.hook, "cache.set", self.engine.keep(key, copy, lifetime=lifetime))

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        await _hooked(self.hook, "cache.delete", self.engine.delete(key, up_to=up_to))

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        await _hooked(self.hook, "cache.leave_open", self.engine.leave_open(key, lease))

    async def begin_fill(self, key: CacheKey) -> str | None:
        return await _hooked(self.hook, "cache.begin_fill", self.engine.begin_fill(key))

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        call = "cache.set" if copy is not None else "cache.end_fill"
        await _hooked(self.hook, call, self.engine.end_fill(key, lease, copy, lifetime=lifetime))

    async def drop(self, cluster: str, namespace: str) -> None:
        await _hooked(self.hook, "cache.drop", self.engine.drop(cluster, namespace))

    async def flush(self, cluster: str) -> None:
        await _hooked(self.hook, "cache.flush", self.engine.flush(cluster))

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        return await _hooked(self.hook, "cache.list", self.engine.list(cluster, namespace))

    async def clear(self) -> None:
        await _hooked(self.hook, "cache.clear", self.engine.clear())


class HookedStorage(ForwardingStorage):
    """A storage engine with a hook around its calls."""

    def __init__(self, engine: Storage) -> None:
        super().__init__(engine)
        self.hook: Hook = do_nothing

    def upload(self, location: Location) -> Upload:
        return _HookedUpload(self, self.engine.upload(location))

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        work = self.engine.open(location, inline_bytes=inline_bytes)
        stored = await _hooked(self.hook, "storage.open", work)
        if stored is None or isinstance(stored.body, bytes):
            return stored
        return StoredObject(stored.info, _HookedStream(self, stored.body))

    async def remove(self, location: Location) -> None:
        await _hooked(self.hook, "storage.remove", self.engine.remove(location))

    async def delete(self, location: Location) -> bool:
        return await _hooked(self.hook, "storage.delete", self.engine.delete(location))

    async def free(self, location: Location) -> None:
        await _hooked(self.hook, "storage.free", self.engine.free(location))

    async def buckets(self) -> list[str]:
        return await _hooked(self.hook, "storage.buckets", self.engine.buckets())

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        return await _hooked(self.hook, "storage.list", self.engine.list(bucket, prefix))


class _HookedUpload(Upload):
    def __init__(self, storage: HookedStorage, upload: Upload) -> None:
        self._storage = storage
        self._upload = upload

    async def write(self, chunk: bytes) -> None:
        await _hooked(self._storage.hook, "storage.write", self._upload.write(chunk))

    async def flush(self) -> None:
        await _hooked(self._storage.hook, "storage.flush", self._upload.flush())

    async def commit(self, info: ObjectInfo) -> None:
        await _hooked(self._storage.hook, "storage.commit", self._upload.commit(info))

    async def close(self) -> None:
        await self._upload.close()


class _HookedStream(BodyStream):
    file: BinaryIO | None = None

    def __init__(self, storage: HookedStorage, stream: BodyStream) -> None:
        self._storage = storage
        self._stream = stream

    async def chunks(self) -> AsyncIterator[bytes | memoryview]:
        async for chunk in self._stream.chunks():
            await self._storage.hook("before storage.read")
            yield chunk

    async def close(self) -> None:
        await self._stream.close()
