"""Account engine: a Valkey that any number of emulators share."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.backends.account.base import (
    TABLES,
    AccountBackend,
    AccountCheckpoint,
    Change,
    ConflictError,
    HeldAccount,
    NoRoomError,
    R,
    Room,
    Table,
    Versioned,
    require_account,
)
from emulator.backends.account.scripts import COMMIT, COUNT, READ, READ_ALL, RESTORE
from emulator.backends.take_over import TakeOver, write_file
from emulator.backends.valkey.cluster import open_valkey
from emulator.backends.valkey.connection import Word
from emulator.backends.valkey.errors import RefusedError
from emulator.backends.valkey.scripts import Script
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError
from emulator.core.private import new_id
from emulator.core.slices import Pace

TAG = "momento-emulator"
PREFIX = f"{{{TAG}}}:"
"""The start of every key. The hash tag puts all keys on one node of a cluster, as scripts need."""

RECORDS_KEPT = 8192
"""How many records are cached in this process, as fetched and as decoded."""

COMMIT_REMEMBERED_MILLISECONDS = 60_000
"""How long Valkey remembers a commit, so that a retry after a lost answer does not repeat it."""

_STATE = f"{PREFIX}state"
_TABLE_KEYS = {table.name: f"{PREFIX}{table.name}" for table in TABLES}
_KEY_INDEX = {table.name: index for index, table in enumerate(TABLES, start=3)}
"""The index of each table in the KEYS of the scripts that write."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_Wanted = tuple[Table[Any], str]


class _Fetched(NamedTuple):
    """Encoded records as they were after a commit; None for a record that did not exist."""

    commit: bytes
    records: dict[_Wanted, bytes | None]


class _Dump(NamedTuple):
    """The whole account at one moment, encoded as in Valkey."""

    version: bytes
    tables: Sequence[Sequence[bytes]]


class ValkeyAccount(AccountBackend):
    """Keeps each table in a hash, with its records as JSON.

    Concurrent reads are sent as one batch, which asks for the last commit; if that is the one
    already known, the cached records are still valid.

    Args:
        url: the address of the Valkey.
        timeout: seconds that a call may take.
    """

    name = "valkey"

    def __init__(self, url: ValkeyUrl, *, timeout: float) -> None:
        self._valkey = open_valkey(url, timeout)
        self._known = _Fetched(b"", {})
        self._next_batch: _ReadBatch | None = None

    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        wanted = (table, record_id)
        batch = self._next_batch
        if batch is None:
            batch = self._next_batch = _ReadBatch(self._read)
        batch.wanted.append(wanted)
        content = (await asyncio.shield(batch.task)).records[wanted]
        return None if content is None else _decode(table, content)

    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        answer = await self._run(READ_ALL, [_STATE, _TABLE_KEYS[table.name]])
        return await _decode_all(table, answer[1])

    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        dump = await self._read_all()
        return {
            table: await _decode_all(table, pairs)
            for table, pairs in zip(TABLES, dump.tables, strict=True)
        }

    async def count(self, table: Table[R]) -> int:
        return int(await self._run(COUNT, [_TABLE_KEYS[table.name]]))

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        if changes:
            await self._commit("", changes, room)

    async def replace(self, *changes: Change[Any], take_over: TakeOver = write_file) -> None:
        async with self._taking_over(take_over):
            await self._commit("replace", changes, None)

    async def clear(self) -> None:
        await self._commit("replace", (), None)

    async def checkpoint(self) -> AccountCheckpoint:
        return HeldAccount(await self._read_all(), self._restore)

    async def check(self) -> None:
        await require_account(self)

    async def close(self) -> None:
        await self._valkey.close()

    async def _read(self, batch: _ReadBatch) -> _Fetched:
        self._next_batch = None  # Later callers may have seen a later commit.
        known, wanted = self._known, list(dict.fromkeys(batch.wanted))
        is_known = all(each in known.records for each in wanted)
        commit, *found = await self._run(
            READ,
            [_STATE, *(_TABLE_KEYS[table.name] for table, _ in wanted)],
            [known.commit if is_known else b"-", *(_field(record_id) for _, record_id in wanted)],
        )
        if is_known and commit == known.commit:
            return known
        if commit != self._known.commit or len(self._known.records) > RECORDS_KEPT:
            self._known = _Fetched(commit, {})
        known = self._known
        known.records.update(zip(wanted, found, strict=True))
        return known

    async def _run(
        self, script: Script, keys: Sequence[Word], arguments: Sequence[Word] = ()
    ) -> Any:
        return await script.run(self._valkey, TAG.encode(), keys, arguments)

    async def _read_all(self) -> _Dump:
        version, *tables = await self._run(READ_ALL, [_STATE, *_TABLE_KEYS.values()])
        return _Dump(version, tables)

    async def _commit(self, mode: str, changes: Sequence[Change[Any]], room: Room | None) -> None:
        limit: tuple[Word, ...] = (0, 0)
        if room is not None:
            limit = (_KEY_INDEX[room.table.name], room.most)
        outcome = await self._write(COMMIT, [mode, *limit, *_arguments(changes)])
        if outcome == b"full":
            assert room is not None
            raise NoRoomError(room.table.name)
        if outcome != b"done":
            raise ConflictError(outcome.decode("utf-8", "replace").removeprefix(PREFIX))

    async def _restore(self, dump: _Dump, take_over: TakeOver) -> None:
        async with self._taking_over(take_over):
            await self._put_back(dump)

    @asynccontextmanager
    async def _taking_over(self, take_over: TakeOver) -> AsyncIterator[None]:
        """Call ``take_over`` after the block, which replaces the records. If either fails, bring
        back the records that were there, as far as the Valkey can be reached."""
        before = await self._read_all()
        try:
            yield
            await take_over(None)
        except (ConflictError, RefusedError):  # Nothing was replaced: undo nothing of others.
            raise
        except BaseException:
            with contextlib.suppress(EngineUnavailableError):
                await self._put_back(before)
            raise

    async def _put_back(self, dump: _Dump) -> None:
        arguments: list[Word] = [dump.version]
        for table, pairs in zip(TABLES, dump.tables, strict=True):
            for record_id, content in _paired(pairs):
                arguments += [_KEY_INDEX[table.name], record_id, content]
        await self._write(RESTORE, arguments)

    async def _write(self, script: Script, arguments: Sequence[Word]) -> bytes:
        commit = new_id()
        keys = [_STATE, f"{PREFIX}commit:{commit}", *_TABLE_KEYS.values()]
        outcome: bytes = await self._run(
            script, keys, [commit, COMMIT_REMEMBERED_MILLISECONDS, *arguments]
        )
        return outcome


