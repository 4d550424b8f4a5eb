"""The account in a file of the data directory, rewritten whole with every change."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from emulator.backends.account.base import (
    ACCOUNT,
    API_KEYS,
    STORES,
    TABLES,
    Change,
    Room,
    Versioned,
)
from emulator.backends.account.memory import MemoryAccount, Records, no_records
from emulator.core.failures import EngineUnavailableError
from emulator.core.files import explain, write_atomically
from emulator.core.threads import run

FORMAT = 2
"""The file's format; a file with a higher number is refused. Files of format 1 know stores and keys
only, and not when a record was created."""


class FileAccount(MemoryAccount):
    """Keeps the records in memory and, before anybody sees a change, in a file of mode 0600.

    Args:
        path: the file; where there is none yet, the account is empty.
        fsync: whether an acknowledged change outlives a crash of the machine.

    Raises:
        ValueError: the file does not hold an account, or holds one of a newer format.
        OSError: the file cannot be read.
    """

    name = "file"

    def __init__(self, path: Path, *, fsync: bool = True) -> None:
        super().__init__()
        self._path = path
        self._fsync = fsync
        self._writing = asyncio.Lock()
        if path.exists():
            self._version, self._records = _decode(path.read_bytes())

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        async with self._writing:
            self._require(room)
            version, changed = self._after(changes, self._records)
            await self._save(version, {**self._records, **changed})

    async def replace(self, *changes: Change[Any]) -> None:
        async with self._writing:
            nothing = no_records()
            version, changed = self._after(changes, nothing)
            await self._save(version, {**nothing, **changed})

    async def clear(self) -> None:
        async with self._writing:
            await self._save(self._version, no_records())

    async def _restore(self, records: Records) -> None:
        async with self._writing:
            await self._save(self._version, records)

    async def _save(self, version: int, records: Records) -> None:
        document = _encode(version, records)

        def write() -> None:
            write_atomically(self._path, document, fsync=self._fsync)
            self._version, self._records = version, records

        try:
            await run(None, write)
        except OSError as error:
            raise EngineUnavailableError(explain(error, self._path)) from error


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
    try:
        file_format, version = _number(document["format"]), _number(document["version"])
        if file_format > FORMAT:
            raise ValueError(f"it has format {file_format}, this version reads {FORMAT}")
        tables = document["tables"]
        if file_format == 1:
            tables = _upgraded(tables)
        return version, {
            table.name: {
                record_id: Versioned(
                    table.decode(entry["record"]),
                    _number(entry["version"]),
                    _number(entry["created"]),
                )
                for record_id, entry in tables[table.name].items()
            }
            for table in TABLES
        }
    except (KeyError, TypeError, AttributeError):
        raise ValueError("it does not hold what an account has") from None


def _upgraded(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables of a file of format 1, as they would be in one of format 2."""
    known = {
        table.name: {
            record_id: {**entry, "created": entry["version"]}
            for record_id, entry in tables[table.name].items()
        }
        for table in (ACCOUNT, STORES, API_KEYS)
    }
    return {**no_records(), **known}


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value
