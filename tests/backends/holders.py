"""Every engine in the same words: places that hold values, whatever a tier calls them."""

from __future__ import annotations

import contextlib
import tempfile
from abc import abstractmethod
from collections.abc import AsyncIterator, Hashable, Sequence
from pathlib import Path
from typing import Any, Protocol

from emulator.backends.account.base import INVITATIONS, MEMBERS, TABLES, AccountBackend, Change
from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import Storage
from emulator.core.model import Invitation, Member
from emulator.core.object_info import Location
from tests.support.bodies import some_bytes

from .accounts import Accounts
from .engines import opened_cache, opened_storage
from .objects import an_info, put, read

Place = Any
"""A location, a key of the cache, or a table and the id of a record."""

HOUR = 3600 * 1_000_000

HOLDERS = (
    "storage memory",
    "storage filesystem",
    "storage filesystem-without-fsync",
    "cache memory",
    "cache fakeredis",
    "cache fakeredis-by-commands",
    "account memory",
    "account file",
    "account file-without-fsync",
    "account valkey",
    "account valkey-cluster",
)


class Holder(Protocol):
    """An engine."""

    places: Sequence[Hashable]
    """Where values may be."""

    @abstractmethod
    async def put(self, place: Place, number: int) -> object:
        """Write a value that ``number`` makes different from all others, and return it as
        ``everything`` will."""

    @abstractmethod
    async def remove(self, place: Place) -> None:
        """Have no value at ``place``."""

    @abstractmethod
    async def clear(self) -> None:
        """Have no value anywhere."""

    @abstractmethod
    async def checkpoint(self) -> Checkpoint:
        """The engine's own."""

    @abstractmethod
    async def everything(self) -> dict[Hashable, object]:
        """The values by their places."""


class StorageHolder(Holder):
    places: Sequence[Location] = tuple(
        Location(bucket, key) for bucket in ("a", "B") for key in ("key", "a/b", "é" * 300)
    )

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    async def put(self, place: Place, number: int) -> object:
        body = some_bytes((0, 10, 70_000)[number % 3], seed=number)
        return await put(self.storage, place, body, an_info(len(body), version=number)), body

    async def remove(self, place: Place) -> None:
        await self.storage.delete(place)

    async def clear(self) -> None:
        await self.storage.clear()

    async def checkpoint(self) -> Checkpoint:
        return await self.storage.checkpoint()

    async def everything(self) -> dict[Hashable, object]:
        listed = {
            Location(bucket, key)
            for bucket in await self.storage.buckets()
            for key, _ in await self.storage.list(bucket)
        }
        found = {place: await read(self.storage, place) for place in {*self.places, *listed}}
        assert {place for place, value in found.items() if value is not None} == listed
        return {place: found[place] for place in listed}


class CacheHolder(Holder):
    places: Sequence[CacheKey] = tuple(
        CacheKey(cluster, namespace, key)
        for cluster in ("c", "d")
        for namespace in ("n", "nn")
        for key in ("key", "*")
    )

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    async def put(self, place: Place, number: int) -> object:
        body = some_bytes(number % 100, seed=number)
        copy = CachedObject(an_info(len(body), version=number), body)
        await self.cache.set(place, copy, lifetime=(None, HOUR)[number % 2])
        return copy

    async def remove(self, place: Place) -> None:
        await self.cache.delete(place)

    async def clear(self) -> None:
        await self.cache.clear()

    async def checkpoint(self) -> Checkpoint:
        return await self.cache.checkpoint()

    async def everything(self) -> dict[Hashable, object]:
        listed = {
            CacheKey(cluster, namespace, key)
            for cluster, namespace in {place[:2] for place in self.places}
            for key, _ in await self.cache.list(cluster, namespace)
        }
        found = {place: await self.cache.get(place) for place in {*self.places, *listed}}
        assert {place for place, value in found.items() if value is not None} == listed
        return {place: found[place] for place in listed}


class AccountHolder(Holder):
    """It also looks that no version is given twice."""

    places = tuple((table, name) for table in (MEMBERS, INVITATIONS) for name in ("a", "é", ""))

    def __init__(self, account: AccountBackend) -> None:
        self.account = account
        self.last_version = 0

    async def put(self, place: Place, number: int) -> object:
        table, name = place
        found = await self.account.get(table, name)
        expected = None if found is None else found.version
        record = (
            Member(name, str(number)) if table is MEMBERS else Invitation(str(number), name, "r")
        )
        await self.account.commit(Change(table, name, record, expected))
        written = await self.account.get(table, name)
        assert written is not None
        assert written.record == record
        assert written.version > self.last_version
        self.last_version = written.version
        return written

    async def remove(self, place: Place) -> None:
        table, name = place
        found = await self.account.get(table, name)
        if found is not None:
            await self.account.delete(table, name, expected=found.version)

    async def clear(self) -> None:
        await self.account.clear()

    async def checkpoint(self) -> Checkpoint:
        return await self.account.checkpoint()

    async def everything(self) -> dict[Hashable, object]:
        return {
            (table, name): entry
            for table in TABLES
            for name, entry in (await self.account.entries(table)).items()
        }


@contextlib.asynccontextmanager
async def opened_holder(name: str, accounts: Accounts) -> AsyncIterator[Holder]:
    """An empty engine, by its tier and its name."""
    tier, engine = name.split()
    with tempfile.TemporaryDirectory() as directory:
        if tier == "storage":
            async with opened_storage(engine, Path(directory)) as storage:
                yield StorageHolder(storage)
        elif tier == "cache":
            async with opened_cache(engine) as cache:
                yield CacheHolder(cache)
        else:
            async with accounts.opened(engine, Path(directory)) as account:
                yield AccountHolder(account)
