"""The handles of access logs and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.handles.run import Run

if TYPE_CHECKING:
    from emulator.app import App


class AccessLogsHandle:
    """The access logs of the stores that have one, by log group."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def groups(self) -> list[dict[str, Any]]:
        """Every log group that a store has, or that was said to exist, with its ``count``."""

        async def work(app: App) -> list[dict[str, Any]]:
            return await app.telemetry.log_groups()

        return self._run(work)

    def entries(self, log_group: str) -> list[dict[str, Any]]:
        """The last entries of a log group, the oldest first.

        Raises:
            LookupError: no store has that log group, and nobody has said that it exists.
        """

        async def work(app: App) -> list[dict[str, Any]]:
            entries: list[dict[str, Any]] = (await app.telemetry.log(log_group))["entries"]
            return entries

        return self._run(work)

    def clear(self) -> None:
        """Forget every entry. What has been delivered elsewhere stays there."""

        async def work(app: App) -> None:
            app.telemetry.clear_logs()

        self._run(work)


class MetricsHandle:
    """The metrics of the stores that have some."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def all(self, **dimensions: str) -> list[dict[str, Any]]:
        """The metrics with these dimensions, as in ``all(Api="GetObject", Result="CacheHit")``:
        each has ``name``, ``unit``, ``dimensions``, ``sample_count``, ``sum``, ``minimum`` and
        ``maximum``."""

        async def work(app: App) -> list[dict[str, Any]]:
            metrics: list[dict[str, Any]] = (await app.telemetry.describe_metrics())["metrics"]
            return metrics

        wanted = dimensions.items()
        return [each for each in self._run(work) if wanted <= each["dimensions"].items()]

    def sum(self, name: str, **dimensions: str) -> int:
        """The sum of the values of a metric with these dimensions; 0 where it has had none.

        Those by result count the same requests again, and so only if ``Result`` is among the
        dimensions.
        """
        by_result = name == "ObjectAge" or "Result" in dimensions
        return sum(
            each["sum"]
            for each in self.all(**dimensions)
            if each["name"] == name and ("Result" in each["dimensions"]) == by_result
        )

    def clear(self) -> None:
        """Count from nothing again."""

        async def work(app: App) -> None:
            app.telemetry.clear_metrics()

        self._run(work)
