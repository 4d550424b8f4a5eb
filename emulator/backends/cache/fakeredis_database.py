"""The entries of one fakeredis server, without commands: all use of fakeredis' private members.

A command goes through a connection, a parser and a queue, which takes a hundred times as long as to
look into the server's database. The database gets another dictionary and another clock instead.
Whether the installed fakeredis works with them is found out by trying (``fastest_server``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, MutableMapping
from functools import cache
from typing import Any

import fakeredis

from emulator.backends.cache.base import CachedObject
from emulator.backends.cache.entries import decode_entry, encode_entry
from emulator.backends.cache.fakeredis_commands import CommandServer
from emulator.backends.cache.fakeredis_time import CLOCK
from emulator.backends.copy_on_write import MASK, SHARDS, CopyOnWriteDict, Shards
from emulator.core.object_info import ObjectInfo

logger = logging.getLogger(__name__)


class DatabaseServer(CommandServer):
    """One fakeredis server, whose database is read and written directly.

    Commands find the same entries, with the same values and ends. Entries never change, so
    checkpoints share them (``CopyOnWriteDict``).
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: CopyOnWriteDict[bytes, Any] = CopyOnWriteDict()
        database: Any = self._server.dbs[0]
        database.__class__ = _in_real_time(database.__class__)
        database._dict = _Dictionary(self._entries)

    def get(self, name: bytes) -> CachedObject | None:
        entry = self._entries.shards[hash(name) & MASK].get(name)
        if entry is None:
            return None
        if _has_ended(entry):
            self.remove(name)
            return None
        return entry.copy if type(entry) is _Entry else decode_entry(entry.value)

    def has(self, name: bytes) -> bool:
        entry = self._entries.shards[hash(name) & MASK].get(name)
        return entry is not None and not _has_ended(entry)

    def put(self, name: bytes, copy: CachedObject, milliseconds: int | None) -> None:
        end = None if milliseconds is None else CLOCK.time() + milliseconds / 1000.0
        self._entries.writable(name)[name] = _Entry(copy, end)

    def remove(self, name: bytes) -> None:
        if name in self._entries.shards[hash(name) & MASK]:
            del self._entries.writable(name)[name]

    def is_empty(self) -> bool:
        return len(self._entries) == 0

    def slices(self) -> Iterator[list[bytes]]:
        for index in range(SHARDS):
            if self._entries.shards[index]:
                yield list(self._entries.shards[index])

    def watched(self) -> Callable[[], bool]:
        return self._entries.watched()

    def share(self) -> Shards[bytes, Any]:
        return self._entries.share()

    def replace(self, entries: Shards[bytes, Any]) -> None:
        self._entries.replace(entries)

    def close(self) -> None:
        super().close()
        self._entries.clear()  # A server refers to itself, so it is freed late.


class _Entry:
    """A copy, and the end of its entry. Its value is made only when a command asks for it."""

    __slots__ = ("copy", "expireat")

    def __init__(self, copy: CachedObject, expireat: float | None) -> None:
        self.copy = copy
        self.expireat = expireat
        """In seconds since the Unix epoch, or None if the entry has no end."""

    @property
    def value(self) -> bytes:
        return encode_entry(self.copy)


class _Written:
    """An entry that a command has changed."""

    __slots__ = ("expireat", "value")

    def __init__(self, value: Any, expireat: float | None) -> None:
        self.value = value
        self.expireat = expireat


class _Dictionary(MutableMapping[bytes, Any]):
    """What fakeredis' commands use in place of their own dictionary: the entries of all shards."""

    def __init__(self, entries: CopyOnWriteDict[bytes, Any]) -> None:
        self._entries = entries

    def __getitem__(self, name: bytes) -> _Item:
        return _Item(self._entries, name, self._entries.shards[hash(name) & MASK][name])

    def __setitem__(self, name: bytes, item: Any) -> None:
        self._entries.writable(name)[name] = item

    def __delitem__(self, name: bytes) -> None:
        del self._entries.writable(name)[name]

    def __iter__(self) -> Iterator[bytes]:
        """The names of the entries that have not ended: fakeredis' own index of ends has only those
        that commands have set."""
        for index in range(SHARDS):
            for name, entry in list(self._entries.shards[index].items()):
                if not _has_ended(entry):
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        self._entries.clear()


class _Item:
    """An entry as commands see it. They change entries in place, but checkpoints share them: so a
    change makes a new one."""

    __slots__ = ("_entries", "_entry", "_name")

    def __init__(self, entries: CopyOnWriteDict[bytes, Any], name: bytes, entry: Any) -> None:
        self._entries = entries
        self._name = name
        self._entry = entry

    @property
    def value(self) -> Any:
        return self._entry.value

    @value.setter
    def value(self, value: Any) -> None:
        self._change(_Written(value, self.expireat))

    @property
    def expireat(self) -> float | None:
        end: float | None = self._entry.expireat
        return end

    @expireat.setter
    def expireat(self, end: float | None) -> None:
        self._change(_Written(self.value, end))

    def _change(self, entry: _Written) -> None:
        self._entry = self._entries.writable(self._name)[self._name] = entry


def _has_ended(entry: Any) -> bool:
    """Whether the end of an entry has passed, as fakeredis decides it."""
    return entry.expireat is not None and entry.expireat < CLOCK.time()


@cache
def _in_real_time(database: type) -> type:
    """Make a subclass of fakeredis' database whose clock is real time.

    Each command sets the clock of all databases from ``time.time``, which a test may have replaced.
    """
    clock = property(lambda _: CLOCK.time(), lambda _, __: None)
    return type(database.__name__, (database,), {"time": clock})


@cache
def fastest_server() -> type[CommandServer]:
    """Return the fastest class of servers that works with the installed fakeredis; log a warning if
    it is the one that uses commands."""
    try:
        check_direct_access()
    except Exception as error:
        logger.warning(
            "fakeredis %s cannot be used directly, so the cache is slower and large bodies are "
            "copied: %r",
            getattr(fakeredis, "__version__", "(of unknown version)"),
            error,
        )
        return CommandServer
    return DatabaseServer


def check_direct_access() -> None:
    """Check that commands find in a server what was written directly, and the other way round.

    Raises:
        Exception: they do not; nobody knows what else a changed fakeredis raises.
    """
    server, name, hour = DatabaseServer(), b"namespace:key", 3_600_000
    copy = CachedObject(ObjectInfo(4, 1, 1), b"body")
    value, other = encode_entry(copy), copy._replace(body=b"else")
    server.put(name, copy, hour)
    _expect("value", server.execute("GET", name), value)
    _expect("lifetime", hour - 60_000 < server.execute("PTTL", name) <= hour, True)
    held = server.share()
    server.execute("SET", name, encode_entry(other), "PX", hour)
    _expect("replaced value", server.get(name), other)
    server.execute("PEXPIREAT", name, 1)
    _expect("entry that a command has ended", server.get(name), None)
    server.replace(held)
    _expect("restored value", (server.execute("GET", name), server.get(name)), (value, copy))
    server.put(name, copy, -hour)
    _expect("entry that has ended", (server.execute("GET", name), server.get(name)), (None, None))
    server.execute("SET", name, value)
    _expect("new value", (server.get(name), server.execute("KEYS", "*")), (copy, [name]))
    server.execute("DEL", name)
    _expect("deleted entry", (server.has(name), server.is_empty()), (False, True))
    server.put(name, copy, None)
    server.remove(name)
    _expect("removed entry", server.execute("EXISTS", name), 0)
    server.close()


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise LookupError(f"{what}: {found!r}, not {wanted!r}")
