"""Bodies of objects, and pieces of them."""

from __future__ import annotations

import functools
import random


@functools.lru_cache(maxsize=8)
def some_bytes(size: int, seed: int = 0) -> bytes:
    """`size` bytes without a pattern, the same ones for the same `seed`."""
    return random.Random(seed).randbytes(size)


def pieces(body: bytes, size: int) -> list[bytes]:
    """`body` in pieces of `size` bytes."""
    return [body[start : start + size] for start in range(0, len(body), size)]
