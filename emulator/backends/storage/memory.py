"""Storage engine: a dictionary in this process, lost with the process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any, BinaryIO

from emulator.backends.browsing import Browsed
from emulator.backends.checkpoint import HeldCheckpoint
from emulator.backends.copy_on_write import MASK, SHARDS, CopyOnWriteDict, Shards, let_go
from emulator.backends.storage.base import (
    BodyStream,
    Replacement,
    Storage,
    StorageCheckpoint,
    StoredObject,
    Upload,
)
from emulator.backends.take_over import NewFile, write_file
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.slices import Pace, by_key

CHUNK_BYTES = 256 * 1024

_Record = tuple[Any, ...]
"""The body, and the members of ``ObjectInfo`` from ``created_at`` to the metadata, or to the tags
if there are any. That takes less memory than a tuple of an ``ObjectInfo`` and the body. An object
in storage is never ephemeral."""

_EXPIRES_AT, _METADATA, _TAGS = 3, 4, 5

_Objects = Shards[Location, _Record]


class MemoryStorage(Storage):
    """Keeps every object in a dictionary."""

    name = "memory"

    def __init__(self) -> None:
        self._objects: CopyOnWriteDict[Location, _Record] = CopyOnWriteDict()

    def upload(self, location: Location) -> Upload:
        return _MemoryUpload(self._objects, location)

    def put_now(self, location: Location, body: bytes, info: ObjectInfo) -> None:
        self._objects.writable(location)[location] = _record(body, info)

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        found = self._objects.shards[hash(location) & MASK].get(location)
        if found is None:
            return None
        info, body = _info(found), found[0]
        return StoredObject(info, body if len(body) <= inline_bytes else _BytesStream(body))

    async def delete(self, location: Location) -> bool:
        if location not in self._objects.shards[hash(location) & MASK]:
            return False
        del self._objects.writable(location)[location]
        return True

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        for index in range(SHARDS):
            if self._objects.shards[index]:
                yield [
                    (location, expires_at)
                    for location, record in self._objects.shards[index].items()
                    if (expires_at := record[_EXPIRES_AT]) is not None
                ]

    async def buckets(self) -> list[str]:
        found: set[str] = set()
        pace = Pace()
        for index in range(SHARDS):
            found |= {location.bucket for location in self._objects.shards[index]}
            await pace.step()
        return sorted(found)

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        listed: dict[str, ObjectInfo] = {}
        pace = Pace()
        for index in range(SHARDS):
            listed |= {
                location.key: _info(record)
                for location, record in self._objects.shards[index].items()
                if location.bucket == bucket and location.key.startswith(prefix)
            }
            await pace.step()
        return await by_key(listed)

    async def browse(self, bucket: str, prefix: str = "") -> Browsed:
        is_current = self._objects.watched()
        keys: list[str] = []
        pace = Pace()
        for index in range(SHARDS):
            shard = self._objects.shards[index]
            if prefix:
                own = [
                    each[1] for each in shard if each[0] == bucket and each[1].startswith(prefix)
                ]
            else:
                own = [each[1] for each in shard if each[0] == bucket]
            keys += own
            await pace.step()

        def find(key: str) -> ObjectInfo | None:
            location = Location(bucket, key)
            found = self._objects.shards[hash(location) & MASK].get(location)
            return None if found is None else _info(found)

        return Browsed(keys, find, is_current)

    async def walk(self) -> AsyncIterator[tuple[Location, ObjectInfo, bytes]]:
        pace, in_order = Pace(), []
        for shard in self._objects.share():  # One sort of all objects would take long.
            in_order.append(sorted(shard))
            await pace.step()
        for location in merge(*in_order):
            found = self._objects.shards[hash(location) & MASK].get(location)
            if found is not None:
                yield location, _info(found), found[0]

    async def checkpoint(self) -> StorageCheckpoint:
        return MemoryCheckpoint(self)

    async def beside(self) -> Replacement:
        return MemoryReplacement(self)

    async def check(self) -> None:
        """Memory always works."""

    async def clear(self) -> None:
        self._objects.clear()

    async def close(self) -> None:
        self._objects.clear()

    async def replace(self, objects: _Objects) -> None:
        """Use ``objects`` instead, which others may share."""
        self._objects.replace(objects)

    def share(self) -> _Objects:
        """Return the objects; from now on they do not change."""
        return self._objects.share()


class MemoryReplacement(Replacement):
    def __init__(self, current: MemoryStorage) -> None:
        self._current = current
        self.storage: MemoryStorage = MemoryStorage()

    async def take_over(self, file: NewFile | None = None) -> None:
        await write_file(file)  # A crash loses the objects anyway, so this is the only step.
        await self._current.replace(self.storage.share())

    async def close(self) -> None:
        await self.storage.close()


class MemoryCheckpoint(HeldCheckpoint[_Objects], StorageCheckpoint):
    def __init__(self, storage: MemoryStorage) -> None:
        super().__init__(storage.share(), storage.replace, lambda held: let_go([*held]))
        self._storage = storage

    async def beside(self) -> Replacement:
        replacement = MemoryReplacement(self._storage)
        await replacement.storage.replace(self._required())
        return replacement


@dataclass(slots=True)
class _MemoryUpload(Upload):
    _objects: CopyOnWriteDict[Location, _Record]
    _location: Location
    _chunks: list[bytes] = field(default_factory=list)

    async def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    async def flush(self) -> None:
        """There is nothing to do before the commit."""

    async def commit(self, info: ObjectInfo) -> None:
        chunks, self._chunks = self._chunks, []
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._objects.writable(self._location)[self._location] = _record(body, info)

    async def close(self) -> None:
        self._chunks = []


def _record(body: bytes, info: ObjectInfo) -> _Record:
    return (body, *info[1 : (_TAGS if info.tags else _METADATA) + 1])


def _info(record: _Record) -> ObjectInfo:
    return ObjectInfo(len(record[0]), *record[1:])


class _BytesStream(BodyStream):
    file: BinaryIO | None = None

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)

    async def chunks(self) -> AsyncIterator[memoryview]:
        for start in range(0, len(self._body), CHUNK_BYTES):
            yield self._body[start : start + CHUNK_BYTES]

    async def close(self) -> None:
        """There is nothing to release."""
