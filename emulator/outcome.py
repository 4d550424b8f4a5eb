"""What became of a data-plane operation, and the record that tells an observer."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass


class Outcome(str, enum.Enum):
    """How a data-plane operation ended."""

    OK = "ok"
    CACHE_HIT = "cache_hit"
    STORAGE_HIT = "storage_hit"
    CACHE_HIT_EXPIRED = "cache_hit_expired"
    STORAGE_HIT_EXPIRED = "storage_hit_expired"
    MISS = "miss"
    BAD_REQUEST = "bad_request"
    AUTHZ_ERROR = "authz_error"
    INTERNAL_ERROR = "internal_error"

    def __str__(self) -> str:
        return self.value


@dataclass(slots=True)
class Operation:
    """One data-plane operation, filled in while it runs and handed to observers at its end.

    ``store`` and ``key`` are as in the request line until they are found to be well formed.
    Times are microseconds on the emulator's clock, ``size`` is the body's length in bytes where
    the operation moved one, ``object_age`` that of an object that a Get found, expired or not.
    """

    name: str
    store: str
    key: str
    started_at: int
    status: int = 0
    outcome: Outcome = Outcome.INTERNAL_ERROR
    key_id: str | None = None
    role_id: str | None = None
    size: int | None = None
    object_age: int | None = None
    total_time: int = 0


Observer = Callable[[Operation], None]
"""Called once for every data-plane operation, when its answer is known."""
