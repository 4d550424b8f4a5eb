"""Finds the hints of recorded requests, when somebody reads the journal (D165)."""

from __future__ import annotations

from emulator.control.hints.hint import Hint
from emulator.control.hints.history import History, Record
from emulator.control.hints.seen import Seen, Setting
from emulator.control.hints.table import Rule, rules_of
from emulator.core.exchange import Exchange
from emulator.core.revisions import Revision
from emulator.core.slices import Pace


class Hints:
    """Finds the hints of the requests in one journal.

    Args:
        record: the journal.
        revision: the revision that answers.
        setting: how the emulator is set.
    """

    def __init__(self, record: Record, revision: Revision, setting: Setting) -> None:
        self._record = record
        self._setting = setting
        self._history = History()
        self._rules = rules_of(revision)
        self._by_operation: dict[str, list[tuple[Rule, Hint]]] = {}

    async def prepare(self) -> None:
        """Look at all requests so far, and let others have their turn meanwhile."""
        pace = Pace()
        for _ in self._history.read(self._record):
            await pace.step()

    def of(self, number: int, exchange: Exchange) -> tuple[Hint, ...]:
        """Return the hints of a request, in the order of the table."""
        for _ in self._history.read(self._record):
            pass
        return self.found(number, exchange, self._history)

    def found(self, number: int, exchange: Exchange, history: History) -> tuple[Hint, ...]:
        """Return the hints of a request by a history that has noted it."""
        seen = Seen(exchange, history.of(number, exchange), self._setting)
        rules = self._rules_for(exchange.operation.name)
        return tuple(hint for rule, hint in rules if rule.comes(seen))

    def _rules_for(self, operation: str) -> list[tuple[Rule, Hint]]:
        found = self._by_operation.get(operation)
        if found is None:
            found = self._by_operation[operation] = [
                (rule, rule.hint)
                for rule in self._rules
                if not rule.operations or operation in rule.operations
            ]
        return found
