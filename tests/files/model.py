"""What may be in a data directory after writes of which the last ones were not acknowledged."""

from __future__ import annotations

import hashlib
import itertools
import threading
from dataclasses import dataclass, field

_INFINITY = float("inf")


@dataclass
class Write:
    """One version of an object. ``sent`` and ``acknowledged`` are moments in the order of all."""

    key: str
    number: int
    size: int
    ttl_seconds: int | None
    sent: float
    acknowledged: float = _INFINITY

    @property
    def body(self) -> bytes:
        digest = hashlib.sha256(f"{self.key}/{self.number}".encode()).digest()
        return (digest * (self.size // len(digest) + 1))[: self.size]

    @property
    def metadata(self) -> dict[str, str]:
        return {"version": str(self.number), "of": f"{self.size} bytes"}


@dataclass
class History:
    """The writes of all writers, from the moment at which each was sent."""

    writes: dict[str, dict[int, Write]] = field(default_factory=dict)
    _moments: itertools.count[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, key: str, size: int, ttl_seconds: int | None) -> Write:
        """A write that is about to be sent."""
        with self._lock:
            moment = next(self._moments)
            write = Write(key, moment, size, ttl_seconds, moment)
            self.writes.setdefault(key, {})[moment] = write
            return write

    def end(self, write: Write) -> None:
        """Note that ``write`` has been acknowledged."""
        with self._lock:
            write.acknowledged = next(self._moments)

    def may_be_absent(self, key: str) -> bool:
        return all(write.acknowledged == _INFINITY for write in self.writes[key].values())

    def may_be(self, key: str) -> set[int]:
        """The versions of the object of which none was overtaken by one that was acknowledged."""
        writes = self.writes[key].values()
        return {
            write.number
            for write in writes
            if not any(
                write.acknowledged < other.sent and other.acknowledged < _INFINITY
                for other in writes
            )
        }

    def settle(self, key: str, number: int | None) -> None:
        """Have ``number`` be the one version of the object, now that it has been seen after the
        death of all who wrote."""
        if number is None:
            del self.writes[key]
            return
        write = self.writes[key][number]
        self.end(write)
        self.writes[key] = {number: write}
