"""What is known of an object beside its body: its size, age, expiry, metadata and place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, wraps
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

CACHED_BYTES = 8 * 1024**2
"""The default size in bytes of the largest object that is cached (D20)."""

NOTHING: Mapping[str, str] = MappingProxyType({})
"""No metadata, or no tags."""

_SHARED_CHARACTERS = 512
_SHARED_MAPPINGS = 1024

Make = Callable[[Iterable[tuple[str, str]]], Mapping[str, str]]


def sharing(make: Make) -> Make:
    """Let those who ask ``make`` for the same metadata share one mapping, which nobody may change.

    Most objects have the same metadata as others. A mapping for each would take more memory than
    all else that is known of an object. Long metadata is not remembered, since that costs memory.
    """

    @lru_cache(_SHARED_MAPPINGS)
    def remembered(texts: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
        if sum(map(len, chain.from_iterable(texts))) > _SHARED_CHARACTERS:
            raise _LongError
        return make(texts)

    @wraps(make)
    def shared(texts: Iterable[tuple[str, str]]) -> Mapping[str, str]:
        given = tuple(texts)
        try:
            return remembered(given)
        except _LongError:
            return make(given)

    return shared


class _LongError(Exception):
    """The metadata is too long to be remembered."""


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
