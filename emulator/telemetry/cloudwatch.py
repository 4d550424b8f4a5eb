"""Deliver access logs and metrics to CloudWatch, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from emulator.aws.clients import AwsClients
from emulator.core.background import in_background
from emulator.core.event_loop import sleep, wait_for
from emulator.core.model import LogDestination, MetricsDestination, Store
from emulator.core.operation import Operation
from emulator.core.private import new_id
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.telemetry.access_log import Entry
from emulator.telemetry.cloudwatch_calls import LOGS, METRICS, Calls
from emulator.telemetry.cloudwatch_logs import LogOutbox, event_of, log_group_exists
from emulator.telemetry.cloudwatch_metrics import MetricsOutbox
from emulator.telemetry.cloudwatch_outbox import Outbox

logger = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
"""The time between deliveries, in real time, whatever the emulator's clock does."""

CLOSE_SECONDS = 3.0
"""How long ``close`` waits for the last delivery at most."""

CAPACITY = 100_000
"""How many entries of access logs are queued while CloudWatch takes none; beyond that, the oldest
are dropped."""

CAPACITY_BYTES = 64 * 1024**2
"""How many bytes of entries are queued then."""

IDLE_ROUNDS = 60
"""After how many rounds without anything to deliver an outbox is let go."""

_Place = Any
"""A destination, and the name of a store if each has an outbox of its own."""

STREAM_PREFIX = "momento-objectstore-emulator/"


