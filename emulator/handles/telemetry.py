"""The handles of access logs and metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.core.documents import unknown
from emulator.handles.run import Run, written
from emulator.telemetry.access_log import MEMBERS
from emulator.telemetry.metrics import DIMENSIONS, NAMES, PER_RESULT

if TYPE_CHECKING:
    from emulator.app import App


class AccessLogsHandle:
    """The access logs of the stores that have one, by log group.

    Conditions are the members of an entry, and hold where a value is the same, as in
    ``entries("media", status="miss", key="live/1.ts")``.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def groups(self) -> list[dict[str, Any]]:
        """Every log group that has entries, that a store has, or that was said to exist: its name
        (``log_group``), how many entries it has (``count``), and how many older ones have been
        ``dropped``."""

        async def work(app: App) -> list[dict[str, Any]]:
            return await app.telemetry.log_groups()

        return self._run(work)

    def entries(self, log_group: str, **conditions: Any) -> list[dict[str, Any]]:
        """The last entries of a log group that fulfil the conditions, the oldest first.

        Raises:
            LookupError: no store has that log group, and nobody has said that it exists.
            ValueError: no entry has such a member.
        """

        async def work(app: App) -> list[dict[str, Any]]:
            _require_known("member", conditions, MEMBERS)
            entries: list[dict[str, Any]] = (await app.telemetry.log(log_group))["entries"]
            return entries

        wanted = conditions.items()
        return [entry for entry in self._run(work) if wanted <= entry.items()]

    def last(self, log_group: str, **conditions: Any) -> dict[str, Any]:
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

        async def work(app: App) -> str:
            return await app.telemetry.log_lines(log_group)

        return written(self._run(work), path)

    def deliver(self) -> None:
        """Have CloudWatch told now, with ``--cloudwatch``, of the entries and metrics that wait for
        that; by itself it is told about once a second."""

        async def work(app: App) -> None:
            await app.telemetry.deliver()

        self._run(work)

    def clear(self) -> None:
        """Forget every entry. What has been delivered elsewhere stays there."""

        async def work(app: App) -> None:
            app.telemetry.clear_logs()

        self._run(work)


class MetricsHandle:
    """The metrics of the stores that have some.

    Dimensions are ``ObjectStore``, ``Api``, ``Result``, ``HttpStatusCode``, ``AccountId`` and
    ``Endpoint``.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def all(self, **dimensions: object) -> list[dict[str, Any]]:
        """The metrics with these dimensions, as in ``all(Api="GetObject", Result="CacheHit")``:
        each has ``name``, ``unit``, ``dimensions``, ``sample_count``, ``sum``, ``minimum`` and
        ``maximum``.

        Raises:
            ValueError: there is no such dimension.
        """

        async def work(app: App) -> list[dict[str, Any]]:
            _require_known("dimension", dimensions, DIMENSIONS)
            metrics: list[dict[str, Any]] = (await app.telemetry.describe_metrics())["metrics"]
            return metrics

        wanted = {name: str(value) for name, value in dimensions.items()}.items()
        return [each for each in self._run(work) if wanted <= each["dimensions"].items()]

    def sum(self, name: str, **dimensions: object) -> int:
        """The sum of the values of a metric with these dimensions, as in ``sum("Requests",
        HttpStatusCode=404)``; 0 where it has had none.

        Those by result count the same requests again, and so only if ``Result`` or
        ``HttpStatusCode`` is among the dimensions.

        Raises:
            ValueError: there is no such metric or dimension.
        """

        async def check(_app: App) -> None:
            _require_known("metric", (name,), NAMES)

        self._run(check)
        by_result = name in PER_RESULT or not dimensions.keys().isdisjoint(_OF_RESULTS)
        return sum(
            each["sum"]
            for each in self.all(**dimensions)
            if each["name"] == name and ("Result" in each["dimensions"]) == by_result
        )

    def to_prometheus(self, path: str | Path | None = None) -> str:
        """Every metric in the text form of Prometheus; written to ``path`` too if that is given.

        Raises:
            ValueError: what writes it is not installed.
            OSError: the file cannot be written.
        """

        async def work(app: App) -> str:
            return (await app.telemetry.exposition())[0].decode()

        return written(self._run(work), path)

    def clear(self) -> None:
        """Count from nothing again."""

        async def work(app: App) -> None:
            app.telemetry.clear_metrics()

        self._run(work)


_OF_RESULTS = ("Result", "HttpStatusCode")


def _require_known(
    what: str, names: Mapping[str, object] | Collection[str], known: Collection[str]
) -> None:
    for name in names:
        if name not in known:
            raise unknown(what, name, known)
