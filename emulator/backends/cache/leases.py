"""Leases on keys that are being written or filled, for engines that only one process uses."""

from __future__ import annotations

from emulator.backends.cache.base import CacheKey

_CROSSED = "crossed"
"""Replaces a write lease that another write has overlapped: which of them is the last in storage is
not known, so no copy may be kept."""


class Leases:
    """The current leases. A key without a lease takes no memory."""

    def __init__(self) -> None:
        self._writes: dict[CacheKey, str] = {}
        self._fills: dict[CacheKey, str] = {}
        self._last = 0

    def begin_write(self, key: CacheKey) -> str:
        """Take the lease of a write; a fill that is going on loses its lease."""
        self._last += 1
        lease = self._writes[key] = str(self._last)
        self._fills.pop(key, None)
        return lease

    def end_write(self, key: CacheKey, lease: str) -> bool:
        """End a write; return whether its copy may be kept, as no other write overlapped it."""
        latest = self._writes.pop(key, _CROSSED)
        if latest == lease:
            return True
        if latest != _CROSSED:
            self._writes[key] = _CROSSED
        self._fills.pop(key, None)
        return False

    def begin_fill(self, key: CacheKey) -> str | None:
        """Take the lease of a fill, which concurrent fills share; None during a write."""
        if key in self._writes:
            return None
        if key not in self._fills:
            self._last += 1
            self._fills[key] = str(self._last)
        return self._fills[key]

    def end_fill(self, key: CacheKey, lease: str) -> bool:
        """End a fill; return whether its copy may be kept, as nobody wrote meanwhile."""
        if self._fills.get(key) != lease:
            return False
        del self._fills[key]
        return True

    def drop(self, cluster: str, namespace: str) -> None:
        """Void the leases in a namespace: no copy of a write or fill that has begun is kept."""
        for leases in (self._writes, self._fills):
            for key in [key for key in leases if key[:2] == (cluster, namespace)]:
                del leases[key]

    def clear(self) -> None:
        """Void all leases: no copy of a write or fill that has begun is kept."""
        self._writes.clear()
        self._fills.clear()