class CloudWatch:
    """Delivers log entries and metrics about once a second. Requests do not wait for it, and do not
    fail if it fails.

    Args:
        endpoint: the URL of all its services; None for AWS's own.
        account_id: returns the id of the account that the stores belong to.
        endpoint_name: returns the emulator's address, for the dimension ``Endpoint``.
        timeout: how many seconds a call may take, including all attempts.
        assume_role: whether the role of each destination is assumed, with an external id as for the
            storage role (D74); otherwise the emulator's own credentials are used.
        capacity: how many entries are queued at most.
        capacity_bytes: how many bytes of entries are queued at most.
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
        capacity_bytes: int = CAPACITY_BYTES,
    ) -> None:
        clients = AwsClients("--cloudwatch", endpoint_url=endpoint, timeout=timeout)
        self._calls = Calls(clients, account_id if assume_role else None)
        self._account_id = account_id
        self._endpoint_name = endpoint_name
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._stream = STREAM_PREFIX + new_id()
        self._log = RateLimitedLogger(logger)
        self._logs: dict[tuple[LogDestination, str], LogOutbox] = {}
        self._metrics: dict[tuple[MetricsDestination, str], MetricsOutbox] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._entries = 0
        """Upper bound of queued entries: deliveries do not lower it."""
        self._bytes = 0
        """Upper bound of their bytes."""
        self._rounds: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find credentials and start to deliver. This does not call CloudWatch.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is invalid.
        """
        await self._calls.start()
        self._rounds = in_background(self._deliver_in_rounds())

    def deliver(self, destination: LogDestination, entry: Entry) -> None:
        """Queue an entry for the next delivery."""
        place = (destination, self._store_if_separate(entry["store"]))
        outbox = self._logs.get(place)
        if outbox is None:
            caller = self._calls.caller(
                LOGS, destination.region, destination.iam_role_arn, entry["store"]
            )
            outbox = LogOutbox(destination, self._stream, caller, self._log)
            self._logs[place] = outbox
        event = event_of(entry)
        outbox.add(event)
        self._entries += 1
        self._bytes += event.size
        if self._entries > self._capacity or self._bytes > self._capacity_bytes:
            self._make_room()

    def observe(self, operation: Operation) -> None:
        """Count an operation for the next delivery, if its store has metrics."""
        store = operation.configured
        if store is None or store.metrics is None or operation.outcome is None:
            return
        destination = store.metrics
        place = (destination, self._store_if_separate(store.name))
        outbox = self._metrics.get(place)
        if outbox is None:
            caller = self._calls.caller(
                METRICS, destination.region, destination.iam_role_arn, store.name
            )
            outbox = MetricsOutbox(destination, self._common_dimensions, caller, self._log)
            self._metrics[place] = outbox
        outbox.count(operation)

    async def flush(self) -> None:
        """Try to deliver all that is queued now. What CloudWatch does not accept stays queued."""
        outboxes = [outbox for outbox in self._outboxes() if not outbox.is_empty]
        await asyncio.gather(*(outbox.flush() for outbox in outboxes))

    async def log_group_exists(self, destination: LogDestination, store_name: str) -> bool:
        """Whether the log group exists in the destination's region, seen with the store's role.

        Raises:
            EngineUnavailableError: CloudWatch could not be asked. The text is the cause.
        """
        caller = self._calls.caller(LOGS, destination.region, destination.iam_role_arn, store_name)
        return await log_group_exists(caller, destination.log_group_name)

    def keep(self, stores: Collection[Store]) -> None:
        """Drop what is queued for destinations of all other stores: it could not be delivered."""
        kept: set[tuple[LogDestination | MetricsDestination | None, str]] = set()
        for store in stores:
            name = self._store_if_separate(store.name)
            kept |= {(store.access_logs, name), (store.metrics, name)}
        for outboxes in self._by_place():
            departed = {place: each for place, each in outboxes.items() if place not in kept}
            for place, outbox in departed.items():
                self._let_go(outboxes, place, outbox)

    async def clear(self) -> None:
        """Drop all that is queued."""
        outboxes = self._outboxes()
        self._logs, self._metrics, self._entries, self._bytes = {}, {}, 0, 0
        await _stop(outboxes)

    async def close(self, *, within: float = CLOSE_SECONDS) -> None:
        """Deliver what is queued in ``within`` seconds, as far as possible, and stop."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.wait({self._rounds})
            with contextlib.suppress(asyncio.TimeoutError):
                await wait_for(self.flush(), min(within, CLOSE_SECONDS))
            await _stop(self._outboxes())
            self._warn_of_losses()
        await self._calls.close()

    async def _deliver_in_rounds(self) -> None:
        while True:
            await sleep(ROUND_SECONDS)
            for outboxes in self._by_place():
                for place, outbox in list(outboxes.items()):
                    if not outbox.is_empty:
                        outbox.begin()
                        outbox.idle_rounds = 0
                    elif outbox.idle_rounds < IDLE_ROUNDS:
                        outbox.idle_rounds += 1
                    else:
                        self._let_go(outboxes, place, outbox)

    def _by_place(self) -> Sequence[dict[_Place, Outbox[Any]]]:
        both: tuple[Any, Any] = (self._logs, self._metrics)
        return both

    def _let_go(
        self, outboxes: dict[_Place, Outbox[Any]], place: _Place, outbox: Outbox[Any]
    ) -> None:
        """Remove an outbox; one that is needed later is made again."""
        del outboxes[place]
        if not outbox.is_empty:
            logger.warning("%s are lost: no store has this destination any more", outbox.contents)
        stopping = in_background(outbox.stop())
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)

    async def _common_dimensions(self) -> Mapping[str, str]:
        return {"AccountId": await self._account_id(), "Endpoint": self._endpoint_name()}

    def _store_if_separate(self, store_name: str) -> str:
        """The store's name if each store needs an outbox of its own, since a role is assumed for a
        store; else an empty string."""
        return store_name if self._calls.assume_roles else ""

    def _outboxes(self) -> list[Outbox[Any]]:
        return [*self._logs.values(), *self._metrics.values()]

    def _make_room(self) -> None:
        """Drop entries from the largest queue, several in one go: finding it takes time."""
        outboxes = self._logs.values()
        self._entries = sum(outbox.waiting for outbox in outboxes)
        self._bytes = sum(outbox.bytes for outbox in outboxes)
        while self._entries > self._capacity or self._bytes > self._capacity_bytes:
            largest = max(outboxes, key=lambda outbox: outbox.droppable_bytes)
            if not largest.droppable:
                return  # All of it is being sent.
            count = min(largest.droppable, 1 + largest.droppable // 100)
            before = largest.bytes
            largest.drop(count)
            self._entries -= count
            self._bytes -= before - largest.bytes

    def _warn_of_losses(self) -> None:
        entries = sum(outbox.waiting for outbox in self._logs.values())
        data = sum(outbox.waiting for outbox in self._metrics.values())
        if entries or data:
            logger.warning(
                "CloudWatch did not take %d entries of access logs and %d data points of metrics; "
                "they are lost, since the emulator stops",
                entries,
                data,
            )


async def _stop(outboxes: list[Outbox[Any]]) -> None:
    await asyncio.gather(*(outbox.stop() for outbox in outboxes))
