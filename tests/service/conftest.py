"""A service with one store, over every pair of tiers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.file import FileAccount
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.memory import MemoryCache
from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import FilesystemStorage
from emulator.backends.storage.memory import MemoryStorage
from tests.suites import one_in_full

from .harness import Service
from .tiers import Faults


@pytest.fixture(params=one_in_full("memory-memory", "filesystem-fakeredis"))
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """A service with the store `store` over `bucket` and `cluster`."""
    storage: Storage = MemoryStorage()
    cache: Cache = MemoryCache()
    if request.param == "filesystem-fakeredis":
        objects, temporary = tmp_path / "objects", tmp_path / "tmp"
        objects.mkdir()
        temporary.mkdir()
        storage = FilesystemStorage(objects, temporary, tmp_path / "checkpoints", fsync=False)
        cache = FakeRedisCache()
    made = Service(storage, cache)
    await made.configure()
    yield made
    await made.close()


@pytest.fixture
def faults(service: Service) -> Faults:
    """Makes the calls of both tiers fail."""
    service.cache.hook = service.storage.hook = made = Faults()
    return made


@pytest.fixture(params=one_in_full("memory", "file"))
def account(request: pytest.FixtureRequest, tmp_path: Path) -> AccountBackend:
    """The state of an empty account."""
    if request.param == "memory":
        return MemoryAccount()
    return FileAccount(tmp_path / "account.json", fsync=False)
