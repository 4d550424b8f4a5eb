"""Which objects there are after the recorded calls, and after the same calls another way.

Of each object two states are kept: what the calls have left as they were answered, and what they
would leave as the other revision would answer them. A later Get shows where the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.checks import is_ephemeral, ttl_seconds
from emulator.revision_differences.instants import Answers, Span
from emulator.revision_differences.recorded import RecordedCall


class Cause(NamedTuple):
    """Why two states of an object differ."""

    feature: Feature
    text: str


class Sight(NamedTuple):
    """What a Get sees: whether there is an object, or None where nobody knows, how many bytes it
    has, if that is known, and the number of the call that put it, if it was one of these."""

    there: bool | None
    size: int | None = None
    by: int | None = None


class View(NamedTuple):
    """What a Get saw, what it would see, and why that is not the same, if it is not. It is
    ``doubtful`` where the store may since be over another bucket, or a write that is taken for one
    that would be done may be refused."""

    was: Sight
    would: Sight
    cause: Cause | None
    doubtful: bool


class _Layer(NamedTuple):
    """An object in one place, which may expire."""

    there: bool | None
    expires_at: Span | None = None
    size: int | None = None
    by: int | None = None

    def sight(self, now: Span | None) -> Sight:
        there = self.there
        if there and self.expires_at is not None:
            there = None if now is None else now.is_before(self.expires_at)
        return Sight(there, self.size, self.by) if there else Sight(there)


_NOTHING = _Layer(there=False)


class _State(NamedTuple):
    """What storage has of an object, and what the cache has over it alone (D97)."""

    durable: _Layer
    ephemeral: _Layer = _NOTHING

    def sight(self, now: Span | None) -> Sight:
        above = self.ephemeral.sight(now)
        return self.durable.sight(now) if above.there is False else above


_GONE = _State(_NOTHING)
_UNKNOWN = _State(_Layer(there=None))


@dataclass
class _Pair:
    was: _State = _UNKNOWN
    would: _State = _UNKNOWN
    cause: Cause | None = None
    doubtful: bool = False


class Objects:
    """The objects after each of the calls, which come in their order.

    Args:
        before: the revision under which they were recorded.
        after: the other one.
        answers: says when they were.
    """

    def __init__(self, before: Revision, after: Revision, answers: Answers) -> None:
        self._answers = answers
        self._before = before
        self._after = after
        self._pairs: dict[tuple[str, str], _Pair] = {}

    def look(self, call: RecordedCall) -> View:
        """What is known of the object that a Get asks for."""
        pair, now = self._pair(call), self._answers.of(call)
        return View(pair.was.sight(now), pair.would.sight(now), pair.cause, pair.doubtful)

    def note_read(self, call: RecordedCall) -> None:
        """Believe the answer of a Get that got one, whatever was thought before."""
        pair = self._pair(call)
        found = call.status == 200
        if pair.was.sight(self._answers.of(call)).there is not found:
            is_same = pair.was == pair.would
            pair.was = _State(_Layer(there=True, size=call.object_size)) if found else _GONE
            if is_same:
                pair.would = pair.was

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
            would: whether it would.
            is_sure: whether that is certain.
            feature: why the other revision does another thing, if it does.
        """
        pair, at = self._pair(call), self._answers.of(call)
        if did:
            pair.was = _written(pair.was, call, self._before, at)
        if would:
            pair.would = _written(pair.would, call, self._after, at)
        pair.doubtful = not is_sure or (pair.doubtful and not (did and would))
        if feature is not None and pair.was != pair.would:
            pair.cause = Cause(feature, _told(call, self._after, did=did, would=would))

    def note_deletion(self, store: str) -> None:
        """Note that a store was deleted: what was in its cache alone is gone. Another one of that
        name has the rest again, if it is over the same bucket."""
        for names, pair in self._pairs.items():
            if names[0] == store:
                pair.was = pair.was._replace(ephemeral=_NOTHING)
                pair.would = pair.would._replace(ephemeral=_NOTHING)
                pair.doubtful = True

    def _pair(self, call: RecordedCall) -> _Pair:
        return self._pairs.setdefault(call.names, _Pair())


def _written(state: _State, call: RecordedCall, revision: Revision, at: Span | None) -> _State:
    if call.method == "DELETE":
        return _GONE
    seconds = ttl_seconds(call, revision)
    if seconds is None:
        new = _Layer(there=True, size=call.object_size, by=call.number)
    elif at is None:
        new = _Layer(there=None)
    else:
        new = _Layer(True, at.after(seconds), call.object_size, call.number)
    return _State(state.durable, new) if is_ephemeral(call, revision) else _State(new)


def _told(call: RecordedCall, revision: Revision, *, did: bool, would: bool) -> str:
    if did and not would:
        return f"#{call.number} would not have been done"
    if would and not did:
        return f"#{call.number} would have been done"
    seconds = ttl_seconds(call, revision)
    stays = "for ever" if seconds is None else f"for {seconds} seconds"
    where = "the cache alone" if is_ephemeral(call, revision) else "storage"
    return f"#{call.number} would keep it in {where}, {stays}"
