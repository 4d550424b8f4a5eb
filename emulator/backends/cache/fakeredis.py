"""A cache that speaks Valkey's commands, in this process: fakeredis, one server per cluster.

An entry is a string under ``{namespace}:{key}``: a line of JSON with the object's information,
then the body. Commands go over one connection per server, called synchronously: nothing here waits
for a network, and redis-py's client and pool around it would more than double what a command costs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from fakeredis import FakeRedisConnection, FakeServer

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.codec import decode_info, encode_info

_decode_info = lru_cache(maxsize=4096)(decode_info)
"""An object that is read over and over again has its information parsed once."""

SLACK_MILLISECONDS = 60 * 60 * 1000
"""How much longer than its object an entry stays, so that a clock of ours that was slowed or
stopped for a while does not lose it early."""

MAX_LIFETIME_MILLISECONDS = 10 * 365 * 24 * 60 * 60 * 1000
"""Beyond this an entry is kept without an end: Valkey's own range is not far above."""


class FakeRedisCache(Cache):
    """Keeps every copy in a fakeredis server, one for each cluster name."""

    name = "fakeredis"

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}

    async def get(self, key: CacheKey) -> CachedObject | None:
        entry = self._cluster(key.cluster).execute("GET", _name(key))
        if entry is None:
            return None
        line, _, body = entry.partition(b"\n")
        return CachedObject(_decode_info(line), body)

    async def set(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None) -> None:
        entry = b"%b\n%b" % (encode_info(copy.info), copy.body)
        cluster = self._cluster(key.cluster)
        milliseconds = None if lifetime is None else lifetime // 1000 + SLACK_MILLISECONDS
        if milliseconds is None or milliseconds > MAX_LIFETIME_MILLISECONDS:
            cluster.execute("SET", _name(key), entry)
        else:
            cluster.execute("SET", _name(key), entry, "PX", milliseconds)

    async def delete(self, key: CacheKey) -> None:
        self._cluster(key.cluster).execute("DEL", _name(key))

    async def drop(self, cluster: str, namespace: str) -> None:
        server = self._cluster(cluster)
        cursor = None
        while cursor != b"0":
            cursor, names = server.execute(
                "SCAN", cursor or 0, "MATCH", f"{namespace}:*", "COUNT", 1000
            )
            if names:
                server.execute("DEL", *names)

    async def check(self) -> None:
        for cluster in self._clusters.values():
            cluster.execute("PING")

    async def clear(self) -> None:
        for cluster in self._clusters.values():
            cluster.execute("FLUSHALL")

    async def close(self) -> None:
        for cluster in self._clusters.values():
            cluster.close()
        self._clusters.clear()

    def _cluster(self, name: str) -> _Cluster:
        cluster = self._clusters.get(name)
        if cluster is None:
            cluster = self._clusters[name] = _Cluster()
        return cluster


class _Cluster:
    """One fakeredis server and a connection to it."""

    def __init__(self) -> None:
        self._connection: Any = FakeRedisConnection(server=FakeServer())
        self._connection.connect()
        self._send: Callable[[bytes], None] = self._connection.get_socket().sendall

    def execute(self, *command: str | bytes | int) -> Any:
        self._send(_pack(command))
        return self._connection.read_response(disable_decoding=True)

    def close(self) -> None:
        self._connection.disconnect()


def _pack(command: Sequence[str | bytes | int]) -> bytes:
    """A command as Valkey's protocol has it; redis-py's own packer takes twice the time."""
    packed = b"*%d\r\n" % len(command)
    for part in command:
        octets = part if isinstance(part, bytes) else str(part).encode()
        packed += b"$%d\r\n%b\r\n" % (len(octets), octets)
    return packed


def _name(key: CacheKey) -> str:
    return f"{key.namespace}:{key.key}"
