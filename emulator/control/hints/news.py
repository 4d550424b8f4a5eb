"""Tells each kind of hint once: for the log (D166)."""

from __future__ import annotations

from emulator.control.hints.finder import Hints
from emulator.control.hints.hint import Hint
from emulator.control.hints.history import Record
from emulator.core.exchange import Exchange

MOST = 25
"""How many requests a look describes at most, the last ones: it must not slow down the others. What
a client leans on comes again."""


class NewHints:
    """Looks at a journal from time to time, from now on.

    Args:
        record: the journal.
        hints: finds the hints of its requests, and is nobody else's.
    """

    def __init__(self, record: Record, hints: Hints) -> None:
        self._record = record
        self._hints = hints
        self._told: set[str] = set()
        self._begin(record.count)

    def _begin(self, position: int) -> None:
        self._generation = self._record.generation
        self._position = position
        self._waiting: list[tuple[int, Exchange]] = []
        self._hints.begin(position)

    @property
    def is_up_to_date(self) -> bool:
        """Whether a look would find nothing, now or as long as no request comes."""
        record = self._record
        is_same = record.generation == self._generation and record.count == self._position
        return is_same and not self._waiting

    def look(self) -> list[tuple[int, Hint]]:
        """Return the hints that were not told before, each with the number of its request."""
        record = self._record
        if record.generation != self._generation:
            self._begin(0)
        if self._position < record.count - MOST:
            self._begin(record.count - MOST)
        looked_at = [*self._waiting, *record.behind(self._position)][-MOST:]
        self._position = record.count
        self._waiting = [(number, each) for number, each in looked_at if not each.ended]
        found: list[tuple[int, Hint]] = []
        for number, exchange in looked_at:
            if not exchange.ended:
                continue
            new = [each for each in self._hints.of(number, exchange) if each.id not in self._told]
            self._told.update(each.id for each in new)
            found += ((number, each) for each in new)
        return found
