"""Cache engine that gives each cluster an engine of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.backends.cache.base import Cache
from emulator.backends.cache.forwarding import ForwardingCache


class CacheByCluster(ForwardingCache):
    """Forwards each call to the engine of its cluster.

    Args:
        default: the engine of every cluster that is not in ``named``.
        named: engines by cluster name.
    """

    def __init__(self, default: Cache, named: Mapping[str, Cache]) -> None:
        self.name = default.name
        self._default = default
        self._named = named

    def engine_of(self, cluster: str) -> Cache:
        return self._named.get(cluster, self._default)

    def engines(self) -> Sequence[Cache]:
        return (self._default, *self._named.values())
