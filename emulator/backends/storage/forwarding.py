"""Base class of storage engines that wrap another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from emulator.backends.browsing import Browsed
from emulator.backends.storage.base import (
    Replacement,
    Storage,
    StorageCheckpoint,
    StoredObject,
    Upload,
)
from emulator.core.object_info import Location, ObjectInfo


class ForwardingStorage(Storage):
    """Forwards every call except ``for_store`` to ``engine``."""

    def __init__(self, engine: Storage) -> None:
        self.name = engine.name
        self.can_be_emptied = engine.can_be_emptied
        self.patience = engine.patience
        self.upload_bytes = engine.upload_bytes
        self.engine = engine

    async def start(self) -> None:
        await self.engine.start()

    def upload(self, location: Location) -> Upload:
        return self.engine.upload(location)

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        return await self.engine.open(location, inline_bytes=inline_bytes)

    async def delete(self, location: Location) -> bool:
        return await self.engine.delete(location)

    async def remove(self, location: Location) -> None:
        await self.engine.remove(location)

    async def free(self, location: Location) -> None:
        await self.engine.free(location)

    def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        return self.engine.expiring()

    async def buckets(self) -> list[str]:
        return await self.engine.buckets()

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        return await self.engine.list(bucket, prefix)

    async def browse(self, bucket: str, prefix: str = "") -> Browsed:
        return await self.engine.browse(bucket, prefix)

    async def checkpoint(self) -> StorageCheckpoint:
        return await self.engine.checkpoint()

    async def beside(self) -> Replacement:
        return await self.engine.beside()

    async def check(self) -> None:
        await self.engine.check()

    async def clear(self) -> None:
        await self.engine.clear()

    async def close(self) -> None:
        await self.engine.close()
