"""The account in this process."""

from __future__ import annotations

from typing import Any

from emulator.backends.account.base import (
    TABLES,
    AccountBackend,
    ConflictError,
    R,
    Table,
    Versioned,
)

Records = dict[str, dict[str, Versioned[Any]]]
"""Records by the name of their table and their id."""


class MemoryAccount(AccountBackend):
    """Keeps the records in dictionaries."""

    def __init__(self) -> None:
        self._records: Records = {table.name: {} for table in TABLES}
        self._version = 0

    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        return self._records[table.name].get(record_id)

    async def list(self, table: Table[R]) -> list[R]:
        records = self._records[table.name]
        return [records[record_id].record for record_id in sorted(records)]

    async def count(self, table: Table[R]) -> int:
        return len(self._records[table.name])

    async def put(
        self, table: Table[R], record_id: str, record: R, *, expected: int | None
    ) -> None:
        self._expect(table, record_id, expected)
        self._version += 1
        self._records[table.name][record_id] = Versioned(record, self._version)

    async def delete(self, table: Table[R], record_id: str, *, expected: int) -> None:
        self._expect(table, record_id, expected)
        del self._records[table.name][record_id]

    async def clear(self) -> None:
        for records in self._records.values():
            records.clear()

    async def close(self) -> None:
        """There is nothing to give back."""

    def _expect(self, table: Table[R], record_id: str, expected: int | None) -> None:
        found = self._records[table.name].get(record_id)
        if (None if found is None else found.version) != expected:
            raise ConflictError(f"{table.name}/{record_id}")
