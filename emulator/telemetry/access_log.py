"""Access logs: an entry for each operation on an object of a store with access logging."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from json.encoder import encode_basestring
from typing import Any

from emulator.core.failures import EngineUnavailableError
from emulator.core.model import LogDestination, Store
from emulator.core.one_line import json_in_one_line
from emulator.core.operation import Operation
from emulator.core.outcome import Outcome
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.core.revisions import Feature, Revision

logger = logging.getLogger(__name__)

Entry = dict[str, Any]
"""A JSON object ("Access log entry")."""

Delivery = Callable[[LogDestination, Entry], None]
"""Sends an entry to its destination, without waiting. It raises ``EngineUnavailableError`` if it
cannot take the entry; the request is not affected."""

Writer = Callable[[str, Operation], None]
"""Keeps the operation until it writes its line to where the log group of this name goes."""

OPERATION_BYTES = 512
"""How many bytes an operation takes, about, beside its names and credentials."""

_NAMES = {"GetObject": "get_object", "PutObject": "put_object", "DeleteObject": "delete_object"}
_EARLIER_NAMES = {"GetObject": "get", "PutObject": "put", "DeleteObject": "delete"}

_STATUSES: Mapping[Outcome | None, str] = {outcome: str(outcome) for outcome in Outcome}
"""The text of each outcome, which an enumeration makes slowly."""


class EntryForm:
    """The form of an entry in a revision of the API."""

    def __init__(self, revision: Revision) -> None:
        has = revision.has
        self._names = _NAMES if has(Feature.LOGGED_OPERATION_NAMES) else _EARLIER_NAMES
        self._has_status_code = has(Feature.LOGGED_STATUS_CODE)
        self._has_age_and_time = has(Feature.LOGGED_AGE_AND_TIME)

    def entry(self, operation: Operation) -> Entry:
        """Make the entry of an operation that has ended."""
        entry: Entry = {
            "timestamp": operation.started_at // 1000,
            "operation": self._names[operation.name],
            "key": operation.key,
        }
        if operation.persistence is not None:
            entry["persistence"] = operation.persistence
        entry["store"] = operation.store
        entry["status"] = str(operation.outcome)
        if operation.size is not None:
            entry["size"] = operation.size
        if self._has_status_code:
            entry["http_status_code"] = operation.status
        if self._has_age_and_time:
            if operation.object_age is not None:
                entry["object_age_us"] = operation.object_age
            entry["total_time_us"] = operation.total_time
        if operation.request_id is not None:
            entry["request_id"] = operation.request_id
        return entry

    def line(self, operation: Operation) -> str:
        """Make the entry of an operation as a line of JSON.

        It is put together here, since to make an object and to encode it takes three times as long.
        """
        persistence, size, more = "", "", ""
        if operation.persistence is not None:
            persistence = f'"persistence":"{operation.persistence}",'
        if operation.size is not None:
            size = f',"size":{operation.size}'
        if self._has_status_code:
            more = f',"http_status_code":{operation.status}'
        if self._has_age_and_time:
            if operation.object_age is not None:
                more += f',"object_age_us":{operation.object_age}'
            more += f',"total_time_us":{operation.total_time}'
        if operation.request_id is not None:
            more += f',"request_id":"{operation.request_id}"'
        line = (
            f'{{"timestamp":{operation.started_at // 1000},'
            f'"operation":"{self._names[operation.name]}",'
            f'"key":{encode_basestring(operation.key)},'
            f'{persistence}"store":{encode_basestring(operation.store)},'
            f'"status":"{_STATUSES[operation.outcome]}"{size}{more}}}'
        )
        return f"{json_in_one_line(line)}\n"


class AccessLogs:
    """Keeps the last entries of each log group, and passes each to the writers and deliveries.

    Args:
        size: how many entries of a group are kept.
        max_bytes: how much memory the entries of all groups may take, about (D124); the oldest of
            the group that takes most are dropped.
    """

    def __init__(self, form: EntryForm, size: int, max_bytes: int) -> None:
        self.deliveries: list[Delivery] = []
        self.writers: list[Writer] = []
        self.form = form
        self._size = size
        self._max_bytes = max_bytes
        self._bytes = 0
        self.by_name: dict[str, LogGroup] = {}
        """The log groups that have had an entry."""
        self._log = RateLimitedLogger(logger)

    def observe(self, operation: Operation) -> None:
        """Log an operation, if its store has an access log and its client gets an answer."""
        if operation.configured is None or operation.configured.access_logs is None:
            return
        if not operation.status:
            return
        destination = operation.configured.access_logs
        self._bytes += self._group(destination.log_group_name).add(operation)
        while self._bytes > self._max_bytes:
            largest = max(self.by_name.values(), key=_bytes_of)
            self._bytes -= largest.drop(1 + len(largest.operations) // 100)
        for write in self.writers:
            write(destination.log_group_name, operation)
        if not self.deliveries:
            return
        entry = self.form.entry(operation)
        for deliver in self.deliveries:
            try:
                deliver(destination, entry)
            except EngineUnavailableError as error:
                self._log.warn("An entry of the access log is lost", error)

    def groups(self) -> list[dict[str, Any]]:
        """List each log group that has had an entry, by name: with the number of entries that are
        kept (``count``) and of older ones that are not (``dropped``)."""
        return [
            {"log_group": name, "count": len(group.operations), "dropped": group.dropped}
            for name, group in sorted(self.by_name.items())
        ]

    def entries(self, log_group: str) -> list[Entry]:
        """Return the last entries of a log group, the oldest first."""
        group = self.by_name.get(log_group)
        return [] if group is None else list(map(self.form.entry, group.operations))

    def describe(self, log_group: str) -> dict[str, Any]:
        """Return the last entries of a log group as a JSON document."""
        group = self.by_name.get(log_group)
        entries = self.entries(log_group)
        return {
            "log_group": log_group,
            "entries": entries,
            "count": len(entries),
            "dropped": 0 if group is None else group.dropped,
        }

    def keep(self, stores: Collection[Store]) -> None:
        """Remove the entries of log groups of all other stores."""
        kept = {store.access_logs.log_group_name for store in stores if store.access_logs}
        self.by_name = {name: each for name, each in self.by_name.items() if name in kept}
        self._bytes = sum(map(_bytes_of, self.by_name.values()))

    def clear(self) -> None:
        """Remove every entry."""
        self.by_name.clear()
        self._bytes = 0

    def _group(self, name: str) -> LogGroup:
        group = self.by_name.get(name)
        if group is None:
            group = self.by_name[name] = LogGroup(self._size)
        return group


class LogGroup:
    """Keeps the last operations of a log group; entries are made from them when they are read."""

    def __init__(self, size: int) -> None:
        self.operations: deque[Operation] = deque()
        self.bytes = 0
        self.dropped = 0
        self._size = size
        self._sizes: deque[int] = deque()

    @property
    def total(self) -> int:
        """How many operations were added, dropped ones included."""
        return self.dropped + len(self.operations)

    def add(self, operation: Operation) -> int:
        """Add an operation; return by how many bytes the group has grown."""
        before = self.bytes
        size = OPERATION_BYTES + len(operation.store) + len(operation.key)
        size += sum(map(len, operation.credentials.authorization))
        self.operations.append(operation)
        self._sizes.append(size)
        self.bytes += size
        if len(self.operations) > self._size:
            self.drop(1)
        return self.bytes - before

    def drop(self, count: int) -> int:
        """Drop the oldest ``count`` operations; return how many bytes they have taken."""
        freed = 0
        for _ in range(count):
            self.operations.popleft()
            freed += self._sizes.popleft()
        self.bytes -= freed
        self.dropped += count
        return freed


def _bytes_of(group: LogGroup) -> int:
    return group.bytes
