"""Cache engine in this process that executes Valkey's commands: one fakeredis server per cluster.

An entry is a string under ``{namespace}:{key}``: a line of JSON with the object's information,
then the body. A large body stands beside its entry, so that it is in memory once.

Each server has one connection, which is called synchronously: there is no network to wait for, and
redis-py's client with its pool would more than double the cost of a command.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from typing import Any

from fakeredis import FakeRedisConnection, FakeServer

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.cache.entries import (
    SLACK_MILLISECONDS,
    decode_entry,
    decode_line,
    encode_entry,
)
from emulator.backends.cache.fakeredis_time import real_time, use_real_time
from emulator.backends.cache.leases import Leases
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.codec import decode_info
from emulator.backends.copy_on_write import (
    MASK,
    SHARDS,
    CopyOnWriteDict,
    Shards,
    let_go,
    no_entries,
)
from emulator.core.event_loop import sleep
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import Pace, by_key

MAX_LIFETIME_MILLISECONDS = 10 * 365 * 24 * 60 * 60 * 1000
"""An entry with a longer lifetime never expires: Valkey's own limit is not much higher."""

_Held = Mapping[str, Shards[bytes, Any]]
"""The entries of each cluster."""

SHARED_BYTES = 64 * 1024
"""A body above this size stands beside its entry."""


class FakeRedisCache(Cache):
    """Keeps each cluster's copies in a fakeredis server of its own."""

    name = "fakeredis"

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}
        self._leases = Leases()

    async def get(self, key: CacheKey) -> CachedObject | None:
        cluster, name = self._cluster(key.cluster), _name(key)
        entry = cluster.execute("GET", name)
        if entry is None:
            return None
        if entry.endswith(b"\n") and (body := cluster.body(name)) is not None:
            return CachedObject(decode_line(entry[:-1]), body)
        return decode_entry(entry)

    async def begin_write(self, key: CacheKey) -> str:
        return self._leases.begin_write(key)

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if self._leases.end_write(key, lease) and copy is not None:
            self._keep(key, copy, lifetime)
        else:
            self._cluster(key.cluster).remove(_name(key))

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        self._leases.end_write(key, lease)
        self._cluster(key.cluster).remove(_name(key))

    async def begin_fill(self, key: CacheKey) -> str | None:
        if self._cluster(key.cluster).execute("EXISTS", _name(key)):
            return None
        return self._leases.begin_fill(key)

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if self._leases.end_fill(key, lease) and copy is not None:
            self._keep(key, copy, lifetime)

    def _keep(self, key: CacheKey, copy: CachedObject, lifetime: int | None) -> None:
        large = copy.body if len(copy.body) > SHARED_BYTES else None
        entry = encode_entry(copy if large is None else copy._replace(body=b""))
        cluster = self._cluster(key.cluster)
        milliseconds = None if lifetime is None else lifetime // 1000 + SLACK_MILLISECONDS
        if milliseconds is None or milliseconds > MAX_LIFETIME_MILLISECONDS:
            cluster.write(_name(key), entry, large)
        else:
            cluster.write(_name(key), entry, large, "PX", milliseconds)

    async def expire(self, key: CacheKey, now: int) -> ObjectInfo | None:
        cluster, name = self._cluster(key.cluster), _name(key)
        info = cluster.info(name)
        if info is not None and info.is_expired(now):
            cluster.discard(name)
        return info

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        for name, cluster in list(self._clusters.items()):
            for names in cluster.slices():
                yield [
                    (CacheKey(name, *octets.decode().split(":", 1)), info.expires_at)
                    for octets in names
                    if cluster.has_lifetime(octets)
                    and (info := cluster.info(octets)) is not None
                    and info.expires_at is not None
                ]

    async def drop(self, cluster: str, namespace: str) -> None:
        self._leases.drop(cluster, namespace)
        server = self._clusters.get(cluster)
        if server is None:
            return
        start, pace = f"{namespace}:".encode(), Pace()
        for names in server.slices():
            for name in names:
                if name.startswith(start):
                    server.discard(name)
            await pace.step()
        if server.is_empty and self._clusters.get(cluster) is server:
            server.close()
            del self._clusters[cluster]

    async def flush(self, cluster: str) -> None:
        if cluster in self._clusters:
            self._clusters[cluster].replace(no_entries())

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        server = self._clusters.get(cluster)
        if server is None:
            return []
        listed = {}
        start = f"{namespace}:".encode()
        for names in server.slices():
            for name in names:
                if name.startswith(start) and (info := server.info(name)) is not None:
                    listed[name[len(start) :].decode()] = info
            await sleep(0)
        return await by_key(listed)

    async def checkpoint(self) -> Checkpoint:
        held = {name: cluster.share() for name, cluster in self._clusters.items()}
        return HeldCheckpoint(held, self._restore, _forget)

    async def check(self) -> None:
        for cluster in self._clusters.values():
            cluster.check()

    async def clear(self) -> None:
        self._leases.clear()
        for cluster in self._clusters.values():
            cluster.replace(no_entries())

    async def close(self) -> None:
        for cluster in self._clusters.values():
            cluster.close()
        self._clusters.clear()

    def _cluster(self, name: str) -> _Cluster:
        cluster = self._clusters.get(name)
        if cluster is None:
            cluster = self._clusters[name] = _Cluster()
        return cluster

    async def _restore(self, held: _Held) -> None:
        self._leases.clear()
        for name in {*self._clusters, *held}:
            self._cluster(name).replace(held.get(name, no_entries()))


