"""Request ids: UUIDs of version 7, on the emulator's clock (RFC 9562, 5.7)."""

from __future__ import annotations

from emulator.core.private import random_bits

_MILLISECOND = 1000
_FRACTIONS = 4096
"""How many parts of a millisecond twelve bits distinguish."""


def new_request_id(now: int) -> str:
    """Create an id for the instant ``now`` (epoch microseconds).

    The bits after the milliseconds are the fraction of a millisecond (RFC 9562, 6.2, method 3), so
    that ids sort by their instants, to the microsecond.
    """
    milliseconds, microseconds = divmod(now, _MILLISECOND)
    fraction = microseconds * _FRACTIONS // _MILLISECOND
    head = f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}"
    tail = f"{1 << 63 | random_bits(62):016x}"
    return f"{head[:8]}-{head[8:]}-7{fraction:03x}-{tail[:4]}-{tail[4:]}"
