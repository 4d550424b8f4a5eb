"""Handles of the access logs and the metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.handles.run import Handle, save_text

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from emulator.control.conditions import EntryConditions, MetricDimensions


__tracebackhide__ = True  # pytest shows the line of the test that called.


class AccessLogsHandle(Handle):
    """The access logs of stores, by log group.

    Conditions are members of an entry with the exact value, as in
    ``entries("media", status="miss", key="live/1.ts")``.
    """

    def groups(self) -> list[dict[str, Any]]:
        """Return every log group that has entries, that a store names, or that the option
        ``log_groups`` names: its name (``log_group``), its number of entries (``count``), and the
        number of older ones that were ``dropped``."""
        return self._run(lambda control: control.telemetry.log_groups())

    def entries(
        self, log_group: str, **conditions: Unpack[EntryConditions]
    ) -> list[dict[str, Any]]:
        """Return the entries of a log group that match the conditions, the oldest first.

        Raises:
            LookupError: there is no such log group.
            ValueError: no entry has such a member.
        """
        return self._run(lambda control: control.telemetry.entries(log_group, conditions))

    def last(self, log_group: str, **conditions: Unpack[EntryConditions]) -> dict[str, Any]:
        """Return the last entry of a log group that matches the conditions.

        Raises:
            LookupError: no entry matches, or there is no such log group.
            ValueError: no entry has such a member.
        """
        entries = self.entries(log_group, **conditions)
        if not entries:
            raise LookupError(f"no entry in the log group {log_group} matches")
        return entries[-1]

    def to_json_lines(self, log_group: str, path: str | Path | None = None) -> str:
        """Return the entries of a log group as JSON Lines, and write them to ``path`` if it is
        given.

        Raises:
            LookupError: there is no such log group.
            OSError: the file cannot be written.
        """
        lines = self._run(lambda control: control.telemetry.log_lines(log_group))
        return save_text(lines, path)

    def deliver(self) -> None:
        """Write the waiting entries to the files of ``access_log_dir`` now, and deliver those and
        the metrics that wait for CloudWatch. Files are also written at every look at an access log
        and after a tenth of a second, CloudWatch is called about once a second."""
        self._run(lambda control: control.telemetry.deliver())

    def clear(self) -> None:
        """Forget every entry. Delivered entries stay where they were delivered."""
        self._ask(lambda control: control.telemetry.clear_logs())


class MetricsHandle(Handle):
    """The metrics of stores.

    Dimensions are ``ObjectStore``, ``Api``, ``Result``, ``HttpStatusCode``, ``AccountId`` and
    ``Endpoint``.
    """

    def all(self, **dimensions: Unpack[MetricDimensions]) -> list[dict[str, Any]]:
        """Return the metrics with these dimensions, as in
        ``all(Api="GetObject", Result="CacheHit")``: each has ``name``, ``unit``, ``dimensions``,
        ``sample_count``, ``sum``, ``minimum`` and ``maximum``.

        Raises:
            ValueError: there is no such dimension.
        """
        return self._run(lambda control: control.telemetry.metrics(dimensions))

    def sum(self, name: str, **dimensions: Unpack[MetricDimensions]) -> int:
        """Return the sum of the values of a metric with these dimensions, as in
        ``sum("Requests", HttpStatusCode=404)``; 0 without any value.

        Metrics by result count the same requests a second time. They are summed only if
        ``Result`` or ``HttpStatusCode`` is among the dimensions, and then alone.

        Raises:
            ValueError: there is no such metric or dimension.
        """
        return self._run(lambda control: control.telemetry.sum(name, dimensions))

    def to_prometheus(self, path: str | Path | None = None) -> str:
        """Return every metric in the text format of Prometheus, and write it to ``path`` if it is
        given.

        Raises:
            ValueError: the Prometheus client is not installed.
            OSError: the file cannot be written.
        """
        return save_text(self._run(lambda control: control.telemetry.exposition()), path)

    def clear(self) -> None:
        """Reset every metric to zero."""
        self._ask(lambda control: control.telemetry.clear_metrics())
