"""Model of the objects after each recorded call, under both revisions.

Each object has two states: the one that the calls have left, and the one that they would leave
under the other revision. A later Get shows whether the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.parameters import parameters_of_put
from emulator.revision_differences.recorded import RecordedCall, Span, Times


class Reason(NamedTuple):
    """The feature that causes a difference, and how."""

    feature: Feature
    text: str


class Copy(NamedTuple):
    """An object in one tier: whether it is there (None if unknown), its size in bytes and the
    number of the call that put it (None if unknown), and when it expires (None if never)."""

    there: bool | None
    size: int | None = None
    by: int | None = None
    expires_at: Span | None = None

    def seen(self, now: Span | None) -> Copy:
        """Return the copy as a Get sees it."""
        there = self.there
        if there and self.expires_at is not None:
            there = None if now is None else now.is_before(self.expires_at)
        return Copy(there, self.size, self.by) if there else Copy(there)


class View(NamedTuple):
    """The object that a Get saw, the object that it would see, and why they differ, if they do.

    The view is ``doubtful`` if the store may have got another bucket, or if a write that probably
    succeeds may be refused. ``left_size`` is the largest size that such writes then leave: 0 for
    nothing, or nothing that is known.
    """

    was: Copy
    would: Copy
    cause: Reason | None
    doubtful: bool
    left_size: int


_NO_COPY = Copy(there=False)


class _Tiers(NamedTuple):
    """An object in storage, and the ephemeral object that hides it (D97)."""

    durable: Copy
    ephemeral: Copy = _NO_COPY

    def seen(self, now: Span | None) -> Copy:
        above = self.ephemeral.seen(now)
        return self.durable.seen(now) if above.there is False else above


_GONE = _Tiers(_NO_COPY)
_UNKNOWN = _Tiers(Copy(there=None))


@dataclass
class _States:
    was: _Tiers = _UNKNOWN
    would: _Tiers = _UNKNOWN
    cause: Reason | None = None
    doubtful: bool = False
    left_size: int = 0


class Objects:
    """The objects after each call. Calls must be noted in their order.

    Args:
        before: the revision under which they were recorded.
        after: the other revision.
        times: when the calls were answered.
    """

    def __init__(self, before: Revision, after: Revision, times: Times) -> None:
        self._times = times
        self._before = before
        self._after = after
        self._states: dict[str, dict[str, _States]] = {}

    def look(self, call: RecordedCall) -> View:
        """Return what is known of the object of a Get."""
        states, now = self._of(call), self._times.of(call)
        return View(
            states.was.seen(now),
            states.would.seen(now),
            states.cause,
            states.doubtful,
            states.left_size,
        )

    def note_read(self, call: RecordedCall) -> None:
        """Note the result of a Get; it replaces knowledge that contradicts it."""
        states, found = self._of(call), call.status == 200
        if states.was.seen(self._times.of(call)).there is not found:
            is_same = states.was == states.would
            states.was = _Tiers(Copy(there=True, size=call.object_size)) if found else _GONE
            if is_same:
                states.would = states.was

    def note_write(
        self,
        call: RecordedCall,
        *,
        did: bool,
        would: bool,
        is_sure: bool,
        feature: Feature | None,
    ) -> None:
        """Note a Put or Delete.

        Args:
            call: the call.
            did: whether it succeeded.
            would: whether it would succeed.
            is_sure: whether ``would`` is certain.
            feature: the feature that causes a difference, if there is one.
        """
        states, at = self._of(call), self._times.of(call)
        if did:
            states.was = _written(states.was, call, self._before, at)
        if would:
            left = states.would.seen(at).size or 0
            states.left_size = 0 if is_sure else max(states.left_size, left)
            states.would = _written(states.would, call, self._after, at)
        states.doubtful = not is_sure or (states.doubtful and not (did and would))
        if feature is not None and states.was != states.would:
            states.cause = Reason(feature, _effect(call, self._after, did=did, would=would))

    def forget_store(self, store: str) -> None:
        """Note that a store was deleted, and its ephemeral objects with it. A new store of the same
        name has the durable ones if it has the same bucket."""
        for states in self._states.get(store, {}).values():
            states.was = states.was._replace(ephemeral=_NO_COPY)
            states.would = states.would._replace(ephemeral=_NO_COPY)
            states.doubtful = True

    def _of(self, call: RecordedCall) -> _States:
        store, key = call.names
        return self._states.setdefault(store, {}).setdefault(key, _States())


def kept(call: RecordedCall, revision: Revision) -> str:
    """Describe where and for how long a revision keeps the object of a Put."""
    asked = parameters_of_put(call, revision)
    end = "without an end" if asked.lifetime is None else f"for {asked.lifetime} seconds"
    return f"{'only in the cache' if asked.ephemeral else 'in storage'}, {end}"


def _written(tiers: _Tiers, call: RecordedCall, revision: Revision, at: Span | None) -> _Tiers:
    if call.method == "DELETE":
        return _GONE
    asked = parameters_of_put(call, revision)
    if asked.lifetime is None:
        copy = Copy(True, call.object_size, call.number)
    elif at is None:
        copy = Copy(there=None)
    else:
        copy = Copy(True, call.object_size, call.number, at.after(asked.lifetime))
    return tiers._replace(ephemeral=copy) if asked.ephemeral else _Tiers(copy)


def _effect(call: RecordedCall, revision: Revision, *, did: bool, would: bool) -> str:
    if did and not would:
        return f"#{call.number} would not have been done"
    if would and not did:
        return f"#{call.number} would have been done"
    return f"#{call.number} would keep it {kept(call, revision)}"
