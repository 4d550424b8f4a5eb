"""Every engine of the storage, cache and account protocols, by name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.file import FileAccount
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import FilesystemStorage
from emulator.backends.storage.memory import MemoryStorage

OWN_STORAGES = ("memory", "filesystem", "filesystem-without-fsync")
"""Storages of which the objects are the emulator's own: any bucket's name, and emptied at will."""

S3_SERVERS = ("moto", "s3rver")
"""S3 at each of two servers; the engine is the same."""

STORAGES = (*OWN_STORAGES, *S3_SERVERS)
CACHES = ("memory", "fakeredis")
ACCOUNTS = ("memory", "file", "file-without-fsync")


def storage_engine(name: str, directory: Path) -> Storage:
    """A storage engine; one that uses files keeps them below `directory`."""
    if name == "memory":
        return MemoryStorage()
    objects, temporary = directory / "objects", directory / "tmp"
    objects.mkdir(exist_ok=True)
    temporary.mkdir(exist_ok=True)
    return FilesystemStorage(
        objects, temporary, directory / "checkpoints", fsync=name == "filesystem"
    )


def cache_engine(name: str) -> Cache:
    """A cache engine."""
    return MemoryCache() if name == "memory" else FakeRedisCache()


def account_engine(name: str, directory: Path) -> AccountBackend:
    """An account engine; one that uses a file keeps it in `directory`."""
    if name == "memory":
        return MemoryAccount()
    return FileAccount(directory / "account.json", fsync=name == "file")


@contextlib.asynccontextmanager
async def opened_storage(name: str, directory: Path) -> AsyncIterator[Storage]:
    engine = storage_engine(name, directory)
    try:
        yield engine
    finally:
        await engine.close()


@contextlib.asynccontextmanager
async def opened_cache(name: str) -> AsyncIterator[Cache]:
    engine = cache_engine(name)
    try:
        yield engine
    finally:
        await engine.close()
