"""A dictionary that an engine and its checkpoints share until the engine writes to it.

It is kept in shards, so that no single step of its work grows long however many entries there are:
a write copies one shard, and shards that nobody needs any more are freed one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

SHARDS = 256
"""A power of two. Of half a million entries each shard has 2 000: less than a millisecond of
work."""

MASK = SHARDS - 1
"""``hash(key) & MASK`` is the index of a key's shard."""

Shards = tuple[dict[K, V], ...]
"""The entries at one moment, which nobody changes any more."""

_NONE: Mapping[Any, Any] = {}
"""The shard without entries. All dictionaries share it, and so copy it before they write."""


class CopyOnWriteDict(Generic[K, V]):
    """Entries of which a shard is copied by the first write to it after it was shared.

    So taking and restoring a checkpoint cost next to nothing.
    """

    def __init__(self) -> None:
        self.shards: list[dict[K, V]] = []
        """The entries, read-only; that of a key is in ``shards[hash(key) & MASK]``."""
        self._own = bytearray()
        """For each shard, whether it may be changed, since nobody shares it."""
        self._use(no_entries())

    def __len__(self) -> int:
        return sum(map(len, self.shards))

    def __iter__(self) -> Iterator[tuple[K, V]]:
        """The entries, in no order."""
        for shard in self.shards:
            yield from shard.items()

    def writable(self, key: K) -> dict[K, V]:
        """Return the shard of ``key`` for an immediate change; do not keep the result."""
        index = hash(key) & MASK
        if not self._own[index]:
            self.shards[index] = self.shards[index].copy()
            self._own[index] = True
        return self.shards[index]

    def share(self) -> Shards[K, V]:
        """Return the entries; from now on they do not change."""
        self._own = bytearray(SHARDS)
        return tuple(self.shards)

    def watched(self) -> Callable[[], bool]:
        """Return a function that says whether nothing was written since.

        The next write to each shard copies it, as after ``share``.
        """
        own = self._own = bytearray(SHARDS)
        return lambda: self._own is own and not any(own)

    def replace(self, entries: Shards[K, V]) -> None:
        """Use ``entries`` instead, which others may share."""
        let_go(self.shards)
        self._use(entries)

    def clear(self) -> None:
        """Remove all entries."""
        self.replace(no_entries())

    def _use(self, entries: Shards[K, V]) -> None:
        self.shards = list(entries)
        self._own = bytearray(SHARDS)


def no_entries() -> Shards[Any, Any]:
    """The content of an empty dictionary."""
    return (_NONE,) * SHARDS  # type: ignore[return-value]


def let_go(shards: list[dict[K, V]]) -> None:
    """Forget ``shards`` one at a time, in later steps of the event loop.

    To free a dictionary takes as long as it is large, and nothing else can run meanwhile, not even
    another thread. The list is emptied. Without a running loop nobody is waiting, so the shards are
    left to the caller.
    """
    shards[:] = [shard for shard in shards if shard is not _NONE]
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return

    def forget_one() -> None:
        if shards:
            shards.pop()
            loop.call_soon(forget_one)

    forget_one()


def let_go_all(contents: Mapping[Any, Shards[K, V]]) -> None:
    """Forget the shards of several dictionaries, as ``let_go`` does."""
    let_go([shard for shards in contents.values() for shard in shards])
