"""Encode a copy for a Valkey, real or fakeredis: a line of JSON, then the body."""

from __future__ import annotations

from functools import lru_cache

from emulator.backends.cache.base import CachedObject
from emulator.backends.codec import decode_info, encode_info

SLACK_MILLISECONDS = 60 * 60 * 1000
"""How much longer than its object an entry stays, so that it is not lost early after the
emulator's clock was slow or frozen for a while."""

decode_line = lru_cache(maxsize=4096)(decode_info)
"""``decode_info``, cached: an object that is read again and again is parsed once."""


def encode_entry(copy: CachedObject) -> bytes:
    """Encode ``copy`` as the value of an entry."""
    return b"%b\n%b" % (encode_info(copy.info), copy.body)


def decode_entry(entry: bytes) -> CachedObject:
    """Decode an entry of ``encode_entry``."""
    line, _, body = entry.partition(b"\n")
    return CachedObject(decode_line(line), body)