class _ReadBatch:
    """A read that is about to be sent, with the records that it will ask for."""

    def __init__(self, read: Any) -> None:
        self.wanted: list[_Wanted] = []
        self.task: asyncio.Task[_Fetched] = asyncio.ensure_future(read(self))
        self.task.add_done_callback(_mark_retrieved)


def _mark_retrieved(task: asyncio.Task[_Fetched]) -> None:
    """Prevent asyncio's warning about an unread exception if all callers were cancelled."""
    if not task.cancelled():
        task.exception()


def _arguments(changes: Sequence[Change[Any]]) -> Iterator[Word]:
    for table, record_id, record, expected in (
        (change.table, change.record_id, change.record, change.expected) for change in changes
    ):
        yield _KEY_INDEX[table.name]
        yield _field(record_id)
        yield "" if expected is None else expected
        yield "" if record is None else _ENCODER.encode(table.encode(record))


def _field(record_id: str) -> bytes:
    return record_id.encode("utf-8", "surrogatepass")


async def _decode_all(table: Table[R], pairs: Sequence[bytes]) -> dict[str, Versioned[R]]:
    entries: dict[str, Versioned[R]] = {}
    pace = Pace()
    for record_id, content in _paired(pairs):
        entries[record_id.decode("utf-8", "surrogatepass")] = _decode(table, content)
        await pace.step()
    return {record_id: entries[record_id] for record_id in sorted(entries)}


def _paired(pairs: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(pairs[::2], pairs[1::2], strict=True)


@lru_cache(maxsize=RECORDS_KEPT)
def _decode(table: Table[Any], content: bytes) -> Versioned[Any]:
    try:
        entry = json.loads(content)
        return Versioned(table.decode(entry["record"]), entry["version"], entry["created"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineUnavailableError(
            f"{_TABLE_KEYS[table.name]} contains a record that this version cannot read"
        ) from None
