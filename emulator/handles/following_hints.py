"""Tells each kind of hint once, at times when it slows nobody down (D166)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.control.hints.hint import Hint
from emulator.control.hints.news import NewHints
from emulator.handles.run import Run

if TYPE_CHECKING:
    from emulator.control.journal import Journal
    from emulator.control.parts import Control

__tracebackhide__ = True  # pytest shows the line of the test that called.

BUSY = 5
"""The emulator is busy if more requests than that come between two turns."""

CALM_TURNS, MOST_TURNS = 4, 20
"""After how many turns in a row that were not busy there is a look again, and after how many at the
latest."""

LOOKED_AT, LOOKED_AT_WHEN_BUSY = 200, 5
"""How many requests a look is for at most. The others have their turn once there is time, as long
as the journal has them."""


class FollowingHints:
    """Looks at the journal from time to time.

    Args:
        journal: the journal.
        run: runs work in the thread of the emulator.
    """

    def __init__(self, journal: Journal, run: Run) -> None:
        self._journal = journal
        self._run = run
        self._count = 0
        self._turns_to_calm = self._turns_waited = 0
        self._new: NewHints | None = None

    def turn(self) -> list[tuple[int, Hint]]:
        """Return the hints that were not told before, each with the number of a call; none while
        the emulator is busy. To ask costs the emulator nothing then, or if there was no request.
        """
        count, self._count = self._count, self._journal.count
        self._turns_to_calm = max(0, self._turns_to_calm - 1)
        if self._count - count > BUSY:
            self._turns_to_calm = CALM_TURNS
        if self._is_quiet:
            return []
        self._turns_waited += 1
        if self._turns_to_calm and self._turns_waited < MOST_TURNS:
            return []
        self._turns_waited = 0
        return self.look(LOOKED_AT_WHEN_BUSY if self._turns_to_calm else LOOKED_AT)

    def look(self, most: int = LOOKED_AT) -> list[tuple[int, Hint]]:
        """Look now, at so many requests at most."""
        if self._is_quiet:
            return []

        async def look(_: Control) -> list[tuple[int, Hint]]:
            journal = self._journal
            if self._new is None:
                assert journal.make_hints is not None
                self._new = NewHints(journal, journal.make_hints(journal))
            return self._new.look(most)

        return self._run(look)

    @property
    def _is_quiet(self) -> bool:
        """Whether there was no request since the last look, and none is running."""
        return not self._journal.count if self._new is None else self._new.is_up_to_date
