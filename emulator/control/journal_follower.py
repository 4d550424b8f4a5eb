"""Follow the journal: which calls have ended since it was looked at last."""

from __future__ import annotations

from typing import NamedTuple

from emulator.control.journal import Journal
from emulator.core.exchange import Exchange


class News(NamedTuple):
    """The numbers of the calls that have ended since the last look, in the order of their ends;
    how many calls the journal has dropped before they were told; whether it was cleared before."""

    ended: list[int]
    lost: int
    is_cleared: bool


class JournalFollower:
    """Looks at a journal from time to time.

    Args:
        since: the number of the last call that is known already; calls that have ended after it
            are told. None for those that end from now on.
    """

    def __init__(self, journal: Journal, since: int | None = None) -> None:
        self._journal = journal
        self._generation = journal.generation
        if since is None:
            self._position = journal.count
            self._running = [number for number, exchange in journal.behind(0) if not exchange.ended]
        elif since > journal.count:  # The journal was cleared since.
            self._generation, self._position, self._running = -1, 0, []
        else:
            last = journal.exchange(since)
            ended = None if last is None else last.ended
            self._position = since
            self._running = [
                number
                for number, exchange in journal.behind(0)
                if number <= since and (not exchange.ended or (ended and exchange.ended > ended))
            ]

    @property
    def is_up_to_date(self) -> bool:
        """Whether a look would find nothing, now or as long as no request comes."""
        journal = self._journal
        is_same = journal.generation == self._generation and journal.count == self._position
        return is_same and not self._running

    def look(self) -> News:
        """Return what is new. A call is told once."""
        journal, is_cleared = self._journal, False
        if journal.generation != self._generation:
            self._generation, self._position, self._running = journal.generation, 0, []
            is_cleared = True
        dropped = journal.dropped
        lost = max(0, dropped - self._position)
        ended: list[tuple[int, int]] = []
        running: list[int] = []
        for number in self._running:
            exchange = journal.exchange(number)
            if exchange is None:
                lost += 1
            elif exchange.ended:
                ended.append((exchange.ended, number))
            else:
                running.append(number)
        for number, exchange in journal.behind(self._position):
            if exchange.ended:
                ended.append((exchange.ended, number))
            else:
                running.append(number)
        self._position, self._running = journal.count, running
        return News([number for _, number in sorted(ended)], lost, is_cleared)

    def exchange(self, number: int) -> Exchange | None:
        """Return a call that is news; None if the journal has dropped it since."""
        if self._journal.generation != self._generation:
            return None
        return self._journal.exchange(number)
