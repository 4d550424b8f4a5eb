"""Caches of several clusters, each in an engine of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.backends.cache.base import Cache
from emulator.backends.cache.forwarding import ForwardingCache


class CacheByCluster(ForwardingCache):
    """Asks the engine of the cluster that a copy is in.

    Args:
        default: has the clusters that are not named.
        named: the engines of the others, by the cluster's name.
    """

    def __init__(self, default: Cache, named: Mapping[str, Cache]) -> None:
        self.name = default.name
        self._default = default
        self._named = named

    def engine_of(self, cluster: str) -> Cache:
        return self._named.get(cluster, self._default)

    def engines(self) -> Sequence[Cache]:
        return (self._default, *self._named.values())
