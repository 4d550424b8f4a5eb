"""Model of the stores, objects and limits at each call.

A recording does not have the limits of a store: every store is assumed to have the default ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from emulator.core.clock import Clock
from emulator.core.errors import ServiceError
from emulator.core.model import Store
from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.objects import Objects, Reason
from emulator.revision_differences.recorded import READS, RecordedCall, Span, Times
from emulator.service.rate_limits import AuthLimiter, limiter_of

_CHARGED = (*READS, "PUT")


class State:
    """The state after the calls so far, under both revisions.

    Args:
        calls: all calls, which show the stores that exist at the beginning.
        before: the revision under which they were recorded.
        after: the other revision.

    Attributes:
        limits: the stores' limits, if each call has its likeliest status.
        auth_limit: the account's limit on operations on credentials.
        limits_otherwise: the stores' limits, if each call has its unlikeliest status.
        objects: the objects.
        stores: whether each store exists, by name, as far as known.
        perhaps_created: why a missing store may exist, by its name.
    """

    def __init__(self, calls: Sequence[RecordedCall], before: Revision, after: Revision) -> None:
        self.before = before
        self.after = after
        self._times = Times(calls)
        self.objects = Objects(before, after, self._times)
        self.limits = Limits(after)
        self.limits_otherwise = Limits(after)
        self.auth_limit = AuthLimit()
        self._has_new_limits = after.has(Feature.LIMITS) and not before.has(Feature.LIMITS)
        self.stores = _stores_at_first(calls)
        self.perhaps_created: dict[str, Reason] = {}

    def note_on_object(
        self, call: RecordedCall, statuses: Sequence[int], feature: Feature | None
    ) -> None:
        """Note a call on an object.

        Args:
            call: the call.
            statuses: its possible statuses, the likeliest first.
            feature: the feature that causes a difference, if there is one.
        """
        likely, otherwise = statuses[0], statuses[-1]
        if call.method in ("PUT", "DELETE"):
            self.objects.note_write(
                call,
                did=call.status == 204,
                would=likely == 204,
                is_sure=likely != 204 or len(statuses) == 1,
                feature=feature,
            )
        if self._has_new_limits and call.method in _CHARGED:
            self._charge(call, likely=likely, otherwise=otherwise)

    def note_store(
        self, call: RecordedCall, statuses: Sequence[int], feature: Feature | None
    ) -> None:
        """Note what a call shows of its store, or changes; the arguments are those of
        ``note_on_object``."""
        store = call.store
        if store is None:
            return
        deletes = call.is_on_store and call.method == "DELETE"
        if call.found_store or (deletes and call.found_store is False):
            self.perhaps_created.pop(store, None)
        if call.status == 400 and 201 in statuses and feature is not None:
            cause = Reason(feature, f"#{call.number} created the store")
            self.perhaps_created.setdefault(store, cause)
        if deletes and call.status in (200, 204):
            self.stores[store] = False
            self.objects.forget_store(store)
            self.limits.forget(store)
            self.limits_otherwise.forget(store)
        elif call.found_store is not None:
            self.stores[store] = call.found_store

    def _charge(self, call: RecordedCall, *, likely: int, otherwise: int) -> None:
        """Charge the bytes of a Get or Put, if it succeeds with these statuses."""
        size = other_size = call.object_size
        if call.is_read:
            was, would, _, is_doubtful, left_size = self.objects.look(call)
            if was != would and would.size is not None:
                size = would.size
                other_size = other_size if is_doubtful else size
            other_size = max(other_size, left_size)
        at = self._times.of(call)
        if likely in (200, 204):
            self.limits.charge(call, size, at)
        if otherwise in (200, 204):
            self.limits_otherwise.charge(call, other_size, at)


def _stores_at_first(calls: Sequence[RecordedCall]) -> dict[str, bool]:
    """Return whether each store exists before the calls, as the first call that shows it says."""
    stores: dict[str, bool] = {}
    for call in calls:
        if call.store is not None and call.found_store is not None:
            stores.setdefault(call.store, call.found_store and not call.created_store)
    return stores


class _Charge(NamedTuple):
    at: int
    number: int
    store: str
    size: int
    is_read: bool


class Limits:
    """Predicts which calls the service would throttle. Calls must be given in their order.

    Args:
        revision: the revision whose limits apply.
    """

    def __init__(self, revision: Revision) -> None:
        self._clock = Clock()
        self._limiter = limiter_of(revision, self._clock)
        self._charges: list[_Charge] = []
        self._charged = 0

    def refuses(self, call: RecordedCall) -> ServiceError | None:
        """Return why a call on an object of an existing store is throttled; None if it is not, or
        if its time is unknown."""
        if call.time is None:
            return None
        while self._charges and self._charges[0].at <= call.time:
            self._take(heapq.heappop(self._charges))
        self._clock.freeze(call.time)
        store = _store(call.names[0])
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
        """Charge the bytes of a successful Get or Put, at the end of ``at``."""
        if at is not None and size:
            self._charged += 1
            charge = _Charge(at.last, self._charged, call.names[0], size, call.is_read)
            heapq.heappush(self._charges, charge)

    def forget(self, store: str) -> None:
        """Forget a deleted store: a new one of the same name has its whole allowance."""
        self._limiter.drop(store)
        self._charges = [charge for charge in self._charges if charge.store != store]
        heapq.heapify(self._charges)

    def _take(self, charge: _Charge) -> None:
        self._clock.freeze(charge.at)
        if charge.is_read:
            self._limiter.charge_read(_store(charge.store), charge.size)
        else:
            self._limiter.charge_write(_store(charge.store), charge.size)


class AuthLimit:
    """Predicts which operations on credentials the service would throttle (D145). Calls must be
    given in their order."""

    def __init__(self) -> None:
        self._clock = Clock()
        self._clock.freeze(0)
        self._limiter = AuthLimiter(self._clock)

    def refuses(self, call: RecordedCall) -> ServiceError | None:
        """Return why an admitted operation is throttled; None if it is not, or if its time is
        unknown."""
        if call.time is None:
            return None
        self._clock.freeze(call.time)
        try:
            self._limiter.admit()
        except ServiceError as error:
            return error
        return None


def _store(name: str) -> Store:
    return Store(name, "", "", "", "", cache_namespace="")
