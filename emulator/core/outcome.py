"""How an operation can end."""

from __future__ import annotations

import enum


class Outcome(str, enum.Enum):
    """How an operation ended."""

    OK = "ok"
    CACHE_HIT = "cache_hit"
    STORAGE_HIT = "storage_hit"
    CACHE_HIT_EXPIRED = "cache_hit_expired"
    STORAGE_HIT_EXPIRED = "storage_hit_expired"
    MISS = "miss"
    BAD_REQUEST = "bad_request"
    AUTHZ_ERROR = "authz_error"
    OPERATIONS_RATE_LIMITED = "operations_rate_limited"
    THROUGHPUT_RATE_LIMITED = "throughput_rate_limited"
    INTERNAL_ERROR = "internal_error"

    __hash__ = str.__hash__  # An enumeration's own is made in Python, and every Get is counted.

    def __str__(self) -> str:
        return self.value
