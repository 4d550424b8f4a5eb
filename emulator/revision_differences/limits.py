"""The limits of a store, over calls that nothing had throttled.

A journal has no bodies, and so no limits: every store has those that it gets when it names none.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import NamedTuple

from emulator.core.clock import Clock
from emulator.core.errors import ServiceError
from emulator.core.model import Store
from emulator.core.revisions import Revision
from emulator.revision_differences.instants import Span
from emulator.revision_differences.recorded import RecordedCall
from emulator.service.limits import limiter_of


class _Charge(NamedTuple):
    at: int
    number: int
    store: Store
    size: int
    is_read: bool


class Limits:
    """Says which calls would be refused. They come in their order, each at its time.

    Args:
        revision: has the limits.
    """

    def __init__(self, revision: Revision) -> None:
        self._clock = Clock()
        self._limiter = limiter_of(revision, self._clock)
        self._lives: Counter[str] = Counter()
        self._charges: list[_Charge] = []
        self._charged = 0

    def refuses(self, call: RecordedCall) -> ServiceError | None:
        """Why a call on an object would be refused that comes to a store which there is; None where
        it is let in, or its time is not known."""
        if call.time is None:
            return None
        while self._charges and self._charges[0].at <= call.time:
            self._take(heapq.heappop(self._charges))
        self._clock.freeze(call.time)
        store = self._store(call)
        try:
            if call.is_read:
                self._limiter.admit_read(store)
            elif call.method == "PUT":
                self._limiter.admit_write(store)
            else:
                self._limiter.admit_deletion(store)
        except ServiceError as error:
            return error
        return None

    def charge(self, call: RecordedCall, size: int, at: Span | None) -> None:
        """Charge the bytes of a Get or Put that succeeds, at the end of that time."""
        if at is not None and size:
            self._charged += 1
            charge = _Charge(at.last, self._charged, self._store(call), size, call.is_read)
            heapq.heappush(self._charges, charge)

    def forget(self, store: str) -> None:
        """Have full buckets for another store of that name."""
        self._lives[store] += 1

    def _take(self, charge: _Charge) -> None:
        if charge.store.cache_namespace != str(self._lives[charge.store.name]):
            return
        self._clock.freeze(charge.at)
        if charge.is_read:
            self._limiter.charge_read(charge.store, charge.size)
        else:
            self._limiter.charge_write(charge.store, charge.size)

    def _store(self, call: RecordedCall) -> Store:
        name = call.names[0]
        return Store(name, "", "", "", "", cache_namespace=str(self._lives[name]))
