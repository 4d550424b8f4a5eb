"""Deliver access logs to CloudWatch Logs: to a log group, in this emulator's own stream."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from emulator.aws.errors import AnswerError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import LogDestination
from emulator.core.one_line import json_in_one_line
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.telemetry.access_log import Entry
from emulator.telemetry.cloudwatch_calls import Caller
from emulator.telemetry.cloudwatch_outbox import Outbox, UndeliverableError

MAX_EVENTS = 1000
"""The most events in one call. CloudWatch allows 10 000, but encoding so many takes as long as many
requests, which would have to wait."""

MAX_BYTES = 1_048_576
"""The most bytes of a call: its messages in UTF-8, plus ``OVERHEAD_BYTES`` for each."""

OVERHEAD_BYTES = 26

MAX_SPAN = 24 * 3600 * 1000
"""The longest time between the first and the last event of a call, in milliseconds."""

_NOT_FOUND = "ResourceNotFoundException"
_EXISTS = "ResourceAlreadyExistsException"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class LogEvent(NamedTuple):
    """An entry in CloudWatch's form.

    ``timestamp`` is in milliseconds since the Unix epoch, ``size`` is its share of ``MAX_BYTES``.
    """

    timestamp: int
    message: str
    size: int


def event_of(entry: Entry) -> LogEvent:
    """Make the event of an entry: its JSON, with its own time."""
    message = json_in_one_line(_ENCODER.encode(entry))
    size = len(message.encode()) + OVERHEAD_BYTES
    return LogEvent(entry["timestamp"], message, size)


def take_batch(queue: deque[LogEvent]) -> list[LogEvent]:
    """Take as many events from the front of the queue as one call may have, sorted by time."""
    taken: list[LogEvent] = []
    size = 0
    while queue and len(taken) < MAX_EVENTS:
        size += queue[0].size
        if taken and size > MAX_BYTES:
            break
        taken.append(queue.popleft())
    taken.sort(key=_time)
    if taken and _time(taken[-1]) - _time(taken[0]) > MAX_SPAN:
        end = bisect_right(taken, _time(taken[0]) + MAX_SPAN, key=_time)
        queue.extendleft(reversed(taken[end:]))
        del taken[end:]
    return taken


class LogOutbox(Outbox[LogEvent]):
    """The queued entries of a log group.

    Args:
        stream: the name of the stream, unique to this emulator.
    """

    def __init__(
        self, destination: LogDestination, stream: str, caller: Caller, log: RateLimitedLogger
    ) -> None:
        group = destination.log_group_name
        super().__init__(f"Entries for the log group {group} in {destination.region}", log)
        self._group = group
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._caller = caller
        self._has_stream = False

    @property
    def bytes(self) -> int:
        """The size of the entries that are not delivered, including those being sent."""
        return self.droppable_bytes + sum(event.size for event in self._in_flight)

    @property
    def droppable_bytes(self) -> int:
        """The size of the queued entries, without those being sent."""
        return sum(event.size for event in self._queue)

    def add(self, event: LogEvent) -> None:
        """Queue an event."""
        self._queue.append(event)

    def _next(self) -> Sequence[LogEvent]:
        return take_batch(self._queue)

    async def _send(self, batch: Sequence[LogEvent]) -> None:
        events = [{"timestamp": each.timestamp, "message": each.message} for each in batch]
        if not self._has_stream:
            await self._create_stream()
        try:
            answer = await self._put(events)
        except AnswerError as error:
            if error.code != _NOT_FOUND:
                raise
            await self._create_stream()  # The stream or the group was removed.
            answer = await self._put(events)
        rejected = answer.get("rejectedLogEventsInfo")
        if rejected:
            self._log.warn(f"{self.contents} were rejected", _rejection(rejected, len(events)))

    async def _put(self, events: Sequence[Any]) -> dict[str, Any]:
        return await self._caller.call("put_log_events", **self._names, logEvents=events)

    async def _create_stream(self) -> None:
        self._has_stream = False
        try:
            await self._caller.call("create_log_stream", **self._names)
        except AnswerError as error:
            if error.code == _NOT_FOUND:
                raise UndeliverableError(
                    f"there is no log group {self._group}; create it"
                ) from None
            if error.code != _EXISTS:
                raise
        self._has_stream = True


async def log_group_exists(caller: Caller, name: str) -> bool:
    """Whether there is a log group of exactly this name.

    Raises:
        EngineUnavailableError: CloudWatch could not be asked.
    """
    params: dict[str, Any] = {"logGroupNamePrefix": name}
    while True:
        answer = await caller.call("describe_log_groups", **params)
        if any(group.get("logGroupName") == name for group in answer.get("logGroups", ())):
            return True
        if not answer.get("nextToken"):
            return False
        params["nextToken"] = answer["nextToken"]


def _time(event: LogEvent) -> int:
    return event.timestamp


def _rejection(info: dict[str, int], count: int) -> EngineUnavailableError:
    old = max(info.get("tooOldLogEventEndIndex", 0), info.get("expiredLogEventEndIndex", 0))
    new = count - info.get("tooNewLogEventStartIndex", count)
    return EngineUnavailableError(
        f"of {count}, {old} are older than 14 days or than what the group retains, and {new} are "
        "more than 2 hours ahead; their times are those of the emulator's clock"
    )
