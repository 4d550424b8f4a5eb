"""The account in a Valkey, where any number of emulators share it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.backends.account.base import (
    TABLES,
    AccountBackend,
    Change,
    ConflictError,
    NoRoomError,
    R,
    Room,
    Table,
    Versioned,
    opened_account,
)
from emulator.backends.account.scripts import COMMIT, COUNT, READ, READ_ALL, RESTORE
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.valkey.cluster import open_valkey
from emulator.backends.valkey.connection import Word
from emulator.backends.valkey.scripts import Script
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError

TAG = "momento-emulator"
PREFIX = f"{{{TAG}}}:"
"""What every key begins with: in a cluster they all lie on one node, where a script can be."""

RECORDS_KEPT = 8192
"""How many records are kept at hand, so that they need not be fetched and understood again."""

COMMIT_REMEMBERED_MILLISECONDS = 60_000
"""How long Valkey remembers a commit, so that one whose answer was lost is not made twice."""

_STATE = f"{PREFIX}state"
_TABLE_KEYS = {table.name: f"{PREFIX}{table.name}" for table in TABLES}
_PLACES = {table.name: place for place, table in enumerate(TABLES, start=3)}
"""Of each table in the keys of the scripts that write."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_Wanted = tuple[Table[Any], str]


class _Known(NamedTuple):
    """Records as they were after a commit, as Valkey has them; None where there was none."""

    commit: bytes
    records: dict[_Wanted, bytes | None]


class _Held(NamedTuple):
    """All of the account at one moment, as Valkey has it."""

    version: bytes
    tables: Sequence[Sequence[bytes]]


class ValkeyAccount(AccountBackend):
    """Keeps each table in a hash, with its records as JSON.

    Reads that are asked for at the same time go in one message, which asks for the last commit;
    where that is the one already known, so are the records.

    Args:
        url: where the Valkey is.
        timeout: seconds that a call may take.
    """

    name = "valkey"

    def __init__(self, url: ValkeyUrl, *, timeout: float) -> None:
        self._valkey = open_valkey(url, timeout)
        self._known = _Known(b"", {})
        self._gathering: _Reading | None = None

    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        wanted = (table, record_id)
        reading = self._gathering
        if reading is None:
            reading = self._gathering = _Reading(self._read)
        reading.wanted.append(wanted)
        content = (await asyncio.shield(reading.task)).records[wanted]
        return None if content is None else _decode(table, content)

    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        held = await self._run(READ_ALL, [_STATE, _TABLE_KEYS[table.name]])
        return _decode_all(table, held[1])

    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        held = await self._hold()
        return {
            table: _decode_all(table, pairs)
            for table, pairs in zip(TABLES, held.tables, strict=True)
        }

    async def count(self, table: Table[R]) -> int:
        return int(await self._run(COUNT, [_TABLE_KEYS[table.name]]))

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        if changes:
            await self._commit("", changes, room)

    async def replace(self, *changes: Change[Any]) -> None:
        await self._commit("replace", changes, None)

    async def clear(self) -> None:
        await self._commit("replace", (), None)

    async def checkpoint(self) -> Checkpoint:
        return HeldCheckpoint(await self._hold(), self._restore)

    async def check(self) -> None:
        await opened_account(self)

    async def close(self) -> None:
        await self._valkey.close()

    async def _read(self, reading: _Reading) -> _Known:
        self._gathering = None  # Who comes from here on may have seen a later commit.
        known, wanted = self._known, list(dict.fromkeys(reading.wanted))
        is_known = all(each in known.records for each in wanted)
        commit, *found = await self._run(
            READ,
            [_STATE, *(_TABLE_KEYS[table.name] for table, _ in wanted)],
            [known.commit if is_known else b"-", *(_field(record_id) for _, record_id in wanted)],
        )
        if is_known and commit == known.commit:
            return known
        if commit != self._known.commit or len(self._known.records) > RECORDS_KEPT:
            self._known = _Known(commit, {})
        known = self._known
        known.records.update(zip(wanted, found, strict=True))
        return known

    async def _run(
        self, script: Script, keys: Sequence[Word], arguments: Sequence[Word] = ()
    ) -> Any:
        return await script.run(self._valkey, TAG.encode(), keys, arguments)

    async def _hold(self) -> _Held:
        version, *tables = await self._run(READ_ALL, [_STATE, *_TABLE_KEYS.values()])
        return _Held(version, tables)

    async def _commit(self, mode: str, changes: Sequence[Change[Any]], room: Room | None) -> None:
        limit: tuple[Word, ...] = (0, 0)
        if room is not None:
            limit = (_PLACES[room.table.name], room.most)
        outcome = await self._write(COMMIT, [mode, *limit, *_arguments(changes)])
        if outcome == b"full":
            assert room is not None
            raise NoRoomError(room.table.name)
        if outcome != b"done":
            raise ConflictError(outcome.decode("utf-8", "replace").removeprefix(PREFIX))

    async def _restore(self, held: _Held) -> None:
        arguments: list[Word] = [held.version]
        for table, pairs in zip(TABLES, held.tables, strict=True):
            for record_id, content in _paired(pairs):
                arguments += [_PLACES[table.name], record_id, content]
        await self._write(RESTORE, arguments)

    async def _write(self, script: Script, arguments: Sequence[Word]) -> bytes:
        commit = uuid.uuid4().hex
        keys = [_STATE, f"{PREFIX}commit:{commit}", *_TABLE_KEYS.values()]
        outcome: bytes = await self._run(
            script, keys, [commit, COMMIT_REMEMBERED_MILLISECONDS, *arguments]
        )
        return outcome


class _Reading:
    """A message that is about to be sent, with what is wanted of it."""

    def __init__(self, read: Any) -> None:
        self.wanted: list[_Wanted] = []
        self.task: asyncio.Task[_Known] = asyncio.ensure_future(read(self))
        self.task.add_done_callback(_look_at)


def _look_at(task: asyncio.Task[_Known]) -> None:
    """Have nobody complain of an error where all who wanted the answer have gone."""
    if not task.cancelled():
        task.exception()


def _arguments(changes: Sequence[Change[Any]]) -> Iterator[Word]:
    for table, record_id, record, expected in (
        (change.table, change.record_id, change.record, change.expected) for change in changes
    ):
        yield _PLACES[table.name]
        yield _field(record_id)
        yield "" if expected is None else expected
        yield "" if record is None else _ENCODER.encode(table.encode(record))


def _field(record_id: str) -> bytes:
    return record_id.encode("utf-8", "surrogatepass")


def _decode_all(table: Table[R], pairs: Sequence[bytes]) -> dict[str, Versioned[R]]:
    entries = {
        record_id.decode("utf-8", "surrogatepass"): _decode(table, content)
        for record_id, content in _paired(pairs)
    }
    return dict(sorted(entries.items()))


def _paired(pairs: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(pairs[::2], pairs[1::2], strict=True)


@lru_cache(maxsize=RECORDS_KEPT)
def _decode(table: Table[Any], content: bytes) -> Versioned[Any]:
    try:
        entry = json.loads(content)
        return Versioned(table.decode(entry["record"]), entry["version"], entry["created"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineUnavailableError(
            f"{_TABLE_KEYS[table.name]} holds what no emulator of this version has written"
        ) from None
