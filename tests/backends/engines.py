"""Every engine of the storage, cache and account protocols, by name."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.file import FileAccount
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.fakeredis_commands import CommandServer
from emulator.backends.cache.fakeredis_database import DatabaseServer
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import FilesystemStorage
from emulator.backends.storage.memory import MemoryStorage
from emulator.backends.valkey.url import ValkeyUrl, parse_valkey_url
from tests.engines.valkey import HINT as VALKEY_HINT

OWN_STORAGES = ("memory", "filesystem", "filesystem-without-fsync")
"""Storages of which the objects are the emulator's own: any bucket's name, and emptied at will."""

S3_SERVERS = ("moto", "s3rver")
"""S3 at each of two servers; the engine is the same."""

STORAGES = (*OWN_STORAGES, *S3_SERVERS)

FAKEREDIS = {"fakeredis": DatabaseServer, "fakeredis-by-commands": CommandServer}
"""The two ways to the entries of fakeredis: in its database, and by commands."""

CACHES = ("memory", *FAKEREDIS, "valkey", "valkey-cluster")


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


VALKEY_URLS: dict[str, str] = {}
"""Where the real engines are that the tests share, by the names of those that need them."""


def valkey_url(name: str) -> ValkeyUrl:
    """Where the Valkey or the cluster of that name is; skips the test where there is none."""
    if name not in VALKEY_URLS:
        pytest.skip(VALKEY_HINT)
    return parse_valkey_url(VALKEY_URLS[name])


def cache_engine(name: str) -> Cache:
    """A cache engine. One that others share may not be empty."""
    if name == "memory":
        return MemoryCache()
    if name in FAKEREDIS:
        return FakeRedisCache(FAKEREDIS[name])
    return ValkeyCache(valkey_url(name), timeout=10)


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
        await engine.clear()
        yield engine
    finally:
        await engine.close()
