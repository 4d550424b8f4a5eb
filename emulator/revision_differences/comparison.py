"""Predict the answers of another revision to recorded calls, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from emulator.core.headers import REQUEST_ID
from emulator.core.revisions import Feature, Revision, store_deletion_status
from emulator.revision_differences.feature_rules import FEATURE_RULES, Prediction
from emulator.revision_differences.objects import Reason
from emulator.revision_differences.recorded import RecordedCall
from emulator.revision_differences.state import State


class Difference(NamedTuple):
    """A call that would be answered differently.

    ``statuses`` are the possible ones, the likeliest first. If there is only the recorded one,
    something other than the status differs.
    """

    call: RecordedCall
    statuses: tuple[int, ...]
    reasons: tuple[Reason, ...]


class MoreHeaders(NamedTuple):
    """Headers that a number of answers would gain, or lose if ``gained`` is false."""

    feature: Feature
    named: str
    answers: int
    gained: bool


class Comparison(NamedTuple):
    """The differences between the recorded answers and those of another revision.

    Attributes:
        calls: the number of calls.
        unanswered: the number of calls without a status, which are ignored.
        differences: the calls that would be answered differently, apart from ``headers``.
        headers: the headers that answers would gain or lose.
        unseen: the features between the revisions that a journal does not show, and why.
        contradicting: the number of answers that cannot be from the revision given for them.
    """

    calls: int
    unanswered: int
    differences: tuple[Difference, ...]
    headers: tuple[MoreHeaders, ...]
    unseen: tuple[tuple[Feature, str], ...]
    contradicting: int


def compare(calls: Sequence[RecordedCall], before: Revision, after: Revision) -> Comparison:
    """Predict the answers of ``after`` to calls that were recorded, in this order, under
    ``before``."""
    answered = [call for call in calls if call.status is not None]
    changed = [feature for feature in FEATURE_RULES if before.has(feature) != after.has(feature)]
    predictor = _Predictor(State(answered, before, after), changed)
    return Comparison(
        calls=len(calls),
        unanswered=len(calls) - len(answered),
        differences=tuple(predictor.differences(answered)),
        headers=tuple(_headers(answered, changed, before, after)),
        unseen=tuple(
            (feature, FEATURE_RULES[feature].unseen)
            for feature in changed
            if FEATURE_RULES[feature].unseen
        ),
        contradicting=_contradicting(answered, before),
    )


Predicted = tuple[tuple[int, ...], list[Reason]]
"""The possible statuses of a call, and why they or something else differ."""


class _Predictor:
    def __init__(self, state: State, changed: Sequence[Feature]) -> None:
        self._state = state
        self._effects = [
            (feature, effect, state.after.has(feature))
            for feature, effect in ((each, FEATURE_RULES[each].effect) for each in changed)
            if effect is not None
        ]

    def differences(self, calls: Sequence[RecordedCall]) -> Iterator[Difference]:
        for call in calls if self._effects else ():
            assert call.status is not None
            statuses, reasons = self._predicted(call, call.status)
            if reasons:
                yield Difference(call, statuses, tuple(reasons))
            feature = reasons[0].feature if reasons else None
            if call.is_on_object and call.store is not None:
                self._state.note_on_object(call, statuses, feature)
            self._state.note_store(call, statuses, feature)

    def _predicted(self, call: RecordedCall, recorded: int) -> Predicted:
        statuses, reasons = self._by_features(call, recorded)
        if call.store is None:
            return statuses, reasons
        if not call.is_on_object:
            others, more = self._perhaps_there(call)
            return _each_once(*statuses, *others), reasons + more
        if recorded in statuses and call.looked_for_object:
            found, more = self._read(call, recorded)
            at = statuses.index(recorded)
            statuses = _each_once(*statuses[:at], *found, *statuses[at + 1 :])
            reasons += more
        return statuses, reasons

    def _by_features(self, call: RecordedCall, recorded: int) -> Predicted:
        """Predict a call from the changed features, without the effects of earlier calls."""
        statuses: tuple[int, ...] = (recorded,)
        reasons: list[Reason] = []
        for feature, effect, gained in self._effects:
            found = effect(Prediction(call, statuses[0], gained, self._state))
            if found is None:
                continue
            reason = Reason(feature, found.why)
            if found.statuses:
                statuses = _each_once(*found.statuses, *statuses[1:])
                if statuses[0] >= 400 and len(statuses) == 1:
                    return statuses, [reason]  # It replaces what earlier features would change.
            reasons.append(reason)
        return statuses, reasons

    def _perhaps_there(self, call: RecordedCall) -> Predicted:
        """Return further statuses of a call whose store was missing, if the store may exist."""
        cause = self._state.perhaps_created.get(call.store or "")
        if cause is None or not (call.created_store or call.found_store is False):
            return (), []
        deletes = call.method == "DELETE"
        status = store_deletion_status(self._state.after) if deletes else 200
        return (status,), [Reason(cause.feature, f"{status} if {cause.text}")]

    def _read(self, call: RecordedCall, recorded: int) -> Predicted:
        """Predict a Get that looked for its object, from the effects of earlier calls."""
        self._state.objects.note_read(call)
        was, would, cause, is_doubtful, _ = self._state.objects.look(call)
        if cause is None or was == would:
            return (recorded,), []
        if would.there is None and recorded == 404 and cause.feature is not Feature.DELETE_OBJECT:
            return (recorded,), []  # No call has found the object, or has deleted it.
        if would.there and was.there:
            status, why = 200, "the object is a different one"
        elif would.there or (would.there is None and recorded == 404):
            status, why = 200, "the object exists"
        else:
            status, why = 404, "the object does not exist"
        if status != recorded and (would.there is None or is_doubtful):
            reason = Reason(cause.feature, f"perhaps {why}: {cause.text}")
            return (status, recorded), [reason]
        return (status,), [Reason(cause.feature, f"{why}: {cause.text}")]


def _each_once(*statuses: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys(statuses))


def _headers(
    calls: Sequence[RecordedCall], changed: Sequence[Feature], before: Revision, after: Revision
) -> Iterator[MoreHeaders]:
    for feature in changed:
        rule, gained = FEATURE_RULES[feature], after.has(feature)
        if rule.headers is not None:
            newer = after if gained else before
            count = sum(rule.headers(call, newer) for call in calls)
            if count:
                yield MoreHeaders(feature, rule.named, count, gained)


def _contradicting(calls: Sequence[RecordedCall], before: Revision) -> int:
    """Count the answers that are, by their request ids, from another revision than ``before``."""
    has_ids = before.has(Feature.REQUEST_ID)
    answers = [
        call
        for call in calls
        if call.is_on_object and call.method in ("GET", "PUT") and call.response_headers
    ]
    return sum(bool(call.got(REQUEST_ID)) is not has_ids for call in answers)
