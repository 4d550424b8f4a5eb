"""A dictionary that an engine and its checkpoints share until the engine writes to it."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class CopyOnWriteDict(Generic[K, V]):
    """Entries that are copied by the first write after they were shared, and only then.

    So a checkpoint costs nothing, and neither does going back to it.
    """

    def __init__(self) -> None:
        self.entries: dict[K, V] = {}
        """The entries, for reading only."""
        self._shared = False

    def writable(self) -> dict[K, V]:
        """The entries, to change them at once."""
        if self._shared:
            self.entries = self.entries.copy()
            self._shared = False
        return self.entries

    def share(self) -> dict[K, V]:
        """The entries, which do not change from here on."""
        self._shared = True
        return self.entries

    def replace(self, entries: dict[K, V]) -> None:
        """Have ``entries``, which others have too, instead."""
        self.entries = entries
        self._shared = True
