"""Access logs and metrics for people to look at, whatever becomes of them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from emulator.errors import BadRequestError, NotFoundError
from emulator.service.stores import Stores
from emulator.telemetry.access_log import AccessLogs
from emulator.telemetry.metrics import Metrics


class Telemetry:
    """What has been logged and counted.

    Args:
        log_groups: those that were said to exist, beside those that stores have.
        account_id: says whose the stores are, a dimension of every metric.
    """

    def __init__(
        self,
        logs: AccessLogs,
        metrics: Metrics,
        stores: Stores,
        *,
        log_groups: Collection[str],
        account_id: Callable[[], Awaitable[str]],
    ) -> None:
        self.endpoint = ""
        """Where the emulator is, as ``host:port``: a dimension of every metric."""
        self._logs = logs
        self._metrics = metrics
        self._stores = stores
        self._known = log_groups
        self._account_id = account_id

    async def log_groups(self) -> list[dict[str, Any]]:
        """Every log group that there is, by name, with how many entries it has had."""
        counted = {each["log_group"]: each for each in self._logs.groups()}
        names = sorted({*counted, *self._known, *await self._configured()})
        none = {"count": 0, "dropped": 0}
        return [counted.get(name, {"log_group": name, **none}) for name in names]

    async def log(self, log_group: str) -> dict[str, Any]:
        """The entries of a log group as a JSON document.

        Raises:
            NotFoundError: there is no such group. The message lists those that there are.
        """
        names = [each["log_group"] for each in await self.log_groups()]
        if log_group not in names:
            there_are = ", ".join(names) or "none"
            raise NotFoundError(f"There is no log group {log_group!r}; there are {there_are}")
        return self._logs.describe(log_group)

    async def log_lines(self, log_group: str) -> str:
        """The entries of a log group as JSON, one a line.

        Raises:
            NotFoundError: there is no such group.
        """
        entries = (await self.log(log_group))["entries"]
        return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)

    async def describe_metrics(self) -> dict[str, Any]:
        """Every metric as a JSON document."""
        return self._metrics.describe(await self._dimensions())

    async def exposition(self) -> tuple[bytes, str]:
        """Every metric in the text form of Prometheus, and the media type of that.

        Raises:
            BadRequestError: what writes it is not installed.
        """
        try:
            from emulator.telemetry.prometheus import CONTENT_TYPE, exposition
        except ModuleNotFoundError as error:
            raise BadRequestError(
                f"The format prometheus needs what is not installed here ({error.name}): "
                "pip install 'momento-objectstore-emulator[prometheus]'"
            ) from None
        return exposition(self._metrics.all(), await self._dimensions()), CONTENT_TYPE

    def clear_logs(self) -> None:
        """Forget every entry."""
        self._logs.clear()

    def clear_metrics(self) -> None:
        """Count from nothing again."""
        self._metrics.clear()

    async def _configured(self) -> list[str]:
        destinations = [store.access_logs for store in await self._stores.list()]
        return [each.log_group_name for each in destinations if each is not None]

    async def _dimensions(self) -> Mapping[str, str]:
        return {"AccountId": await self._account_id(), "Endpoint": self.endpoint}
