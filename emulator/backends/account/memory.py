"""Account engine: dictionaries in this process."""

from __future__ import annotations

from typing import Any

from emulator.backends.account.base import (
    TABLES,
    AccountBackend,
    AccountCheckpoint,
    Change,
    ConflictError,
    HeldAccount,
    NoRoomError,
    R,
    Records,
    Room,
    Table,
    Versioned,
)
from emulator.backends.take_over import TakeOver, write_file


class MemoryAccount(AccountBackend):
    """Keeps the records in dictionaries."""

    name = "memory"

    def __init__(self) -> None:
        self.records: Records = no_records()
        self._version = 0

    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        return self.records[table.name].get(record_id)

    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        return self.records[table.name].copy()

    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        records = self.records  # Read it once: a thread may replace it between two tables.
        return {table: records[table.name].copy() for table in TABLES}

    async def count(self, table: Table[R]) -> int:
        return len(self.records[table.name])

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        self._require_room(room)
        self._version, changed = self._applied(changes, self.records)
        self.records = {**self.records, **changed}

    async def replace(self, *changes: Change[Any], take_over: TakeOver = write_file) -> None:
        empty = no_records()
        version, changed = self._applied(changes, empty)
        await take_over(None)
        self._version = max(version, self._version)  # Another commit may have come meanwhile.
        self.records = {**empty, **changed}

    async def clear(self) -> None:
        self.records = no_records()

    async def checkpoint(self) -> AccountCheckpoint:
        return HeldAccount(self.records, self._restore)

    async def check(self) -> None:
        """Memory always works."""

    async def close(self) -> None:
        """There is nothing to release."""

    async def _restore(self, records: Records, take_over: TakeOver) -> None:
        await take_over(None)
        self.records = records

    def _require_room(self, room: Room | None) -> None:
        if room is not None and len(self.records[room.table.name]) >= room.most:
            raise NoRoomError(room.table.name)

    def _applied(self, changes: tuple[Change[Any], ...], before: Records) -> tuple[int, Records]:
        """Apply the changes to a copy; return the number of the last write and the changed tables.

        Raises:
            ConflictError: a record does not have the expected version.
        """
        version, with_new = self._version, set()
        tables: Records = {}
        for change in changes:
            name, record_id = change.table.name, change.record_id
            records = tables.setdefault(name, dict(before[name]))
            found = records.get(record_id)
            if (None if found is None else found.version) != change.expected:
                raise ConflictError(f"{name}/{record_id}")
            version += 1
            if change.record is not None:
                created = version if found is None else found.created
                if found is None:
                    with_new.add(name)
                records[record_id] = Versioned(change.record, version, created)
            elif found is not None:
                del records[record_id]
        for name in with_new:
            tables[name] = in_order(tables[name])
        return version, tables


def in_order(records: dict[str, Versioned[Any]]) -> dict[str, Versioned[Any]]:
    """Return the records of a table ordered by id. This is fast if most are in order already."""
    return {record_id: records[record_id] for record_id in sorted(records)}


def no_records() -> Records:
    """All tables, empty."""
    return {table.name: {} for table in TABLES}
