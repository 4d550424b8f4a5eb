"""The bytes of every measured object: random, so nothing compresses, and the same in every run."""

import random


def payload(size: int) -> bytes:
    """Return `size` bytes, the same for the same size in every process."""
    return random.Random(size).randbytes(size)
