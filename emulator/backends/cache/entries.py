"""Encode a copy for a Valkey, real or fakeredis: a line of JSON, then the body."""

from __future__ import annotations

from functools import lru_cache

from emulator.backends.cache.base import CachedObject
from emulator.backends.codec import decode_info, encode_info
from emulator.core.object_info import ObjectInfo

SLACK_MILLISECONDS = 60 * 60 * 1000
"""How much longer than its object an entry stays, so that it is not lost early after the
emulator's clock was slow or frozen for a while."""

_KEPT_LINE_BYTES = 1024

_decode_again = lru_cache(maxsize=4096)(decode_info)


def decode_line(line: bytes) -> ObjectInfo:
    """``decode_info``, cached: an object that is read again and again is parsed once. Long lines
    are not kept."""
    return _decode_again(line) if len(line) <= _KEPT_LINE_BYTES else decode_info(line)


def encode_entry(copy: CachedObject) -> bytes:
    """Encode ``copy`` as the value of an entry."""
    return b"%b\n%b" % (encode_info(copy.info), copy.body)


def decode_entry(entry: bytes) -> CachedObject:
    """Decode an entry of ``encode_entry``."""
    line, _, body = entry.partition(b"\n")
    info = _decode_again(line) if len(line) <= _KEPT_LINE_BYTES else decode_info(line)
    return CachedObject(info, body)