class _Cluster:
    """One fakeredis server and a connection to it.

    The server's entries are in shards (``CopyOnWriteDict``): before each command, its internal
    dictionary is set to the shard of the command's name. So checkpoints share the entries, which
    is much faster than reading all of them by commands, and no step takes long.
    """

    def __init__(self) -> None:
        with real_time():
            server = FakeServer()
            self._connection: Any = FakeRedisConnection(server=server)
            self._connection.connect()
        self._database: Any = server.dbs[0]
        self._entries: CopyOnWriteDict[bytes, Any] = CopyOnWriteDict()
        # fakeredis has an index of expiring entries beside the dictionary. The two may disagree
        # after a replacement: it checks the entry itself before it relies on the index.
        self._expiries: list[list[Any]] = [[] for _ in range(SHARDS)]
        socket = self._connection.get_socket()
        use_real_time(socket)
        self._send: Callable[[bytes], None] = socket.sendall

    def execute(self, command: str, name: bytes, *rest: str | bytes | int) -> Any:
        """Execute a command on the entry ``name``, without changing it."""
        index, database = hash(name) & MASK, self._database
        database._dict = self._entries.shards[index]
        database._expiry_heap = self._expiries[index]
        self._send(_pack((command, name, *rest)))
        return self._connection.read_response(disable_decoding=True)

    def write(self, name: bytes, entry: bytes, large: bytes | None, *options: str | int) -> None:
        """Replace the entry ``name`` by ``entry``, with a large body beside it if there is one."""
        # SET would change the entry in place, and checkpoints share it.
        shard = self._entries.writable(name)
        shard.pop(name, None)
        self.execute("SET", name, entry, *options)
        if large is not None:
            shard[name] = _LargeItem(shard[name], large)

    def body(self, name: bytes) -> bytes | None:
        """Return the large body beside the entry ``name``, if there is one."""
        item = self._entries.shards[hash(name) & MASK][name]
        return item.body if type(item) is _LargeItem else None

    def remove(self, name: bytes) -> None:
        """Remove the entry ``name``."""
        if name in self._entries.shards[hash(name) & MASK]:
            self._entries.writable(name)
            self.execute("DEL", name)

    def check(self) -> None:
        """Execute a command."""
        self._send(_pack(("PING",)))
        self._connection.read_response(disable_decoding=True)

    @property
    def is_empty(self) -> bool:
        """Whether there is no entry."""
        return len(self._entries) == 0

    def slices(self) -> Iterator[list[bytes]]:
        """Yield the names of all entries, some at a time; entries may change meanwhile."""
        for index in range(SHARDS):
            if self._entries.shards[index]:
                yield list(self._entries.shards[index])

    def has_lifetime(self, name: bytes) -> bool:
        """Whether the entry ``name`` expires."""
        entry = self._entries.shards[hash(name) & MASK].get(name)
        return entry is not None and entry.expireat is not None

    def info(self, name: bytes) -> ObjectInfo | None:
        """Return the information in the entry ``name``, without its body."""
        entry = self._entries.shards[hash(name) & MASK].get(name)
        if entry is None or self._database.expired(entry):
            return None
        return decode_info(entry.value[: entry.value.index(b"\n")])

    def discard(self, name: bytes) -> None:
        """Remove the entry ``name``; a command would take ten times as long."""
        self._entries.writable(name).pop(name, None)

    def share(self) -> Shards[bytes, Any]:
        """Return the entries by name; from now on they do not change."""
        return self._entries.share()

    def replace(self, entries: Shards[bytes, Any]) -> None:
        """Use ``entries`` instead, which others may share."""
        self._entries.replace(entries)

    def close(self) -> None:
        self._connection.disconnect()


class _LargeItem:
    """What fakeredis keeps of an entry, and its body: one that storage and answers share, since a
    command would copy it."""

    __slots__ = ("body", "expireat", "value")

    def __init__(self, item: Any, body: bytes) -> None:
        self.value: bytes = item.value
        self.expireat: float | None = item.expireat
        self.body = body


def _pack(command: Sequence[str | bytes | int]) -> bytes:
    """Encode a command in Valkey's protocol; redis-py's own packer takes twice the time."""
    packed = b"*%d\r\n" % len(command)
    for part in command:
        octets = part if isinstance(part, bytes) else str(part).encode()
        packed += b"$%d\r\n%b\r\n" % (len(octets), octets)
    return packed


def _name(key: CacheKey) -> bytes:
    return f"{key.namespace}:{key.key}".encode()


def _forget(held: _Held) -> None:
    let_go([shard for shards in held.values() for shard in shards])
