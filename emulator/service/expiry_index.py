"""What expires in a tier, by when, and what has been freed: an index that nothing scans.

A place is in the bucket of the second in which it is due, and a heap has the seconds that have a
bucket. A bucket is a list, which takes a fifth of the memory of a dictionary. An object that is
written again leaves its old bucket: it stays in the list, but counts as having left. A bucket of
which more than half has left is made again. So the index has at most about two entries for each
object that expires, whatever is written. Adding, moving and removing one takes constant time on
average, apart from the heap of seconds.

The index only says where to look: whoever frees an object asks the engine first what is there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from emulator.core.clock import MICROSECONDS
from emulator.core.object_info import NOTHING, ObjectInfo

P = TypeVar("P")

KEPT_MICROSECONDS = 60 * 60 * MICROSECONDS
"""How long a freed object is remembered, on the emulator's clock (D116)."""

KEPT_OBJECTS = 10_000
"""How many freed objects a tier remembers; beyond that, it forgets the oldest (D116)."""

KEPT_TEXT = 1024
"""How many characters of metadata and tags are remembered of a freed object; it is remembered
without any if it has more."""

_SPARE_SECONDS = 64
"""How many seconds without a bucket the heap may have more than others."""

_SPARE_PLACES = 8
"""How many places may have left a bucket before it is made again."""

_NEVER = -(2**63)
"""Before every instant: nothing is due at a place."""


class Freed(NamedTuple):
    """An object that has expired and was freed, and the instant at which it is forgotten (epoch
    microseconds)."""

    info: ObjectInfo
    until: int


class ExpiryState(NamedTuple):
    """What a checkpoint keeps of an index: the freed objects, and whether the engine has anything
    that expires."""

    freed: Mapping[Any, Freed]
    expires: bool


NOTHING_EXPIRES = ExpiryState({}, expires=False)


