"""Other releases of fakeredis: where the private members that are used have moved, the cache uses
commands, and says so."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import pytest

from emulator import Emulator
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.fakeredis_commands import CommandServer
from emulator.backends.cache.fakeredis_database import (
    DatabaseServer,
    check_direct_access,
    fastest_server,
)
from tests.support.client import Client

from .objects import an_info

KEY = CacheKey("cluster", "namespace", "key")
OTHER = KEY._replace(key="other")
DAY = 24 * 60 * 60 * 1_000_000

DATABASE: Any = type(fakeredis.FakeServer().dbs[0])


@pytest.fixture(autouse=True)
def _find_out_again() -> Iterator[None]:
    fastest_server.cache_clear()
    yield
    fastest_server.cache_clear()


def test_the_installed_release_is_used_directly(caplog: pytest.LogCaptureFixture) -> None:
    check_direct_access()  # It says what has moved.
    assert fastest_server() is DatabaseServer
    assert caplog.records == []


def _asked_by_fakeredis() -> bool:
    """Whether the caller of the caller is a part of fakeredis."""
    return str(sys._getframe(2).f_globals["__name__"]).startswith("fakeredis.")


def hide_the_databases(patched: pytest.MonkeyPatch) -> None:
    """The server's databases have another name."""

    def dbs(server: Any) -> object:
        if not _asked_by_fakeredis():
            raise AttributeError("dbs")
        return server.databases

    patched.setattr(
        fakeredis.FakeServer,
        "dbs",
        property(dbs, lambda server, made: setattr(server, "databases", made)),
        raising=False,
    )


def hide_the_dictionary(patched: pytest.MonkeyPatch) -> None:
    """The database's dictionary has another name: what is put at the old one is not used."""

    def replace(database: Any, entries: object) -> None:
        if _asked_by_fakeredis():
            database.entries = entries

    patched.setattr(
        DATABASE, "_dict", property(lambda database: database.entries, replace), raising=False
    )


def hide_the_clock(patched: pytest.MonkeyPatch) -> None:
    """The database notes the time of a command in another place."""

    def set_time(database: Any, now: float) -> None:
        database.now = now

    patched.setattr(
        DATABASE, "time", property(lambda database: database.now, set_time), raising=False
    )
    patched.setattr(
        DATABASE,
        "expired",
        lambda database, item: item.expireat is not None and item.expireat < database.now,
    )


def count_ends_in_milliseconds(patched: pytest.MonkeyPatch) -> None:
    """An entry's end is in milliseconds."""
    item: Any = sys.modules[DATABASE.__module__].CommandItem  # type: ignore[attr-defined, unused-ignore]
    read, write = item.__init__, item.writeback

    def read_item(self: Any, *arguments: Any, **options: Any) -> None:
        read(self, *arguments, **options)
        if self._expireat is not None:
            self._expireat /= 1000

    def write_item(self: Any, *arguments: Any, **options: Any) -> None:
        if self._expireat is not None:
            self._expireat *= 1000
        write(self, *arguments, **options)

    patched.setattr(item, "__init__", read_item)
    patched.setattr(item, "writeback", write_item)
    patched.setattr(
        DATABASE,
        "expired",
        lambda database, item: item.expireat is not None and item.expireat < database.time * 1000,
    )


def fix_the_class(patched: pytest.MonkeyPatch) -> None:
    """A database does not become one of another class."""

    def set_attribute(database: object, name: str, value: object) -> None:
        if name == "__class__":
            raise TypeError("__class__ assignment only supported for heap types")
        object.__setattr__(database, name, value)

    patched.setattr(DATABASE, "__setattr__", set_attribute, raising=False)


@pytest.fixture(
    params=[
        hide_the_databases,
        hide_the_dictionary,
        hide_the_clock,
        count_ends_in_milliseconds,
        fix_the_class,
    ],
    ids=lambda move: move.__name__.replace("_", "-"),
)
def moved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that works, but of which one private member has changed."""
    move: Callable[[pytest.MonkeyPatch], None] = request.param
    move(monkeypatch)


@pytest.mark.usefixtures("moved")
async def test_where_a_private_member_has_moved_the_cache_uses_commands(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = FakeRedisCache()
    FakeRedisCache()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert f"fakeredis {fakeredis.__version__} cannot be used directly" in record.getMessage()
    assert "\n" not in record.getMessage()
    copy = CachedObject(an_info(4)._replace(expires_at=DAY), b"body")
    await cache.set(KEY, copy, lifetime=DAY)
    await cache.set(OTHER, copy, lifetime=None)
    assert type(cache._clusters["cluster"]) is CommandServer
    checkpoint = await cache.checkpoint()
    assert await cache.expire(KEY, DAY - 1) == copy.info
    assert await cache.get(KEY) == copy
    assert await cache.expire(KEY, DAY) == copy.info
    assert await cache.get(KEY) is None
    await cache.delete(OTHER)
    assert await cache.list("cluster", "namespace") == []
    await checkpoint.restore()
    assert await cache.list("cluster", "namespace") == [("key", copy.info), ("other", copy.info)]
    cache._clusters["cluster"].execute("PEXPIREAT", "namespace:key", 1)
    assert await cache.get(KEY) is None
    assert await cache.get(OTHER) == copy
    await cache.check()
    await cache.close()


@pytest.mark.usefixtures("moved")
def test_where_a_private_member_has_moved_an_emulator_caches_objects() -> None:
    with Emulator(cache="fakeredis") as emulator:
        owner = Client(emulator.endpoint, emulator.api_key())
        owner.create_store("media")
        for body in (b"body", b"x" * 100_000):
            assert owner.put("media", "key", body, ttl_seconds=60).status == 204
            assert owner.get("media", "key").body == body
            assert emulator.journal.last().outcome == "cache_hit"
