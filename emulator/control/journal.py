"""The journal: every request to the service, with its result."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cached_property
from heapq import nsmallest
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.control.call import Call, as_call
from emulator.control.call_filter import CallFilter, actual
from emulator.control.har import entry_of, har_document
from emulator.control.journal_memory import count
from emulator.core.documents import invalid, whole_number
from emulator.core.errors import FailedPreconditionError, NotFoundError
from emulator.core.exchange import Exchange
from emulator.core.one_line import json_in_one_line
from emulator.core.redaction import redact
from emulator.core.revisions import FIRST, Revision
from emulator.core.slices import Pace

if TYPE_CHECKING:
    from emulator.control.hints.finder import Hints

NEAREST = 10
"""The most calls that a failed assertion shows."""

DEFAULT_BYTES = 64 * 1024**2
"""How much memory the requests of a journal take at most."""

_PUT_OFF = 640
"""When to make room for new requests: for many at once, which costs less."""

_A_REQUEST = 16
"""What one request adds to that; each of its headers adds 1."""

_DROPPED = -1
"""The count of an exchange that the journal does not have any more."""


class Window(NamedTuple):
    """Which of the calls that fulfil conditions are wanted: those behind the number ``after``, of
    these the first ``limit``, and of these the ``last`` ones."""

    after: int = 0
    limit: int | None = None
    last: int | None = None


EVERY_CALL = Window()


class Journal:
    """Keeps the last requests, each from its arrival on.

    What reads all of them lets other requests have their turn meanwhile, and has those of the
    moment when it began.

    Args:
        size: how many requests it keeps; with 0 it keeps none, and still counts.
        revision: the revision that defines the operations.
        max_bytes: how much memory they may take, about (D124); the oldest are dropped.
        hints: makes what finds the hints of requests, when the first one is read; without it there
            are none.
    """

    def __init__(
        self,
        size: int,
        revision: Revision = FIRST,
        *,
        max_bytes: int = DEFAULT_BYTES,
        hints: Callable[[Journal], Hints] | None = None,
    ) -> None:
        self._size = size
        self.make_hints = hints
        """Makes another one, or None."""
        self._max_bytes = max_bytes
        self._revision = revision
        self.count = 0
        """The number of requests since the journal was last cleared."""
        self.generation = 0
        """Counts how often the journal was cleared."""
        self._exchanges: deque[Exchange] = deque()
        self._bytes = 0
        self._uncounted: list[Exchange] = []
        self._put_off = 0

    def record(self, exchange: Exchange) -> None:
        """Keep a request that has just arrived. Without room, the oldest ones are dropped soon."""
        self.count += 1
        self._exchanges.append(exchange)
        self._uncounted.append(exchange)
        self._put_off += _A_REQUEST + len(exchange.request_headers)
        if self._put_off > _PUT_OFF:
            self._make_room()

    @property
    def dropped(self) -> int:
        """The number of requests dropped since the journal was last cleared."""
        self._make_room()
        return self.count - len(self._exchanges)

    def behind(self, number: int) -> list[tuple[int, Exchange]]:
        """Return the requests behind that of a number, each with its number, as far as they are
        kept."""
        self._make_room()
        count = min(self.count - number, len(self._exchanges))
        last = [*islice(reversed(self._exchanges), max(0, count))]
        return list(zip(range(self.count - count + 1, self.count + 1), reversed(last), strict=True))

    def since(self, ticks: int) -> list[Exchange]:
        """Return the kept requests that have begun at or after an instant (ticks of the clock)."""
        self._make_room()
        return [*takewhile(lambda each: each.begun >= ticks, reversed(self._exchanges))]

    def exchange(self, number: int) -> Exchange | None:
        """Return the request of a number; None if it is not kept."""
        index = number - 1 - self.dropped
        return self._exchanges[index] if 0 <= index < len(self._exchanges) else None

    async def describe_call(self, number: int) -> dict[str, Any]:
        """Return one call as a JSON document.

        Raises:
            NotFoundError: it is not kept. The message says whether it was.
        """
        exchange = self.exchange(number)
        if exchange is None:
            was_there = 1 <= number <= self.count
            why = "it was dropped" if was_there else f"the last one is {self.count}"
            raise NotFoundError(f"The journal has no call {number}: {why}")
        await self.prepare()
        return self.call_of(number, exchange).document()

    def call_of(self, number: int, exchange: Exchange) -> Call:
        """Return a request of this journal as a call, with its hints."""
        hints = self._hints
        return as_call(number, exchange, () if hints is None else hints.of(number, exchange))

    async def calls(
        self, conditions: Mapping[str, object], window: Window = EVERY_CALL
    ) -> list[Call]:
        """Return the calls that fulfil the conditions, the oldest first.

        Raises:
            BadRequestError: there is no such condition.
        """
        return [call async for call in self._chosen(conditions, window)]

    def clear(self) -> None:
        """Remove every request, and start the numbers again."""
        self._exchanges.clear()
        self._uncounted.clear()
        self.generation += 1
        self.count = self._bytes = self._put_off = 0

    async def describe(
        self, conditions: Mapping[str, object], window: Window = EVERY_CALL
    ) -> dict[str, Any]:
        """Return the calls as a JSON document.

        Raises:
            BadRequestError: there is no such condition.
        """
        dropped = self.dropped
        documents = [call.document() async for call in self._chosen(conditions, window)]
        return {"calls": documents, "count": len(documents), "dropped": dropped}

    async def json_lines(
        self, conditions: Mapping[str, object], window: Window = EVERY_CALL
    ) -> str:
        """Return the calls as JSON, one per line.

        Raises:
            BadRequestError: there is no such condition.
        """
        return "".join([_line(call) async for call in self._chosen(conditions, window)])

    async def har(
        self, conditions: Mapping[str, object], endpoint: str, window: Window = EVERY_CALL
    ) -> dict[str, Any]:
        """Return the calls as an HTTP archive; ``endpoint`` is the URL they were sent to.

        Raises:
            BadRequestError: there is no such condition.
        """
        calls = self._chosen(conditions, window)
        return har_document([entry_of(call, endpoint) async for call in calls])

    async def require(self, conditions: Mapping[str, object], times: object = None) -> int:
        """Require ``times`` calls, or at least one if that is None; return their number.

        Raises:
            FailedPreconditionError: there are more or fewer such calls. The message lists them, or
                the nearest other calls.
            BadRequestError: there is no such condition, or ``times`` is not a number of calls.
        """
        wanted = CallFilter(conditions, self._revision)
        expected = None if times is None else whole_number(times, "times")
        if expected is not None and expected < 0:
            invalid("times", "it must not be negative")
        found: list[Call] = []
        others: list[Call] = []
        async for call in self._all():
            (found if wanted.matches(call) else others).append(call)
        if found if expected is None else len(found) == expected:
            return len(found)
        complaint = await self._complaint(wanted, expected, found, others)
        raise FailedPreconditionError(redact(complaint))

    def _make_room(self) -> None:
        """Count the memory of the requests that have ended, and drop the oldest of all if it, or
        the number of requests, is too large."""
        self._put_off = 0
        running = []
        for exchange in self._uncounted:
            if exchange.counted == _DROPPED:
                continue
            if not exchange.ended:
                running.append(exchange)
                continue
            exchange.counted = count(exchange)
            self._bytes += exchange.counted
        self._uncounted = running
        kept = self._exchanges
        while kept and (self._bytes > self._max_bytes or len(kept) > self._size):
            oldest = kept.popleft()
            self._bytes -= oldest.counted
            oldest.counted = _DROPPED

    @cached_property
    def _hints(self) -> Hints | None:
        return None if self.make_hints is None else self.make_hints(self)

    async def prepare(self) -> None:
        """Look at what is new, which hints need; ``call_of`` does so too, but holds others up."""
        if self._hints is not None:
            await self._hints.prepare()

    async def _all(self) -> AsyncIterator[Call]:
        recorded = self.behind(0)
        await self.prepare()
        pace = Pace()
        for number, exchange in recorded:
            yield self.call_of(number, exchange)
            await pace.step()

    async def _chosen(
        self, conditions: Mapping[str, object], window: Window
    ) -> AsyncIterator[Call]:
        """Yield the calls of the window that fulfil the conditions, the oldest first."""
        wanted = CallFilter(conditions, self._revision)
        recorded = self.behind(window.after)
        await self.prepare()
        if window.last is not None and window.limit is None:
            for call in await self._newest(wanted, recorded, window.last):
                yield call
            return
        pace = Pace()
        newest: deque[tuple[int, Exchange]] = deque(maxlen=window.last)
        count = 0
        for number, exchange in recorded:
            await pace.step()
            if count == window.limit:
                break
            call = self.call_of(number, exchange)
            if not wanted.matches(call):
                continue
            count += 1
            if window.last is None:
                yield call
            else:
                newest.append((number, exchange))
        for number, exchange in newest:
            yield self.call_of(number, exchange)

    async def _newest(
        self, wanted: CallFilter, recorded: list[tuple[int, Exchange]], last: int
    ) -> list[Call]:
        """Return the last of these calls that are wanted, the oldest first. It does not look at
        older ones."""
        newest: list[Call] = []
        pace = Pace()
        for number, exchange in reversed(recorded):
            call = self.call_of(number, exchange)
            if wanted.matches(call):
                newest.append(call)
                if len(newest) == last:
                    break
            await pace.step()
        return newest[::-1]

    async def _complaint(
        self, wanted: CallFilter, times: int | None, found: list[Call], others: list[Call]
    ) -> str:
        expected = "at least one call" if times is None else _count(times, "call")
        lines = [f"Expected {expected} with {wanted}; there {_were(len(found))}."]
        if found:
            lines += ["Those were:", *(f"  {call}" for call in found[-NEAREST:])]
        if not found or (times is not None and len(found) < times):
            lines += await _nearest(wanted, others)
        if self.dropped:
            lines.append(f"{_count(self.dropped, 'older request')} dropped.")
        return "\n".join(lines)


def _line(call: Call) -> str:
    return json_in_one_line(json.dumps(call.document(), ensure_ascii=False)) + "\n"


async def _nearest(wanted: CallFilter, others: list[Call]) -> list[str]:
    if not others:
        return ["There was no other request."]
    pace, ranked = Pace(), []
    for call in others:
        ranked.append((len(wanted.missed(call)), -call.number, call))  # No number is there twice.
        await pace.step()
    lines = [f"The nearest of {_count(len(others), 'other request')}:"]
    for _, _, call in nsmallest(NEAREST, ranked):
        why = ", ".join(f"{name} is {actual(name, call)}" for name in wanted.missed(call))
        lines.append(f"  {call}\n      {why}")
    return lines


def _were(count: int) -> str:
    return "was 1" if count == 1 else f"were {count or 'none'}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
