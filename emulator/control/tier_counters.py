"""Counts of hits and misses of each tier, by the outcomes of Gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from emulator.core.model import Store
from emulator.core.operation import Operation
from emulator.core.outcome import Outcome

_COUNTED: dict[Outcome, tuple[tuple[str, str], ...]] = {
    Outcome.CACHE_HIT: (("cache", "hits"),),
    Outcome.CACHE_HIT_EXPIRED: (("cache", "expired"),),
    Outcome.STORAGE_HIT: (("cache", "misses"), ("storage", "hits")),
    Outcome.STORAGE_HIT_EXPIRED: (("cache", "misses"), ("storage", "expired")),
    Outcome.MISS: (("cache", "misses"), ("storage", "misses")),
}
"""The counters that an outcome increases. A tier that answers keeps the next one from being
asked."""


_NO_STORE = ""
"""Stands for stores that were deleted long ago."""


class TierCounters:
    """Counts the outcomes of Gets, by store."""

    def __init__(self) -> None:
        self._found: Counter[tuple[str, Outcome]] = Counter()

    def observe(self, operation: Operation) -> None:
        """Count an operation."""
        if operation.found is not None:
            self._found[operation.store, operation.found] += 1

    def keep(self, stores: Collection[Store]) -> None:
        """Count what all other stores have had for no store, only for all."""
        kept = {store.name for store in stores}
        for name, outcome in [place for place in self._found if place[0] not in kept]:
            count = self._found.pop((name, outcome))
            self._found[_NO_STORE, outcome] += count

    def clear(self) -> None:
        """Set every count to 0."""
        self._found.clear()

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """Return the hits, expired hits and misses of each tier, for one store or for all."""
        counted = {tier: {"hits": 0, "expired": 0, "misses": 0} for tier in ("cache", "storage")}
        for (name, outcome), count in self._found.items():
            if store in (None, name):
                for tier, what in _COUNTED[outcome]:
                    counted[tier][what] += count
        return counted