class ExpiryIndex(Generic[P]):
    """The index of one tier.

    Args:
        kept_objects: how many freed objects are remembered.
    """

    def __init__(self, *, kept_objects: int = KEPT_OBJECTS) -> None:
        self.due: dict[P, int] = {}
        """When to look at a place (epoch microseconds): its object expires, or is forgotten."""
        self.freed: dict[P, Freed] = {}
        """The objects that are remembered, the oldest first."""
        self.unread = False
        """Whether the engine may have objects that expire and are not in the index."""
        self.generation = 0
        """Counts how often the index was emptied."""
        self.on_change: Callable[[], None] = _do_nothing
        """Called before something is added to an empty index, and when there is work at once."""
        self._kept_objects = kept_objects
        self._buckets: dict[int, list[P]] = {}
        self._left: dict[int, int] = {}
        """How many entries of a bucket are of places that have left it, if any have."""
        self._seconds: list[int] = []
        self._released: list[dict[P, int] | dict[int, list[P]]] = []

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to look at, now or later."""
        return not (self.due or self.unread or self._released)

    def has_work(self, now: int) -> bool:
        """Whether there may be something to do at ``now`` (epoch microseconds)."""
        is_due = bool(self._seconds) and self._seconds[0] * MICROSECONDS <= now
        return is_due or self.unread or bool(self._released)

    def note(self, place: P, at: int) -> None:
        """An object was written at ``place`` that expires ``at`` this instant (epoch microseconds).

        Every Put with a TTL calls this, so it calls as few others as possible.
        """
        due, buckets = self.due, self._buckets
        if not due:
            self.on_change()
        if place in self.freed:
            del self.freed[place]
        second = at // MICROSECONDS
        before = due.get(place)
        due[place] = at
        if before is not None:
            if before // MICROSECONDS == second:
                return
            self._leave(before // MICROSECONDS)
        if second in buckets:
            buckets[second].append(place)
            return
        buckets[second] = [place]
        heapq.heappush(self._seconds, second)
        if len(self._seconds) > 2 * len(buckets) + _SPARE_SECONDS:
            self._seconds = list(buckets)
            heapq.heapify(self._seconds)

    def suspect(self, place: P, at: int) -> None:
        """Look at ``place`` then too: it is not known what is there. What was freed there stays
        remembered."""
        freed = self.freed.get(place)
        if place not in self.due or at < self.due[place]:
            self.note(place, at)
            if freed is not None:
                self.freed[place] = freed

    def forget(self, place: P) -> None:
        """Nothing that expires is at ``place`` any more, and nothing that is remembered."""
        self.freed.pop(place, None)
        at = self.due.pop(place, None)
        if at is not None:
            self._leave(at // MICROSECONDS)

    def bury(self, place: P, info: ObjectInfo, now: int) -> None:
        """Remember the object, which has expired and is freed now."""
        until = now + KEPT_MICROSECONDS
        self.note(place, until)
        self.freed[place] = Freed(_short(info), until)
        while len(self.freed) > self._kept_objects:
            self.forget(next(iter(self.freed)))

    def absent(self, place: P, now: int) -> None:
        """Nothing is at ``place``, except what is remembered until its time is over."""
        freed = self.freed.get(place)
        if freed is not None and freed.until > now:
            self.suspect(place, freed.until)
        else:
            self.forget(place)

    def freed_at(self, place: P, now: int) -> ObjectInfo | None:
        """Return the freed object that was at ``place``, as far as it has expired at ``now``: the
        clock may have been set back."""
        freed = self.freed.get(place)
        return freed.info if freed is not None and freed.info.is_expired(now) else None

    def take(self, now: int, most: int) -> list[P]:
        """Remove from the index at most ``most`` places that are due at ``now``, and return them.
        The caller looks at each."""
        taken: list[P] = []
        due, seconds = self.due, self._seconds
        while len(taken) < most and seconds and seconds[0] * MICROSECONDS <= now:
            second = seconds[0]
            bucket = self._buckets.get(second, [])
            while bucket and len(taken) < most:
                place = bucket[-1]
                at = due.get(place, _NEVER)
                if at // MICROSECONDS != second:
                    self._left[second] -= 1
                elif at <= now:
                    del due[place]
                    taken.append(place)
                elif self._due_last(bucket, now):
                    continue
                else:
                    return taken  # The second is not over.
                bucket.pop()
            if not bucket:
                self._drop(second)
                heapq.heappop(seconds)
        return taken

    def save(self) -> ExpiryState:
        """Return what a checkpoint of the engine needs."""
        expires = self.unread or any(place not in self.freed for place in self.due)
        return ExpiryState(self.freed.copy(), expires)

    def clear(self, state: ExpiryState = NOTHING_EXPIRES) -> None:
        """Empty the index, since the engine has other objects now: those of a checkpoint with this
        ``state``, or none."""
        self._released += [each for each in (self.due, self._buckets) if each]
        self.due, self._buckets, self._seconds, self.freed = {}, {}, [], {}
        self._left = {}
        self.generation += 1
        self.unread = state.expires
        for place, freed in state.freed.items():
            self.note(place, freed.until)
            self.freed[place] = freed
        if not self.is_idle:
            self.on_change()

    def release(self, most: int) -> bool:
        """Let go at most ``most`` entries of what ``clear`` has replaced: to free all of a large
        dictionary at once takes long. Return whether there are more."""
        while self._released and most > 0:
            entries = self._released[-1]
            for _ in range(min(most, len(entries))):
                entries.popitem()
                most -= 1
            if not entries:
                self._released.pop()
        return bool(self._released)

    def forget_freed(self, belongs: Callable[[P], bool]) -> None:
        """Forget the freed objects of these places."""
        for place in [place for place in self.freed if belongs(place)]:
            self.forget(place)

    def freed_now(self, now: int) -> Iterator[tuple[P, ObjectInfo]]:
        """Yield the freed objects that have expired at ``now``."""
        return (
            (place, freed.info) for place, freed in self.freed.items() if freed.info.is_expired(now)
        )

    def _leave(self, second: int) -> None:
        """A place has left the bucket of this second."""
        bucket = self._buckets[second]
        left = self._left[second] = self._left.get(second, 0) + 1
        if left == len(bucket):
            self._drop(second)
        elif left > len(bucket) // 2 + _SPARE_PLACES:
            due = self.due
            there = [each for each in bucket if due.get(each, _NEVER) // MICROSECONDS == second]
            self._buckets[second] = list(dict.fromkeys(there))
            del self._left[second]

    def _drop(self, second: int) -> None:
        """Remove a bucket that nothing is in."""
        self._buckets.pop(second, None)
        self._left.pop(second, None)

    def _due_last(self, bucket: list[P], now: int) -> bool:
        """Move the places that are due at ``now`` to the end of the bucket. Return whether there
        are any."""

        def is_due(place: P) -> bool:
            return self.due.get(place, _NEVER) <= now

        bucket.sort(key=is_due)
        return is_due(bucket[-1])


def _do_nothing() -> None:
    """Nobody frees what expires."""


def _short(info: ObjectInfo) -> ObjectInfo:
    """Return ``info`` without metadata and tags if they are long."""
    texts = (*info.metadata.items(), *info.tags.items())
    if sum(len(name) + len(value) for name, value in texts) <= KEPT_TEXT:
        return info
    return info._replace(metadata=NOTHING, tags=NOTHING)
