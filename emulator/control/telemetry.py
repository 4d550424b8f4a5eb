"""Access logs and metrics of an emulator, readable also where they are delivered nowhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emulator.control.conditions import EntryConditions, MetricDimensions
from emulator.core.documents import unknown
from emulator.core.errors import BadRequestError, NotFoundError
from emulator.core.one_line import json_in_one_line
from emulator.core.revisions import Feature, Revision, latest
from emulator.service.stores import Stores
from emulator.telemetry.metrics import NAMES, PER_RESULT
from emulator.telemetry.pipeline import TelemetryPipeline

if TYPE_CHECKING:
    from emulator.telemetry.log_follower import LogFollower


class Telemetry:
    """Reads and clears the access logs and the metrics.

    Args:
        revision: whether it has access logs and metrics.
        account_id: returns the id of the account, a dimension of every metric.
        endpoint: returns the emulator's ``host:port``, another dimension.
    """

    def __init__(
        self,
        pipeline: TelemetryPipeline,
        stores: Stores,
        *,
        revision: Revision,
        account_id: Callable[[], Awaitable[str]],
        endpoint: Callable[[], str],
    ) -> None:
        self._pipeline = pipeline
        self._revision = revision
        self._logs = pipeline.access_logs
        self._metrics = pipeline.metrics
        self._stores = stores
        self._account_id = account_id
        self._endpoint = endpoint

    async def log_groups(self) -> list[dict[str, Any]]:
        """Return every existing log group, sorted by name, with its number of entries.

        Files of access logs then have all of these, as after every other look at an access log.

        Raises:
            NotFoundError: the revision has no access logs.
        """
        self._require(Feature.ACCESS_LOGS)
        counted = {each["log_group"]: each for each in self._logs.groups()}
        names = sorted({*counted, *self._pipeline.log_groups.names, *await self._configured()})
        self._pipeline.flush()  # Last: requests are logged while the stores are read.
        none = {"count": 0, "dropped": 0}
        return [counted.get(name, {"log_group": name, **none}) for name in names]

    async def log(self, log_group: str) -> dict[str, Any]:
        """Return the entries of a log group as a JSON document.

        Raises:
            NotFoundError: there is no such group. The message lists the existing ones.
        """
        names = [each["log_group"] for each in await self.log_groups()]
        if log_group not in names:
            known = ", ".join(names) or "none"
            raise NotFoundError(f"There is no log group {log_group!r}; the log groups are: {known}")
        return self._logs.describe(log_group)

    async def entries(
        self, log_group: str, conditions: Mapping[str, object]
    ) -> list[dict[str, Any]]:
        """Return the entries of a log group whose members have these values, the oldest first.

        Raises:
            BadRequestError: no entry has such a member.
            NotFoundError: there is no such group.
        """
        _require_known("member", conditions, EntryConditions.__annotations__)
        entries: list[dict[str, Any]] = (await self.log(log_group))["entries"]
        return [entry for entry in entries if conditions.items() <= entry.items()]

    def follow(self, log_group: str | None) -> LogFollower:
        """Follow a log group that exists, or all of them."""
        from emulator.telemetry.log_follower import LogFollower

        return LogFollower(self._logs, log_group)

    async def log_lines(self, log_group: str) -> str:
        """Return the entries of a log group as JSON Lines.

        Raises:
            NotFoundError: there is no such group.
        """
        entries = await self.entries(log_group, {})
        documents = (json.dumps(entry, ensure_ascii=False) for entry in entries)
        return "".join(f"{json_in_one_line(each)}\n" for each in documents)

    async def describe_metrics(self) -> dict[str, Any]:
        """Return every metric as a JSON document.

        Raises:
            NotFoundError: the revision has no metrics.
        """
        self._require(Feature.METRICS)
        return self._metrics.describe(await self._dimensions())

    async def metrics(self, dimensions: Mapping[str, object]) -> list[dict[str, Any]]:
        """Return the metrics with these dimensions.

        Raises:
            BadRequestError: there is no such dimension.
            NotFoundError: the revision has no metrics.
        """
        _require_known("dimension", dimensions, MetricDimensions.__annotations__)
        wanted = {name: str(value) for name, value in dimensions.items()}.items()
        metrics: list[dict[str, Any]] = (await self.describe_metrics())["metrics"]
        return [each for each in metrics if wanted <= each["dimensions"].items()]

    async def sum(self, name: str, dimensions: Mapping[str, object]) -> int:
        """Return the sum of the values of a metric with these dimensions.

        Metrics by result count the same requests a second time. They are summed only if
        ``dimensions`` has ``Result`` or ``HttpStatusCode``, and then alone.

        Raises:
            BadRequestError: there is no such metric or dimension.
            NotFoundError: the revision has no metrics.
        """
        _require_known("metric", (name,), NAMES)
        by_result = name in PER_RESULT or not dimensions.keys().isdisjoint(_OF_RESULTS)
        return sum(
            each["sum"]
            for each in await self.metrics(dimensions)
            if each["name"] == name and ("Result" in each["dimensions"]) == by_result
        )

    async def exposition(self) -> str:
        """Return every metric in the text format of Prometheus.

        Raises:
            BadRequestError: the Prometheus client is not installed.
            NotFoundError: the revision has no metrics.
        """
        self._require(Feature.METRICS)
        try:
            from emulator.telemetry.prometheus import exposition
        except ModuleNotFoundError as error:
            from emulator.core.installation import missing_package

            raise BadRequestError(
                missing_package("The format prometheus", error.name, "prometheus")
            ) from None
        return exposition(self._metrics.all(), await self._dimensions())

    async def deliver(self) -> None:
        """Write the entries that wait to files, and deliver those and the metrics that wait to
        CloudWatch, now."""
        await self._pipeline.deliver()

    def clear_logs(self) -> None:
        """Forget every entry."""
        self._pipeline.flush()
        self._logs.clear()

    def clear_metrics(self) -> None:
        """Reset every metric to zero."""
        self._metrics.clear()

    def _require(self, feature: Feature) -> None:
        """Refuse an answer that would always be empty, and say which revision is needed."""
        if not self._revision.has(feature):
            raise NotFoundError(
                f"Revision {self._revision.date} of the API has no {feature.value}: "
                f"start with --api-revision {latest().date}"
            )

    async def _configured(self) -> list[str]:
        destinations = [store.access_logs for store in await self._stores.list()]
        return [each.log_group_name for each in destinations if each is not None]

    async def _dimensions(self) -> Mapping[str, str]:
        return {"AccountId": await self._account_id(), "Endpoint": self._endpoint()}


_OF_RESULTS = ("Result", "HttpStatusCode")


def _require_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown(what, name, known)
