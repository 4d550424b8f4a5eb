"""Stores that were deleted, or log elsewhere now: what is kept for them is freed at last (D117)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from emulator.core.model import Store

KEPT_STORES = 100
"""How many stores stay readable in metrics, counts and logs after they have departed."""


class Holder(Protocol):
    """Something that grows with the stores that it has seen."""

    def keep(self, stores: Collection[Store]) -> None:
        """Free what belongs to none of these stores."""


class Departures:
    """Remembers the stores that have departed last, and frees what belongs to earlier ones.

    That takes a list of all stores, so it is done once for many departures.

    Args:
        list_stores: returns all stores.
        holders: those that free something.
    """

    def __init__(
        self, list_stores: Callable[[], Awaitable[Sequence[Store]]], holders: Sequence[Holder]
    ) -> None:
        self._list_stores = list_stores
        self._holders = holders
        self._departed: dict[Store, None] = {}

    async def note(self, *stores: Store) -> None:
        """Note stores that were deleted, or stores as they were before they were changed."""
        for store in stores:
            self._departed.pop(store, None)  # To the end: it is the latest.
            self._departed[store] = None
        if len(self._departed) <= 2 * KEPT_STORES:
            return
        self._departed = dict.fromkeys(list(self._departed)[-KEPT_STORES:])
        kept = [*await self._list_stores(), *self._departed]
        for holder in self._holders:
            holder.keep(kept)
