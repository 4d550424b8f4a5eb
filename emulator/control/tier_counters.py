"""Counts of hits and misses of each tier, by the outcomes of Gets."""

from __future__ import annotations

from collections import Counter

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


class TierCounters:
    """Counts the outcomes of Gets, by store."""

    def __init__(self) -> None:
        self._found: Counter[tuple[str, Outcome]] = Counter()

    def observe(self, operation: Operation) -> None:
        """Count an operation."""
        if operation.found is not None:
            self._found[operation.store, operation.found] += 1

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
