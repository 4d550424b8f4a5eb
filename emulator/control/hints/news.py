"""Tells each kind of hint once: for the log (D166)."""

from __future__ import annotations

from emulator.control.hints.finder import Hints
from emulator.control.hints.hint import Hint
from emulator.control.hints.history import History, Record
from emulator.core.exchange import Exchange

_MOST_RUNNING = 200
"""How many requests that run are kept in mind, the last ones."""


class NewHints:
    """Looks at the requests of a journal, the oldest first.

    Args:
        record: the journal.
        hints: finds the hints of its requests.
    """

    def __init__(self, record: Record, hints: Hints) -> None:
        self._record = record
        self._hints = hints
        self._told: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._generation = self._record.generation
        self._position = 0
        self._waiting: list[tuple[int, Exchange]] = []
        self._history = History()

    @property
    def is_up_to_date(self) -> bool:
        """Whether a look would find nothing, now or as long as no request comes."""
        record = self._record
        is_same = record.generation == self._generation and record.count == self._position
        return is_same and not self._waiting

    def look(self, most: int) -> list[tuple[int, Hint]]:
        """Look at the next requests, ``most`` at most. Return the hints that were not told before,
        each with the number of its request."""
        record = self._record
        if record.generation != self._generation:
            self._begin()
        ended: list[tuple[int, Exchange]] = []
        running: list[tuple[int, Exchange]] = []
        for each in [*self._waiting, *self._next(most)]:
            (ended if each[1].ended else running).append(each)
        self._waiting = running[-_MOST_RUNNING:]
        found: list[tuple[int, Hint]] = []
        for number, exchange in ended:
            hints = self._hints.found(number, exchange, self._history)
            new = [each for each in hints if each.id not in self._told]
            self._told.update(each.id for each in new)
            found += ((number, each) for each in new)
        self._history.forget_old(record)
        return found

    def _next(self, most: int) -> list[tuple[int, Exchange]]:
        """Note the next requests, and return them."""
        begin = max(self._position, self._record.dropped)
        self._position = min(begin + most, self._record.count)
        found: list[tuple[int, Exchange]] = []
        for number in range(begin + 1, self._position + 1):
            exchange = self._record.exchange(number)
            if exchange is not None:
                self._history.note(number, exchange)
                found.append((number, exchange))
        return found
