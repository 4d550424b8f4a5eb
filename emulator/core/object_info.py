"""What is known of an object beside its body: its size, age, expiry, metadata and place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CACHED_BYTES = 8 * 1024**2
"""The default size in bytes of the largest object that is cached (D20)."""

NOTHING: Mapping[str, str] = MappingProxyType({})
"""No metadata, or no tags."""


class Location(NamedTuple):
    """The place of an object in the storage tier: a bucket, and the object's key in it (D14)."""

    bucket: str
    key: str


class ObjectInfo(NamedTuple):
    """The information about an object, without its body.

    ``created_at`` and ``expires_at`` are microseconds since the Unix epoch, ``size`` is the
    length of the body in bytes, ``version`` orders the writes to one key. ``tags`` are only in
    storage. An ``ephemeral`` object is only in the cache.
    """

    size: int
    created_at: int
    version: int
    expires_at: int | None = None
    metadata: Mapping[str, str] = NOTHING
    tags: Mapping[str, str] = NOTHING
    ephemeral: bool = False

    def is_expired(self, now: int) -> bool:
        """Whether the object is gone at ``now`` (epoch microseconds), as it is from ``expires_at``
        on (D06)."""
        return self.expires_at is not None and now >= self.expires_at
