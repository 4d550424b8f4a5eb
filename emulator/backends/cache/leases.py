"""Leases on keys that are being written or filled, for engines that one process uses."""

from __future__ import annotations

from emulator.backends.cache.base import CacheKey

_CROSSED = 0
"""In place of a lease that another write has overlapped: its copy may be of the wrong object."""


class Leases:
    """The leases that are out. A key without one takes no memory."""

    def __init__(self) -> None:
        self._writes: dict[CacheKey, int] = {}
        self._fills: dict[CacheKey, int] = {}
        self._last = 0

    def begin_write(self, key: CacheKey) -> str:
        """The lease of a write that begins now: whoever was filling must not keep its copy."""
        self._last += 1
        self._writes[key] = self._last
        self._fills.pop(key, None)
        return str(self._last)

    def end_write(self, key: CacheKey, lease: str) -> bool:
        """End a write, and say whether its copy may be kept: no other has been at the key."""
        latest = self._writes.pop(key, _CROSSED)
        if str(latest) == lease:
            return True
        if latest != _CROSSED:
            self._writes[key] = _CROSSED
        self._fills.pop(key, None)
        return False

    def begin_fill(self, key: CacheKey) -> str | None:
        """The lease of a fill that begins now, shared by concurrent fills; None during a write."""
        if key in self._writes:
            return None
        if key not in self._fills:
            self._last += 1
            self._fills[key] = self._last
        return str(self._fills[key])

    def end_fill(self, key: CacheKey, lease: str) -> bool:
        """End a fill, and say whether its copy may be kept: nobody has written meanwhile."""
        if str(self._fills.get(key)) != lease:
            return False
        del self._fills[key]
        return True

    def drop(self, cluster: str, namespace: str) -> None:
        """Have no copy kept of what has begun until now in a namespace that nobody will ask for."""
        for leases in (self._writes, self._fills):
            for key in [key for key in leases if key[:2] == (cluster, namespace)]:
                del leases[key]

    def forget(self) -> None:
        """Have no copy kept of what has begun until now."""
        self._writes.clear()
        self._fills.clear()
