"""A cache in this process, without Valkey's commands in between."""

from __future__ import annotations

from emulator.backends.cache.base import Cache, CachedObject, CacheKey


class MemoryCache(Cache):
    """Keeps every copy in a dictionary, one per namespace."""

    name = "memory"

    def __init__(self) -> None:
        self._namespaces: dict[tuple[str, str], dict[str, CachedObject]] = {}

    async def get(self, key: CacheKey) -> CachedObject | None:
        copies = self._namespaces.get(key[:2])
        return None if copies is None else copies.get(key.key)

    async def set(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None) -> None:
        del lifetime  # An expired copy stays until it is replaced, deleted or dropped.
        self._namespaces.setdefault(key[:2], {})[key.key] = copy

    async def delete(self, key: CacheKey) -> None:
        self._namespaces.get(key[:2], {}).pop(key.key, None)

    async def drop(self, cluster: str, namespace: str) -> None:
        self._namespaces.pop((cluster, namespace), None)

    async def check(self) -> None:
        """Memory is always there."""

    async def clear(self) -> None:
        self._namespaces.clear()

    async def close(self) -> None:
        self._namespaces.clear()
