"""What was sent for an object, when, and so what it may be."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass
class Write:
    """One that was sent, and in which span of the monotonic clock it may have taken effect."""

    size: int
    began: float
    ended: float = math.inf
    acknowledged: bool = False


class Found(NamedTuple):
    """What somebody has of an object: its body and the metadata that it was sent with."""

    metadata: Mapping[str, str]
    body: bytes

    @property
    def number(self) -> int:
        return int(self.metadata["number"])


@dataclass
class Object:
    """One object, written by one worker or by several at once.

    A write that was not acknowledged may take effect at any time after it began, unless its worker
    says that it has waited long enough. Nobody waits for those of an object that is contended.
    """

    store: str
    key: str
    is_contended: bool = False
    _writes: list[Write] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, size: int) -> tuple[int, Found]:
        """The number of a write that begins now, and what it has to send."""
        with self._lock:
            self._writes.append(Write(size, time.monotonic()))
            number = len(self._writes)
        return number, self.sent_as(number)

    def acknowledge(self, number: int) -> None:
        """The service has just said that it did the write."""
        self._end(number, acknowledged=True)

    def give_up(self, number: int) -> None:
        """The write was not acknowledged, and has taken effect by now if it ever does."""
        self._end(number, acknowledged=False)

    def sent_as(self, number: int) -> Found:
        """What was sent under that number."""
        body = _body(self.key, number, self._writes[number - 1].size)
        digest = hashlib.sha256(body).hexdigest()
        return Found({"number": str(number), "digest": digest}, body)

    def fault_of(self, found: Found | None, since: float = math.inf) -> str | None:
        """Why a read that began at ``since``, by default after all writes, may not find that."""
        with self._lock:
            done = [each for each in self._writes if each.acknowledged and each.ended < since]
            count = len(self._writes)
        if found is None:
            return f"{self.key}: is not found, and was acknowledged" if done else None
        number = found.number
        if not 1 <= number <= count:
            return f"{self.key}: {number} was found, and never sent"
        if found != self.sent_as(number):
            return f"{self.key}: body or metadata of {number} are of something else"
        write = self._writes[number - 1]
        if any(write.ended < each.began for each in done):
            return f"{self.key}: {number} was found, and had been overwritten"
        return None

    def _end(self, number: int, *, acknowledged: bool) -> None:
        with self._lock:
            write = self._writes[number - 1]
            write.ended = time.monotonic()
            write.acknowledged = acknowledged


def _body(key: str, number: int, size: int) -> bytes:
    start = f"{number} {key} ".encode()
    return (start * (size // len(start) + 1))[:size]
