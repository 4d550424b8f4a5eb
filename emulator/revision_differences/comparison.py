"""Recorded calls, held against another revision one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.effects import TOUCHES, Effect, Looked, World
from emulator.revision_differences.instants import Answers
from emulator.revision_differences.limits import Limits
from emulator.revision_differences.objects import Cause, Objects
from emulator.revision_differences.recorded import READS, RecordedCall

_REQUEST_ID = "mo-request-id"
_CHARGED = (*READS, "PUT")


class Reason(NamedTuple):
    """Which feature makes a difference, and how."""

    feature: Feature
    text: str


class Difference(NamedTuple):
    """A call that would be answered differently.

    ``statuses`` are those that it could have, the likeliest first; where there is only that of the
    record, something else is different.
    """

    call: RecordedCall
    statuses: tuple[int, ...]
    reasons: tuple[Reason, ...]


class MoreHeaders(NamedTuple):
    """Headers that so many answers would have, or else would have no more."""

    feature: Feature
    named: str
    answers: int
    gained: bool


class Comparison(NamedTuple):
    """What another revision would do with recorded calls.

    Attributes:
        calls: how many there are.
        unanswered: of how many nobody knows the answer: they are left out.
        differences: the calls that would be answered differently, apart from ``headers``.
        headers: that many answers would gain or lose.
        unseen: the features between the revisions that a journal does not show, and why.
        contradicting: how many answers cannot be of the revision that they are said to be of.
    """

    calls: int
    unanswered: int
    differences: tuple[Difference, ...]
    headers: tuple[MoreHeaders, ...]
    unseen: tuple[tuple[Feature, str], ...]
    contradicting: int


def compare(calls: Sequence[RecordedCall], before: Revision, after: Revision) -> Comparison:
    """What ``after`` would do with calls that were recorded, in this order, under ``before``."""
    answered = [call for call in calls if call.status is not None]
    changed = [feature for feature in TOUCHES if before.has(feature) != after.has(feature)]
    return Comparison(
        calls=len(calls),
        unanswered=len(calls) - len(answered),
        differences=tuple(_Replay(answered, before, after).differences()),
        headers=tuple(_headers(answered, changed, before, after)),
        unseen=tuple(
            (feature, TOUCHES[feature].unseen) for feature in changed if TOUCHES[feature].unseen
        ),
        contradicting=_contradicting(answered, before),
    )


class _Replay:
    def __init__(self, calls: Sequence[RecordedCall], before: Revision, after: Revision) -> None:
        self._calls = calls
        self._answers = Answers(calls)
        objects = Objects(before, after, self._answers)
        self._world = World(before, after, Limits(after), Limits(after), objects)
        self._world.stores = _first_stores(calls)
        self._has_new_limits = after.has(Feature.LIMITS) and not before.has(Feature.LIMITS)
        self._effects: list[tuple[Feature, Effect, bool]] = [
            (feature, touch.effect, after.has(feature))
            for feature, touch in TOUCHES.items()
            if touch.effect is not None and before.has(feature) != after.has(feature)
        ]

    def differences(self) -> Iterator[Difference]:
        if not self._effects:
            return
        for call in self._calls:
            assert call.status is not None
            statuses, reasons = self._answer(call, call.status)
            if reasons:
                yield Difference(call, statuses, tuple(reasons))
            self._note_store(call, statuses, reasons)

    def _answer(self, call: RecordedCall, recorded: int) -> tuple[tuple[int, ...], list[Reason]]:
        statuses: tuple[int, ...] = (recorded,)
        reasons: list[Reason] = []
        for feature, effect, gained in self._effects:
            found = effect(Looked(call, statuses[0], gained, self._world))
            if found is None:
                continue
            reason = Reason(feature, found.why)
            if found.statuses:
                statuses = _each_once(*found.statuses, *statuses[1:])
                if statuses[0] >= 400 and len(statuses) == 1:
                    reasons = [reason]  # What was found before would not come to pass.
                    break
            reasons.append(reason)
        if call.store is None:
            return statuses, reasons
        if not call.is_on_object:
            others, more = self._perhaps_there(call)
            return _each_once(*statuses, *others), reasons + more
        if call.is_read and recorded in statuses and call.looked_for_object:
            found_statuses, more = self._read(call)
            at = statuses.index(recorded)
            statuses = _each_once(*statuses[:at], *found_statuses, *statuses[at + 1 :])
            reasons += more
        self._note_operation(call, recorded, statuses, reasons)
        return statuses, reasons

    def _note_operation(
        self,
        call: RecordedCall,
        recorded: int,
        statuses: tuple[int, ...],
        reasons: Sequence[Reason],
    ) -> None:
        if call.method in ("PUT", "DELETE"):
            self._world.objects.note_write(
                call,
                did=recorded == 204,
                would=statuses[0] == 204,
                is_sure=statuses[0] != 204 or len(statuses) == 1,
                feature=reasons[0].feature if reasons else None,
            )
        if self._has_new_limits and call.method in _CHARGED:
            self._charge(call, likely=statuses[0], otherwise=statuses[-1])

    def _charge(self, call: RecordedCall, *, likely: int, otherwise: int) -> None:
        """Charge what a Get or Put moves, if it has these statuses."""
        size = other_size = call.object_size
        if call.is_read:
            was, would, _, is_doubtful = self._world.objects.look(call)
            if was != would and would.size is not None:
                size = would.size
                other_size = other_size if is_doubtful else size
        at = self._answers.of(call)
        if likely in (200, 204):
            self._world.limits.charge(call, size, at)
        if otherwise in (200, 204):
            self._world.limits_otherwise.charge(call, other_size, at)

    def _perhaps_there(self, call: RecordedCall) -> tuple[tuple[int, ...], list[Reason]]:
        """What else is answered of a store that was not there, where it may be there."""
        cause = self._world.perhaps_created.get(call.store or "")
        if cause is None or not (call.created_store or call.found_store is False):
            return (), []
        deletes = call.method == "DELETE" and self._world.after.has(Feature.STORE_DELETION_204)
        status = 204 if deletes else 200
        return (status,), [Reason(cause.feature, f"{status} if {cause.text}")]

    def _read(self, call: RecordedCall) -> tuple[tuple[int, ...], list[Reason]]:
        """What a Get would find that looked for its object, and looks for it again."""
        self._world.objects.note_read(call)
        was, would, cause, is_doubtful = self._world.objects.look(call)
        recorded = call.status or 0
        if cause is None or was == would:
            return (recorded,), []
        if would.there is None and recorded == 404 and cause.feature is not Feature.DELETE_OBJECT:
            return (recorded,), []  # Nobody has seen an object there, or wanted one to go.
        if would.there and was.there:
            status, why = 200, "the object is another one"
        elif would.there or (would.there is None and recorded == 404):
            status, why = 200, "the object is there"
        else:
            status, why = 404, "the object is not there"
        if status != recorded and (would.there is None or is_doubtful):
            reason = Reason(cause.feature, f"perhaps {why}: {cause.text}")
            return (status, recorded), [reason]
        return (status,), [Reason(cause.feature, f"{why}: {cause.text}")]

    def _note_store(
        self, call: RecordedCall, statuses: tuple[int, ...], reasons: Sequence[Reason]
    ) -> None:
        if call.store is None:
            return
        world = self._world
        deletes = call.is_on_store and call.method == "DELETE"
        if call.found_store or (deletes and call.found_store is False):
            world.perhaps_created.pop(call.store, None)
        if call.status == 400 and 201 in statuses:
            cause = Cause(reasons[0].feature, f"#{call.number} has created the store")
            world.perhaps_created.setdefault(call.store, cause)
        if deletes and call.status in (200, 204):
            world.stores[call.store] = False
            world.objects.note_deletion(call.store)
            world.limits.forget(call.store)
            world.limits_otherwise.forget(call.store)
        elif call.found_store is not None:
            world.stores[call.store] = call.found_store


def _each_once(*statuses: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys(statuses))


def _first_stores(calls: Sequence[RecordedCall]) -> dict[str, bool]:
    """Whether each store was there at the beginning: its first call that tells it shows that."""
    stores: dict[str, bool] = {}
    for call in calls:
        if call.store is not None and call.found_store is not None:
            stores.setdefault(call.store, call.found_store and not call.created_store)
    return stores


def _headers(
    calls: Sequence[RecordedCall], changed: Sequence[Feature], before: Revision, after: Revision
) -> Iterator[MoreHeaders]:
    for feature in changed:
        touch, gained = TOUCHES[feature], after.has(feature)
        if touch.headers is not None:
            newer = after if gained else before
            count = sum(touch.headers(call, newer) for call in calls)
            if count:
                yield MoreHeaders(feature, touch.named, count, gained)


def _contradicting(calls: Sequence[RecordedCall], before: Revision) -> int:
    """How many answers are, by their request ids, of another revision than ``before``."""
    has_ids = before.has(Feature.REQUEST_ID)
    answers = [
        call
        for call in calls
        if call.is_on_object and call.method in ("GET", "PUT") and call.response_headers
    ]
    return sum(bool(call.got(_REQUEST_ID)) is not has_ids for call in answers)
