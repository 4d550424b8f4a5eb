"""The entries of one fakeredis server, read and written by commands: all that is used is public.

``fakeredis_database`` does the same much faster, where the installed fakeredis lets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakeredis import FakeRedisConnection, FakeServer

from emulator.backends.cache.base import CachedObject
from emulator.backends.cache.entries import decode_entry, encode_entry
from emulator.backends.cache.fakeredis_time import real_time
from emulator.backends.copy_on_write import Shards
from emulator.core.slices import SLICE_ITEMS


class CommandServer:
    """One fakeredis server, and a connection to it, which is made for the first command.

    The connection is called synchronously: there is no network to wait for.
    """

    def __init__(self) -> None:
        with real_time():
            self._server = FakeServer()
        self._connection: Any = None

    def execute(self, command: str, *rest: str | bytes | int) -> Any:
        """Execute a command of Valkey, and return its answer."""
        with real_time():
            if self._connection is None:
                self._connection = FakeRedisConnection(server=self._server)
                self._connection.connect()
            self._connection.send_command(command, *rest)
            return self._connection.read_response(disable_decoding=True)

    def get(self, name: bytes) -> CachedObject | None:
        """Return the copy in the entry ``name``, or None if there is no entry."""
        value = self.execute("GET", name)
        return None if value is None else decode_entry(value)

    def has(self, name: bytes) -> bool:
        """Whether there is an entry ``name``."""
        return bool(self.execute("EXISTS", name))

    def put(self, name: bytes, copy: CachedObject, milliseconds: int | None) -> None:
        """Replace the entry ``name``; the new one is gone after so many milliseconds of real time,
        or never."""
        options = () if milliseconds is None else ("PX", milliseconds)
        self.execute("SET", name, encode_entry(copy), *options)

    def remove(self, name: bytes) -> None:
        """Remove the entry ``name``, if there is one."""
        self.execute("DEL", name)

    def is_empty(self) -> bool:
        """Whether there is no entry."""
        return bool(self.execute("DBSIZE") == 0)

    def slices(self) -> Iterator[list[bytes]]:
        """Yield the names of all entries, some at a time; entries may change meanwhile."""
        names = self.execute("KEYS", "*")
        for start in range(0, len(names), SLICE_ITEMS):
            yield names[start : start + SLICE_ITEMS]

    def watched(self) -> Callable[[], bool]:
        """Return a function that says whether certainly nothing was written since."""
        return lambda: False

    def share(self) -> Shards[bytes, Any]:
        """Return the entries of this moment, for ``replace``."""
        held = {}
        for name in self.execute("KEYS", "*"):
            end, value = self.execute("PEXPIRETIME", name), self.execute("GET", name)
            if value is not None:
                held[name] = (value, end)
        return (held,)

    def replace(self, entries: Shards[bytes, Any]) -> None:
        """Have exactly these entries, which are those of ``share``, or none."""
        self.execute("FLUSHDB")
        for shard in entries:
            for name, (value, end) in shard.items():
                self.execute("SET", name, value, *(() if end < 0 else ("PXAT", end)))

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.disconnect()
