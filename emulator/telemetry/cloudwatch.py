"""Access logs and metrics in CloudWatch, delivered behind all requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from emulator.aws.clients import AwsClients
from emulator.core.background import in_background
from emulator.core.model import LogDestination, MetricsDestination
from emulator.core.operation import Operation
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.telemetry.access_log import Entry
from emulator.telemetry.cloudwatch_calls import LOGS, METRICS, Calls
from emulator.telemetry.cloudwatch_logs import LogOutbox, event_of, log_group_exists
from emulator.telemetry.cloudwatch_metrics import MetricsOutbox
from emulator.telemetry.cloudwatch_outbox import Outbox

logger = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
"""How often what waits is delivered. It is real time, whatever the emulator's clock does."""

CLOSE_SECONDS = 3.0
"""How long a stop waits for the last delivery."""

CAPACITY = 100_000
"""How many entries of access logs wait while CloudWatch takes none; of more, the oldest go."""

STREAM_PREFIX = "momento-objectstore-emulator/"


class CloudWatch:
    """Delivers entries and counts, about once a second. No request waits for it or fails with it.

    Args:
        endpoint: the URL of all its services; None for AWS's own.
        account_id: says which account the stores belong to.
        endpoint_name: says where the emulator is, the dimension ``Endpoint``.
        timeout: how many seconds a call may take, all its attempts together.
        assume_role: whether the role of each destination is assumed, with an external id as for the
            storage role (D74); otherwise the emulator's own credentials are used.
        capacity: how many entries wait at most.
    """

    def __init__(
        self,
        endpoint: str | None,
        *,
        account_id: Callable[[], Awaitable[str]],
        endpoint_name: Callable[[], str],
        timeout: float = 30.0,
        assume_role: bool = False,
        capacity: int = CAPACITY,
    ) -> None:
        clients = AwsClients("--cloudwatch", endpoint_url=endpoint, timeout=timeout)
        self._calls = Calls(clients, account_id if assume_role else None)
        self._account_id = account_id
        self._endpoint_name = endpoint_name
        self._capacity = capacity
        self._stream = STREAM_PREFIX + uuid.uuid4().hex
        self._log = RateLimitedLogger(logger)
        self._logs: dict[tuple[LogDestination, str], LogOutbox] = {}
        self._metrics: dict[tuple[MetricsDestination, str], MetricsOutbox] = {}
        self._entries = 0
        """How many entries wait, or more than that: it is not told of deliveries."""
        self._rounds: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find credentials and begin to deliver. CloudWatch itself is not asked for anything.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is none.
        """
        await self._calls.start()
        self._rounds = in_background(self._deliver_in_rounds())

    def deliver(self, destination: LogDestination, entry: Entry) -> None:
        """Have an entry wait for the next delivery."""
        place = (destination, self._name_in_use(entry["store"]))
        outbox = self._logs.get(place)
        if outbox is None:
            caller = self._calls.caller(
                LOGS, destination.region, destination.iam_role_arn, entry["store"]
            )
            outbox = LogOutbox(destination, self._stream, caller, self._log)
            self._logs[place] = outbox
        outbox.add(event_of(entry))
        self._entries += 1
        if self._entries > self._capacity:
            self._make_room()

    def observe(self, operation: Operation) -> None:
        """Count an operation for the next delivery, if its store has metrics."""
        store = operation.configured
        if store is None or store.metrics is None or operation.outcome is None:
            return
        destination = store.metrics
        place = (destination, self._name_in_use(store.name))
        outbox = self._metrics.get(place)
        if outbox is None:
            caller = self._calls.caller(
                METRICS, destination.region, destination.iam_role_arn, store.name
            )
            outbox = MetricsOutbox(destination, self._common, caller, self._log)
            self._metrics[place] = outbox
        outbox.count(operation)

    async def flush(self) -> None:
        """Deliver all that waits now. What CloudWatch does not take at once goes on waiting."""
        outboxes = [outbox for outbox in self._outboxes() if not outbox.is_empty]
        await asyncio.gather(*(outbox.flush() for outbox in outboxes))

    async def log_group_exists(self, destination: LogDestination, store_name: str) -> bool:
        """Whether there is a log group of that name in that region, as the store's role sees it.

        Raises:
            EngineUnavailableError: CloudWatch cannot say so. The text is the cause.
        """
        caller = self._calls.caller(LOGS, destination.region, destination.iam_role_arn, store_name)
        return await log_group_exists(caller, destination.log_group_name)

    async def clear(self) -> None:
        """Forget all that waits."""
        outboxes = self._outboxes()
        self._logs, self._metrics, self._entries = {}, {}, 0
        await _stop(outboxes)

    async def close(self) -> None:
        """Deliver what waits, as far as there is time, and end."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.wait({self._rounds})
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.flush(), CLOSE_SECONDS)
            await _stop(self._outboxes())
            self._tell_what_is_left()
        await self._calls.close()

    async def _deliver_in_rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            for outbox in self._outboxes():
                if not outbox.is_empty:
                    outbox.begin()

    async def _common(self) -> Mapping[str, str]:
        return {"AccountId": await self._account_id(), "Endpoint": self._endpoint_name()}

    def _name_in_use(self, store_name: str) -> str:
        """The store's name, if what goes to one place has to be told apart by it."""
        return store_name if self._calls.assume_roles else ""

    def _outboxes(self) -> list[Outbox[Any]]:
        return [*self._logs.values(), *self._metrics.values()]

    def _make_room(self) -> None:
        """Drop entries where most of them wait, some at once: to look for that place takes time."""
        outboxes = self._logs.values()
        self._entries = sum(outbox.waiting for outbox in outboxes)
        if self._entries > self._capacity:
            longest = max(outboxes, key=lambda outbox: outbox.droppable)
            count = min(longest.droppable, 1 + self._capacity // 100)
            longest.drop(count)
            self._entries -= count

    def _tell_what_is_left(self) -> None:
        entries = sum(outbox.waiting for outbox in self._logs.values())
        data = sum(outbox.waiting for outbox in self._metrics.values())
        if entries or data:
            logger.warning(
                "CloudWatch has not taken %d entries of access logs and %d data points of metrics, "
                "which are lost with this stop",
                entries,
                data,
            )


async def _stop(outboxes: list[Outbox[Any]]) -> None:
    await asyncio.gather(*(outbox.stop() for outbox in outboxes))
