"""The handles of access logs and metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.handles.run import Handle, written

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from emulator.control.conditions import EntryConditions, MetricDimensions


class AccessLogsHandle(Handle):
    """The access logs of the stores that have one, by log group.

    Conditions are the members of an entry, and hold where a value is the same, as in
    ``entries("media", status="miss", key="live/1.ts")``.
    """

    def groups(self) -> list[dict[str, Any]]:
        """Every log group that has entries, that a store has, or that was said to exist: its name
        (``log_group``), how many entries it has (``count``), and how many older ones have been
        ``dropped``."""
        return self._run(lambda control: control.telemetry.log_groups())

    def entries(
        self, log_group: str, **conditions: Unpack[EntryConditions]
    ) -> list[dict[str, Any]]:
        """The last entries of a log group that fulfil the conditions, the oldest first.

        Raises:
            LookupError: no store has that log group, and nobody has said that it exists.
            ValueError: no entry has such a member.
        """
        return self._run(lambda control: control.telemetry.entries(log_group, conditions))

    def last(self, log_group: str, **conditions: Unpack[EntryConditions]) -> dict[str, Any]:
        """The last entry of a log group that fulfils the conditions.

        Raises:
            LookupError: there is no such entry, or no such log group.
            ValueError: no entry has such a member.
        """
        entries = self.entries(log_group, **conditions)
        if not entries:
            raise LookupError(f"no such entry is in the log group {log_group}")
        return entries[-1]

    def to_json_lines(self, log_group: str, path: str | Path | None = None) -> str:
        """The last entries of a log group as JSON, one a line; written to ``path`` too if that is
        given.

        Raises:
            LookupError: no store has that log group, and nobody has said that it exists.
            OSError: the file cannot be written.
        """
        lines = self._run(lambda control: control.telemetry.log_lines(log_group))
        return written(lines, path)

    def deliver(self) -> None:
        """Have CloudWatch told now, with ``--cloudwatch``, of the entries and metrics that wait for
        that; by itself it is told about once a second."""
        self._run(lambda control: control.telemetry.deliver())

    def clear(self) -> None:
        """Forget every entry. What has been delivered elsewhere stays there."""
        self._ask(lambda control: control.telemetry.clear_logs())


class MetricsHandle(Handle):
    """The metrics of the stores that have some.

    Dimensions are ``ObjectStore``, ``Api``, ``Result``, ``HttpStatusCode``, ``AccountId`` and
    ``Endpoint``.
    """

    def all(self, **dimensions: Unpack[MetricDimensions]) -> list[dict[str, Any]]:
        """The metrics with these dimensions, as in ``all(Api="GetObject", Result="CacheHit")``:
        each has ``name``, ``unit``, ``dimensions``, ``sample_count``, ``sum``, ``minimum`` and
        ``maximum``.

        Raises:
            ValueError: there is no such dimension.
        """
        return self._run(lambda control: control.telemetry.metrics(dimensions))

    def sum(self, name: str, **dimensions: Unpack[MetricDimensions]) -> int:
        """The sum of the values of a metric with these dimensions, as in ``sum("Requests",
        HttpStatusCode=404)``; 0 where it has had none.

        Those by result count the same requests again, and so only if ``Result`` or
        ``HttpStatusCode`` is among the dimensions.

        Raises:
            ValueError: there is no such metric or dimension.
        """
        return self._run(lambda control: control.telemetry.sum(name, dimensions))

    def to_prometheus(self, path: str | Path | None = None) -> str:
        """Every metric in the text form of Prometheus; written to ``path`` too if that is given.

        Raises:
            ValueError: what writes it is not installed.
            OSError: the file cannot be written.
        """
        return written(self._run(lambda control: control.telemetry.exposition()), path)

    def clear(self) -> None:
        """Count from nothing again."""
        self._ask(lambda control: control.telemetry.clear_metrics())
