"""Follow access logs: the entries that were added since they were looked at last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from emulator.telemetry.access_log import AccessLogs, Entry, LogGroup

_MOST_HELD = 100
"""How many entries are held while they are told."""


class LogFollower:
    """Looks from time to time at the log group of a name, or at all.

    What was logged before it was made is not told.
    """

    def __init__(self, logs: AccessLogs, log_group: str | None) -> None:
        self._logs = logs
        self._log_group = log_group
        self._told = {group: group.total for _, group in self._groups()}
        """How many entries of each log group were told or are lost, from its first one on."""
        self._lost: dict[str, int] = {}

    def lost(self) -> list[tuple[str, int]]:
        """Return how many entries each log group has dropped before they were told, if any; they
        are not returned again."""
        for name, group in self._groups():
            self._note_lost(name, group)
        lost, self._lost = self._lost, {}
        return [*lost.items()]

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield the new entries with their log groups, the oldest of each group first."""
        groups = self._groups()
        self._told = {group: self._told.get(group, 0) for _, group in groups}
        for name, group in groups:
            end = group.total
            self._note_lost(name, group)
            while (told := self._told[group]) < end:
                start = told - group.dropped
                some = [*islice(group.operations, start, start + min(_MOST_HELD, end - told))]
                self._told[group] = told + len(some)
                for operation in some:
                    yield name, self._logs.form.entry(operation)
                self._note_lost(name, group)

    def _note_lost(self, name: str, group: LogGroup) -> None:
        """Note what a log group has dropped before it was told, which may be while others are."""
        count = group.dropped - self._told.get(group, 0)
        if count > 0:
            self._told[group] = group.dropped
            self._lost[name] = self._lost.get(name, 0) + count

    def _groups(self) -> list[tuple[str, LogGroup]]:
        groups = self._logs.by_name
        if self._log_group is None:
            return sorted(groups.items())
        group = groups.get(self._log_group)
        return [] if group is None else [(self._log_group, group)]
