"""Which objects there are after the recorded calls, as they were answered and as they would be.

Of each object two states are kept: what the calls have left, and what they would leave under the
other revision. A later Get shows where the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.parameters import parameters_of_put
from emulator.revision_differences.recorded import RecordedCall, Span, Times


class Reason(NamedTuple):
    """Which feature makes a difference, and how."""

    feature: Feature
    text: str


class Copy(NamedTuple):
    """An object in one tier: whether it is there, or None where that is unknown; its size in bytes,
    and the number of the call that put it, if they are known; and when it expires, if it does."""

    there: bool | None
    size: int | None = None
    by: int | None = None
    expires_at: Span | None = None

    def seen(self, now: Span | None) -> Copy:
        """What a Get sees of it."""
        there = self.there
        if there and self.expires_at is not None:
            there = None if now is None else now.is_before(self.expires_at)
        return Copy(there, self.size, self.by) if there else Copy(there)


class View(NamedTuple):
    """What a Get saw, what it would see, and why that differs, if it does. It is ``doubtful`` where
    the store may have another bucket since, or a write may be refused that is likely done."""

    was: Copy
    would: Copy
    cause: Reason | None
    doubtful: bool


_NO_COPY = Copy(there=False)


class _Tiers(NamedTuple):
    """An object in storage, and the ephemeral one that hides it (D97)."""

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


class Objects:
    """The objects after each call. It is told of the calls in their order.

    Args:
        before: the revision under which they were recorded.
        after: the other one.
        times: says when they were answered.
    """

    def __init__(self, before: Revision, after: Revision, times: Times) -> None:
        self._times = times
        self._before = before
        self._after = after
        self._states: dict[str, dict[str, _States]] = {}

    def look(self, call: RecordedCall) -> View:
        """What is known of the object of a Get."""
        states, now = self._of(call), self._times.of(call)
        return View(states.was.seen(now), states.would.seen(now), states.cause, states.doubtful)

    def note_read(self, call: RecordedCall) -> None:
        """Note what a Get has found, also where it contradicts what was known."""
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
            feature: why the other revision does something else, if it does.
        """
        states, at = self._of(call), self._times.of(call)
        if did:
            states.was = _written(states.was, call, self._before, at)
        if would:
            states.would = _written(states.would, call, self._after, at)
        states.doubtful = not is_sure or (states.doubtful and not (did and would))
        if feature is not None and states.was != states.would:
            states.cause = Reason(feature, _effect(call, self._after, did=did, would=would))

    def forget_store(self, store: str) -> None:
        """Note that a store was deleted, and its ephemeral objects with it. Another store of that
        name has the durable ones if it has the same bucket."""
        for states in self._states.get(store, {}).values():
            states.was = states.was._replace(ephemeral=_NO_COPY)
            states.would = states.would._replace(ephemeral=_NO_COPY)
            states.doubtful = True

    def _of(self, call: RecordedCall) -> _States:
        store, key = call.names
        return self._states.setdefault(store, {}).setdefault(key, _States())


def kept(call: RecordedCall, revision: Revision) -> str:
    """Where and for how long a revision keeps the object of a Put, in words."""
    asked = parameters_of_put(call, revision)
    end = "for ever" if asked.lifetime is None else f"for {asked.lifetime} seconds"
    return f"in {'the cache alone' if asked.ephemeral else 'storage'}, {end}"


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
