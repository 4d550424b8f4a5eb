"""What hints need to know of the requests before one: from the journal's order alone (D166).

The requests are looked at in the order of their numbers, each once, when the journal is read. What
is kept of them is bounded: requests that can still matter to later ones, one record for each store,
and what was found of requests that the journal still has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from emulator.core.exchange import Exchange
from emulator.core.operation import ON_OBJECTS
from emulator.core.outcome import Outcome

PAUSE_NANOSECONDS = 5_000_000
"""A request that follows the same request's 429 sooner than this was sent without a pause. A client
on this machine takes about a millisecond, the shortest pauses of libraries are 10."""

MOST_REQUESTS = 2
"""How many requests between two creations of a store count as one task: a Get, and then a Put."""

CREATIONS = 3
"""From which creation of a row on a store is created for each request."""

_THROTTLED = 429


class Record(Protocol):
    """What is read: the journal."""

    count: int
    generation: int

    @property
    def dropped(self) -> int: ...

    def behind(self, number: int) -> list[tuple[int, Exchange]]: ...

    def exchange(self, number: int) -> Exchange | None: ...


class Past(NamedTuple):
    """What the requests before one say of it: whether it repeats one that was just refused with
    429, the Puts of the same object that ran when it came, and the creation of its store in a row
    of creations that each had few requests between them."""

    is_retry: bool = False
    puts: tuple[Exchange, ...] = ()
    creation: int = 1


NO_PAST = Past()


class _Recent:
    """Requests that run or have ended a short time ago, by place."""

    def __init__(self) -> None:
        self._by_place: dict[object, list[Exchange]] = {}

    def add(self, place: object, exchange: Exchange) -> None:
        self._by_place.setdefault(place, []).append(exchange)

    def at(self, place: object, since: int) -> list[Exchange]:
        """Return those at a place that had not ended before ``since`` (ticks), and forget the
        others."""
        found = self._by_place.get(place)
        if found is None:
            return []
        found = [each for each in found if not each.ended or each.ended >= since]
        if found:
            self._by_place[place] = found
        else:
            del self._by_place[place]
        return found

    def forget(self, before: int) -> None:
        """Forget what has ended before that (ticks)."""
        for place in [*self._by_place]:
            self.at(place, before)


@dataclass(slots=True)
class _Creation:
    """The last creation of a store, its place in a row, and how many requests for objects of the
    store have followed it."""

    number: int
    exchange: Exchange
    row: int
    requests: int = 0


class History:
    """Says of each request what those before it mean to it."""

    def __init__(self) -> None:
        self._generation = -1
        self._forget()

    def _forget(self) -> None:
        self._position = self._begun = 0
        self._refused, self._puts = _Recent(), _Recent()
        self._creations: dict[str, _Creation] = {}
        self._past: dict[int, tuple[Exchange, Past]] = {}

    def of(self, number: int, exchange: Exchange) -> Past:
        """Return what was found of a request that was noted."""
        noted, past = self._past.get(number, (exchange, NO_PAST))
        return past if noted is exchange else NO_PAST  # The journal was cleared meanwhile.

    def read(self, record: Record) -> Iterator[None]:
        """Note the requests that are new, one at each step. Others may do so meanwhile."""
        if self._generation != record.generation:
            self._generation = record.generation
            self._forget()
        if self._position == record.count:
            return
        generation = self._generation
        for number, exchange in record.behind(self._position):
            if not generation == self._generation == record.generation:
                return
            if number > self._position:
                self.note(number, exchange)
            yield
        self.forget_old(record)

    def note(self, number: int, exchange: Exchange) -> None:
        """Note a request; those before it were noted already, or are of no interest."""
        self._position, self._begun = number, exchange.begun
        name = exchange.operation.name
        past = Past(self._is_retry(exchange), self._running_puts(exchange))
        if name == "CreateOrUpdateObjectStore":
            past = past._replace(creation=self._creation(number, exchange))
        elif name == "DeleteObjectStore":
            self._creations.pop(exchange.operation.store, None)
        elif name in ON_OBJECTS and exchange.operation.store in self._creations:
            self._creations[exchange.operation.store].requests += 1
        if past != NO_PAST:
            self._past[number] = exchange, past
        if not exchange.ended or exchange.status == _THROTTLED:
            self._refused.add(exchange.target, exchange)
        if name == "PutObject":
            self._puts.add((exchange.operation.store, exchange.operation.key), exchange)

    def _is_retry(self, exchange: Exchange) -> bool:
        since = exchange.begun - PAUSE_NANOSECONDS
        return any(
            each.status == _THROTTLED
            and 0 < each.ended <= exchange.begun
            and each.method == exchange.method
            and each.operation.credentials == exchange.operation.credentials
            for each in self._refused.at(exchange.target, since)
        )

    def _running_puts(self, exchange: Exchange) -> tuple[Exchange, ...]:
        operation = exchange.operation
        if operation.name != "GetObject":
            return ()
        return tuple(self._puts.at((operation.store, operation.key), exchange.begun + 1))

    def _creation(self, number: int, exchange: Exchange) -> int:
        """Note the creation of a store; return its place in a row of such creations."""
        store, row = exchange.operation.store, 1
        last = self._creations.get(store)
        if last is not None and 1 <= last.requests <= MOST_REQUESTS:
            had_ended = 0 < last.exchange.ended <= exchange.begun
            if had_ended and last.exchange.operation.outcome is Outcome.OK:
                row = last.row + 1
        self._creations[store] = _Creation(number, exchange, row)
        return row

    def forget_old(self, record: Record) -> None:
        """Forget what can mean nothing to requests after the last one that was noted, and what the
        journal has dropped."""
        self._refused.forget(self._begun - PAUSE_NANOSECONDS)
        self._puts.forget(self._begun)
        dropped = record.dropped
        most = 2 * (record.count - dropped) + 100
        if len(self._past) > most:
            self._past = {each: found for each, found in self._past.items() if each > dropped}
        if len(self._creations) > most:
            self._creations = {
                store: each for store, each in self._creations.items() if each.number > dropped
            }
