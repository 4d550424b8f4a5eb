"""A dictionary that an engine and its checkpoints share until the engine writes to it."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class CopyOnWriteDict(Generic[K, V]):
    """Entries that are copied only by the first write after they were shared.

    So taking and restoring a checkpoint cost nothing.
    """

    def __init__(self) -> None:
        self.entries: dict[K, V] = {}
        """The entries, read-only."""
        self._shared = False

    def writable(self) -> dict[K, V]:
        """Return the entries for an immediate change; do not keep the result."""
        if self._shared:
            self.entries = self.entries.copy()
            self._shared = False
        return self.entries

    def share(self) -> dict[K, V]:
        """Return the entries; from now on they do not change."""
        self._shared = True
        return self.entries

    def replace(self, entries: dict[K, V]) -> None:
        """Use ``entries`` instead, which others may share."""
        self.entries = entries
        self._shared = True
