"""Account engine: one file in the data directory, rewritten with every change."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from emulator.backends.account.base import (
    ACCOUNT,
    API_KEYS,
    LATER_TABLES,
    STORES,
    TABLES,
    Change,
    Records,
    Room,
    Table,
    Versioned,
)
from emulator.backends.account.memory import MemoryAccount, in_order, no_records
from emulator.backends.take_over import NewFile, TakeOver, write_file
from emulator.core.background import to_its_end
from emulator.core.failures import EngineUnavailableError
from emulator.core.files import explain, write_atomically
from emulator.core.threads import run

FORMAT = 2
"""The file's format; a file with a higher number is refused. Files of format 1 have only stores and
keys, and do not say which write created a record."""


class FileAccount(MemoryAccount):
    """Keeps the records in memory and in a file of mode 0600, which is written first.

    Args:
        path: the file; if it does not exist, the account is empty.
        fsync: whether an acknowledged change survives a crash of the machine.

    Raises:
        ValueError: the file is not an account file, or has a newer format.
        OSError: the file cannot be read.
    """

    name = "file"

    def __init__(self, path: Path, *, fsync: bool = True) -> None:
        super().__init__()
        self._path = path
        self._fsync = fsync
        self._writing = asyncio.Lock()
        if path.exists():
            self._version, self.records = _decode(path.read_bytes())

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        async with self._writing:
            self._require_room(room)
            version, changed = self._applied(changes, self.records)
            await self._save(version, {**self.records, **changed})

    async def replace(self, *changes: Change[Any], take_over: TakeOver = write_file) -> None:
        async with self._writing:
            empty = no_records()
            version, changed = self._applied(changes, empty)
            await self._take_over(version, {**empty, **changed}, take_over)

    async def clear(self) -> None:
        async with self._writing:
            await self._save(self._version, no_records())

    async def _restore(self, records: Records, take_over: TakeOver) -> None:
        async with self._writing:
            await self._take_over(self._version, records, take_over)

    async def _save(self, version: int, records: Records) -> None:
        document = _encode(version, records)

        def write() -> None:
            write_atomically(self._path, document, fsync=self._fsync)
            self._version, self.records = version, records

        try:
            await run(None, write)
        except OSError as error:
            raise EngineUnavailableError(explain(error, self._path)) from error

    async def _take_over(self, version: int, records: Records, take_over: TakeOver) -> None:
        file = NewFile(self._path, _encode(version, records), self._fsync)

        async def replace() -> None:
            await take_over(file)
            self._version, self.records = version, records

        await to_its_end(replace())  # Else a cancelled caller leaves file and memory different.


def _encode(version: int, records: Records) -> bytes:
    document = {
        "format": FORMAT,
        "version": version,
        "tables": {
            table.name: {
                record_id: {
                    "version": entry.version,
                    "created": entry.created,
                    "record": table.encode(entry.record),
                }
                for record_id, entry in records[table.name].items()
            }
            for table in TABLES
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _decode(content: bytes) -> tuple[int, Records]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not an account: it is not a JSON object")
    file_format = _whole(document, "format", at_least=1)
    if file_format > FORMAT:
        raise ValueError(f"it has format {file_format}, this version reads formats up to {FORMAT}")
    version = _whole(document, "version", at_least=0)
    try:
        tables = document["tables"]
        if file_format == 1:
            tables = _upgraded(tables)
        return version, {
            table.name: in_order(
                {
                    record_id: _versioned(table, record_id, entry, version)
                    for record_id, entry in _table(tables, table.name).items()
                }
            )
            for table in TABLES
        }
    except (KeyError, TypeError, AttributeError):
        raise ValueError(
            "it is not an account: a member is missing or has the wrong type"
        ) from None


def _table(tables: dict[str, Any], name: str) -> dict[str, Any]:
    if name in LATER_TABLES and name not in tables:
        return {}
    found: dict[str, Any] = tables[name]
    return found


def _versioned(
    table: Table[Any], record_id: str, entry: dict[str, Any], last: int
) -> Versioned[Any]:
    """Decode a record, which a write up to the number ``last`` has written."""
    where = f" of the record {record_id!r} in {table.name}"
    version = _whole(entry, "version", at_least=1, where=where)
    created = _whole(entry, "created", at_least=1, where=where)
    if not created <= version <= last:
        raise ValueError(
            f"it is not an account: the last version is {last}, and the version{where} is "
            f"{version}, created with {created}"
        )
    return Versioned(table.decode(entry["record"]), version, created)


def _upgraded(tables: dict[str, Any]) -> dict[str, Any]:
    """Convert the tables of a file of format 1 to format 2."""
    known = {
        table.name: {
            record_id: {**entry, "created": entry["version"]}
            for record_id, entry in tables[table.name].items()
        }
        for table in (ACCOUNT, STORES, API_KEYS)
    }
    return {**no_records(), **known}


def _whole(document: dict[str, Any], name: str, *, at_least: int, where: str = "") -> int:
    value = document.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        shown = json.dumps(value) if name in document else "none"
        raise ValueError(
            f"it is not an account: its {name}{where} is {shown}; "
            f"it must be a whole number from {at_least} on"
        )
    return value
