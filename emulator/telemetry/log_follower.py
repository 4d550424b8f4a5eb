"""Follow access logs: the entries that were added since they were looked at last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from emulator.telemetry.access_log import AccessLogs, Entry, LogGroup


class LogFollower:
    """Looks from time to time at the log group of a name, or at all. It holds no entries.

    What was logged before it was made is not told.
    """

    def __init__(self, logs: AccessLogs, log_group: str | None) -> None:
        self._logs = logs
        self._log_group = log_group
        self._told = {group: group.total for _, group in self._groups()}

    def lost(self) -> list[tuple[str, int]]:
        """Return how many entries each log group has dropped before they were told, if any; they
        are not returned again."""
        lost = []
        for name, group in self._groups():
            count = group.dropped - self._told.get(group, 0)
            if count > 0:
                self._told[group] = group.dropped
                lost.append((name, count))
        return lost

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield the new entries with their log groups, the oldest of each group first."""
        groups = self._groups()
        self._told = {group: self._told.get(group, 0) for _, group in groups}
        for name, group in groups:
            count = group.total - max(self._told[group], group.dropped)
            self._told[group] = group.total
            start = len(group.operations) - count
            for operation in [*islice(group.operations, max(0, start), None)]:
                yield name, self._logs.form.entry(operation)

    def _groups(self) -> list[tuple[str, LogGroup]]:
        groups = self._logs.by_name
        if self._log_group is None:
            return sorted(groups.items())
        group = groups.get(self._log_group)
        return [] if group is None else [(self._log_group, group)]
