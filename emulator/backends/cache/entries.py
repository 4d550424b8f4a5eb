"""What a copy looks like in a Valkey, a real one or fakeredis: a line of JSON, then the body."""

from __future__ import annotations

from functools import lru_cache

from emulator.backends.cache.base import CachedObject
from emulator.backends.codec import decode_info, encode_info

SLACK_MILLISECONDS = 60 * 60 * 1000
"""How much longer than its object an entry stays, so that a clock of ours that was slowed or
stopped for a while does not lose it early."""

decode_line = lru_cache(maxsize=4096)(decode_info)
"""An object that is read over and over again has its information parsed once."""


def encode_entry(copy: CachedObject) -> bytes:
    """The entry of ``copy``."""
    return b"%b\n%b" % (encode_info(copy.info), copy.body)


def decode_entry(entry: bytes) -> CachedObject:
    """The copy that ``encode_entry`` made ``entry`` of."""
    line, _, body = entry.partition(b"\n")
    return CachedObject(decode_line(line), body)
