"""When calls were answered, on the clock of their emulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from emulator.core.clock import MICROSECONDS
from emulator.revision_differences.recorded import RecordedCall


class Span(NamedTuple):
    """The instants between which something was, in microseconds since the Unix epoch."""

    first: int
    last: int

    def after(self, seconds: int) -> Span:
        """The same, so many seconds later."""
        return Span(self.first + seconds * MICROSECONDS, self.last + seconds * MICROSECONDS)

    def is_before(self, other: Span) -> bool | None:
        """Whether this was before the other; None where nobody can say."""
        if self.last < other.first:
            return True
        return False if self.first >= other.last else None


class Answers:
    """Between which instants calls were done.

    The journal has durations in real time, and does not say whether the clock stood still. Where
    two calls came in the same microsecond it did: they took no time.
    """

    def __init__(self, calls: Iterable[RecordedCall]) -> None:
        counts = Counter(call.time for call in calls)
        self._still = frozenset(time for time, count in counts.items() if count > 1)

    def of(self, call: RecordedCall) -> Span | None:
        """From when the call came until its answer began; None where the journal has no time."""
        if call.time is None:
            return None
        took = 0 if call.time in self._still else call.first_byte_time
        return Span(call.time, call.time + took)
