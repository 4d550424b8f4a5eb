"""A cache that speaks Valkey's commands, in this process: fakeredis, one server per cluster.

An entry is a string under ``{namespace}:{key}``: a line of JSON with the object's information,
then the body. The client is the synchronous one: nothing here waits for a network, and it costs
half of what the asynchronous one does.
"""

from __future__ import annotations

from typing import cast

from fakeredis import FakeRedis, FakeServer

from emulator.backends.cache.base import Cache, CachedObject, CacheKey
from emulator.backends.codec import decode_info, encode_info

SLACK_MILLISECONDS = 60 * 60 * 1000
"""How much longer than its object an entry stays, so that a clock of ours that was slowed or
stopped for a while does not lose it early."""

MAX_LIFETIME_MILLISECONDS = 10 * 365 * 24 * 60 * 60 * 1000
"""Beyond this an entry is kept without an end: Valkey's own range is not far above."""


class FakeRedisCache(Cache):
    """Keeps every copy in a fakeredis server, one for each cluster name."""

    name = "fakeredis"

    def __init__(self) -> None:
        self._clusters: dict[str, FakeRedis] = {}

    async def get(self, key: CacheKey) -> CachedObject | None:
        entry = cast("bytes | None", self._cluster(key.cluster).get(_name(key)))
        if entry is None:
            return None
        line, _, body = entry.partition(b"\n")
        return CachedObject(decode_info(line), body)

    async def set(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None) -> None:
        entry = b"%b\n%b" % (encode_info(copy.info), copy.body)
        milliseconds = None if lifetime is None else lifetime // 1000 + SLACK_MILLISECONDS
        if milliseconds is not None and milliseconds > MAX_LIFETIME_MILLISECONDS:
            milliseconds = None
        self._cluster(key.cluster).set(_name(key), entry, px=milliseconds)

    async def delete(self, key: CacheKey) -> None:
        self._cluster(key.cluster).delete(_name(key))

    async def drop(self, cluster: str, namespace: str) -> None:
        client = self._cluster(cluster)
        for name in list(client.scan_iter(match=f"{namespace}:*", count=1000)):
            client.delete(name)

    async def check(self) -> None:
        for client in self._clusters.values():
            client.ping()

    async def clear(self) -> None:
        for client in self._clusters.values():
            client.flushall()

    async def close(self) -> None:
        for client in self._clusters.values():
            client.close()
        self._clusters.clear()

    def _cluster(self, name: str) -> FakeRedis:
        client = self._clusters.get(name)
        if client is None:
            client = self._clusters[name] = FakeRedis(server=FakeServer())
        return client


def _name(key: CacheKey) -> str:
    return f"{key.namespace}:{key.key}"
