"""Storage engine: a dictionary in this process, lost with the process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.copy_on_write import CopyOnWriteDict
from emulator.backends.storage.base import BodyStream, Storage, StoredObject, Upload
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.slices import by_key, slices

CHUNK_BYTES = 256 * 1024

_SLICE_OBJECTS = 1000

_Objects = dict[Location, tuple[ObjectInfo, bytes]]


class MemoryStorage(Storage):
    """Keeps every object in a dictionary."""

    name = "memory"

    def __init__(self) -> None:
        self._objects: CopyOnWriteDict[Location, tuple[ObjectInfo, bytes]] = CopyOnWriteDict()

    def upload(self, location: Location) -> Upload:
        return _MemoryUpload(self._objects, location)

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        found = self._objects.entries.get(location)
        if found is None:
            return None
        info, body = found
        return StoredObject(info, body if len(body) <= inline_bytes else _BytesStream(body))

    async def delete(self, location: Location) -> bool:
        if location not in self._objects.entries:
            return False
        del self._objects.writable()[location]
        return True

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        locations = list(self._objects.entries)
        for start in range(0, len(locations), _SLICE_OBJECTS):
            entries = self._objects.entries
            yield [
                (location, entries[location][0].expires_at or 0)
                for location in locations[start : start + _SLICE_OBJECTS]
                if location in entries and entries[location][0].expires_at is not None
            ]

    async def buckets(self) -> list[str]:
        return sorted({location.bucket for location in self._objects.entries})

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        listed: dict[str, ObjectInfo] = {}
        async for objects in slices(list(self._objects.entries.items())):
            listed |= {
                location.key: info
                for location, (info, _) in objects
                if location.bucket == bucket and location.key.startswith(prefix)
            }
        return await by_key(listed)

    async def checkpoint(self) -> Checkpoint:
        return HeldCheckpoint(self._objects.share(), self._restore)

    async def check(self) -> None:
        """Memory always works."""

    async def clear(self) -> None:
        self._objects.replace({})

    async def close(self) -> None:
        self._objects.replace({})

    async def _restore(self, objects: _Objects) -> None:
        self._objects.replace(objects)


@dataclass(slots=True)
class _MemoryUpload(Upload):
    _objects: CopyOnWriteDict[Location, tuple[ObjectInfo, bytes]]
    _location: Location
    _chunks: list[bytes] = field(default_factory=list)

    async def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    async def flush(self) -> None:
        """There is nothing to do before the commit."""

    async def commit(self, info: ObjectInfo) -> None:
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._objects.writable()[self._location] = (info, body)

    async def close(self) -> None:
        self._chunks = []


class _BytesStream(BodyStream):
    file: BinaryIO | None = None

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)

    async def chunks(self) -> AsyncIterator[memoryview]:
        for start in range(0, len(self._body), CHUNK_BYTES):
            yield self._body[start : start + CHUNK_BYTES]

    async def close(self) -> None:
        """There is nothing to release."""
