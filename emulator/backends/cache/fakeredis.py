"""Cache engine in this process that holds entries as a Valkey does: a fakeredis per cluster.

An entry is a string under ``{namespace}:{key}``: a line of JSON with the object's information,
then the body.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from typing import Any

from emulator.backends.browsing import Browsed
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.entries import SLACK_MILLISECONDS
from emulator.backends.cache.fakeredis_commands import CommandServer
from emulator.backends.cache.fakeredis_database import fastest_server
from emulator.backends.cache.local import LocalCache
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.copy_on_write import Shards, let_go_all, no_entries
from emulator.core.object_info import ObjectInfo
from emulator.core.slices import Pace, by_key

MAX_LIFETIME_MILLISECONDS = 10 * 365 * 24 * 60 * 60 * 1000
"""An entry with a longer lifetime never expires: Valkey's own limit is not much higher."""

_Held = Mapping[str, Shards[bytes, Any]]
"""The entries of each cluster."""


class FakeRedisCache(LocalCache):
    """Keeps each cluster's copies in a fakeredis server of its own.

    Args:
        server: the class of the servers; by default the fastest that works.
    """

    name = "fakeredis"

    def __init__(self, server: type[CommandServer] | None = None) -> None:
        super().__init__()
        self._server = server or fastest_server()
        self._clusters: dict[str, CommandServer] = {}

    def get_now(self, key: CacheKey) -> CachedObject | None:
        cluster = self._clusters.get(key.cluster)
        return None if cluster is None else cluster.get(_name(key))

    def has(self, key: CacheKey) -> bool:
        cluster = self._clusters.get(key.cluster)
        return cluster is not None and cluster.has(_name(key))

    def store(self, key: CacheKey, copy: CachedObject, lifetime: int | None) -> None:
        milliseconds = None if lifetime is None else lifetime // 1000 + SLACK_MILLISECONDS
        if milliseconds is not None and milliseconds > MAX_LIFETIME_MILLISECONDS:
            milliseconds = None
        self._cluster(key.cluster).put(_name(key), copy, milliseconds)

    def remove(self, key: CacheKey) -> None:
        cluster = self._clusters.get(key.cluster)
        if cluster is not None:
            cluster.remove(_name(key))

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[CacheKey, int]], None]:
        for place, cluster in list(self._clusters.items()):
            for names in cluster.slices():
                yield [
                    (CacheKey(place, *name.decode().split(":", 1)), copy.info.expires_at)
                    for name in names
                    if (copy := cluster.get(name)) is not None and copy.info.expires_at is not None
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
                    server.remove(name)
            await pace.step()
        if server.is_empty() and self._clusters.get(cluster) is server:
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
        start, pace = f"{namespace}:".encode(), Pace()
        for names in server.slices():
            for name in names:
                if name.startswith(start) and (copy := server.get(name)) is not None:
                    listed[name[len(start) :].decode()] = copy.info
            await pace.step()
        return await by_key(listed)

    async def browse(self, cluster: str, namespace: str) -> Browsed:
        find = partial(self._info_of, cluster, namespace)
        server = self._clusters.get(cluster)
        if server is None:
            return Browsed((), find, lambda: cluster not in self._clusters)
        is_unchanged = server.watched()
        keys: list[str] = []
        start, pace = f"{namespace}:".encode(), Pace()
        for names in server.slices():
            own = [name for name in names if name.startswith(start)]
            if own:  # No key has a NUL: to decode all at once takes a third of the time.
                text = b"\0".join(own).decode()
                keys += text[len(start) :].split(f"\0{namespace}:")
            await pace.step()
        return Browsed(keys, find, lambda: self._clusters.get(cluster) is server and is_unchanged())

    async def checkpoint(self) -> Checkpoint:
        held = {name: cluster.share() for name, cluster in self._clusters.items()}
        return HeldCheckpoint(held, self._restore, let_go_all)

    async def check(self) -> None:
        for cluster in self._clusters.values():
            cluster.execute("PING")

    async def clear(self) -> None:
        self._leases.clear()
        for cluster in self._clusters.values():
            cluster.replace(no_entries())

    async def close(self) -> None:
        for cluster in self._clusters.values():
            cluster.close()
        self._clusters.clear()

    def _cluster(self, name: str) -> CommandServer:
        cluster = self._clusters.get(name)
        if cluster is None:
            cluster = self._clusters[name] = self._server()
        return cluster

    async def _restore(self, held: _Held) -> None:
        self._leases.clear()
        for name in {*self._clusters, *held}:
            self._cluster(name).replace(held.get(name, no_entries()))


def _name(key: CacheKey) -> bytes:
    return f"{key.namespace}:{key.key}".encode()
