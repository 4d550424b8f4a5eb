"""One fuzz target: a parser, inputs that it accepts, and what must hold for any input."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Protocol

from tests.fuzz.mutation import mutate_bytes


class Target(Protocol):
    """A parser under arbitrary input."""

    name: str

    seeds: Sequence[bytes]
    """Inputs that mean something to the parser; others are made from them."""

    tokens: Sequence[bytes] = (b"",)
    """Pieces of such inputs."""

    @abstractmethod
    def run(self, data: bytes) -> None:
        """Give ``data`` to the parser.

        Raises:
            Exception: what must hold for any input does not hold.
        """

    def mutate(self, data: bytes, random: Random) -> bytes:
        """Return an input that is like ``data``."""
        return mutate_bytes(data, self.tokens, random)

    def close(self) -> None:
        """Give back what the target holds."""
        return


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


@contextmanager
def nothing_logged() -> Iterator[list[str]]:
    """Collect what is logged as an error inside the block: a bad input is none of ours."""
    handler = _Complaints()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.said
    finally:
        logging.getLogger().removeHandler(handler)


def inputs(target: Target, count: int, seed: int) -> Iterator[bytes]:
    """Yield the target's seeds, then inputs that were changed up to five times, ``count`` in all.
    The same ``seed`` makes the same inputs."""
    random = Random(seed)
    yield from target.seeds[:count]
    for _ in range(count - len(target.seeds)):
        data = random.choice(target.seeds)
        for _ in range(random.randint(1, 5)):
            data = target.mutate(data, random)
        yield data
