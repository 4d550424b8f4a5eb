"""How often each tier has had what a Get asked for."""

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
"""What the outcome of a Get says of the tiers: one that answers spares the next."""


class TierCounters:
    """Counts the outcomes of Gets, by store."""

    def __init__(self) -> None:
        self._found: Counter[tuple[str, Outcome]] = Counter()

    def observe(self, operation: Operation) -> None:
        """Count an operation."""
        if operation.found is not None:
            self._found[operation.store, operation.found] += 1

    def clear(self) -> None:
        """Count from nothing again."""
        self._found.clear()

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """Hits, expired hits and misses of each tier, in one store or in all."""
        counted = {tier: {"hits": 0, "expired": 0, "misses": 0} for tier in ("cache", "storage")}
        for (name, outcome), count in self._found.items():
            if store in (None, name):
                for tier, what in _COUNTED[outcome]:
                    counted[tier][what] += count
        return counted
