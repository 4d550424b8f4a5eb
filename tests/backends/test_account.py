"""What every account engine does: records by table and id, written by compare-and-set."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    STORES,
    TABLES,
    AccountBackend,
    ConflictError,
    Table,
)
from emulator.backends.account.file import FORMAT, FileAccount
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Account, ApiKey, Store
from tests.suites import examples, over

from .account_records import RECORDS, records, texts
from .accounts import KEEPING_ACCOUNTS, Accounts
from .objects import files_below


def a_store(name: str = "store", *, bucket: str = "bucket") -> Store:
    return Store(name, bucket, "prefix", "arn", "cluster", "namespace")


async def version_of(account: AccountBackend, record_id: str = "store") -> int | None:
    found = await account.get(STORES, record_id)
    return None if found is None else found.version


async def records_of(account: AccountBackend, table: Table[Any]) -> list[Any]:
    return [entry.record for entry in (await account.entries(table)).values()]


async def create(account: AccountBackend, *names: str) -> None:
    for name in names:
        await account.put(STORES, name, a_store(name), expected=None)


async def test_where_nothing_was_put_there_is_no_record(account: AccountBackend) -> None:
    await create(account, "store")
    assert await account.get(STORES, "other") is None
    assert await account.get(API_KEYS, "store") is None
    assert await records_of(account, API_KEYS) == []
    assert await account.count(API_KEYS) == 0


@pytest.mark.parametrize("engine", over("memory", *KEEPING_ACCOUNTS))
@settings(max_examples=examples(60))
@given(entry=records, record_id=texts)
async def test_a_record_comes_back_as_it_was_put(
    accounts: Accounts, engine: str, entry: tuple[Table[Any], Any], record_id: str
) -> None:
    table, record = entry
    with tempfile.TemporaryDirectory() as directory:
        async with accounts.opened(engine, Path(directory)) as account:
            await account.put(table, record_id, record, expected=None)
            async with accounts.opened(engine, Path(directory)) as again:
                for opened in (account,) if engine == "memory" else (account, again):
                    found = await opened.get(table, record_id)
                    assert found is not None
                    assert found.record == record
                    assert await records_of(opened, table) == [record]


def test_there_are_records_of_every_table() -> None:
    assert set(RECORDS) == set(TABLES)


async def test_every_write_gives_a_record_a_version_that_it_never_had(
    account: AccountBackend,
) -> None:
    versions: list[int] = []
    for round_number in range(3):
        await create(account, "store")
        for number in range(3):
            version = await version_of(account)
            assert version is not None
            versions.append(version)
            record = a_store(bucket=f"{round_number}-{number}")
            await account.put(STORES, "store", record, expected=version)
        version = await version_of(account)
        assert version is not None
        versions.append(version)
        if round_number == 1:
            await account.clear()
        else:
            await account.delete(STORES, "store", expected=version)
    assert versions == sorted(set(versions))


async def test_a_write_to_one_record_leaves_the_versions_of_others(account: AccountBackend) -> None:
    await create(account, "one", "other")
    before = await version_of(account, "one")
    other = await version_of(account, "other")
    assert other is not None
    await account.put(STORES, "other", a_store("other", bucket="new"), expected=other)
    assert await version_of(account, "one") == before


Attempt = Callable[[AccountBackend, int], Any]

WRONG_EXPECTATIONS: dict[str, Attempt] = {
    "create what is there": lambda account, _version: account.put(
        STORES, "store", a_store(bucket="wrong"), expected=None
    ),
    "replace at an older version": lambda account, version: account.put(
        STORES, "store", a_store(bucket="wrong"), expected=version - 1
    ),
    "replace at a newer version": lambda account, version: account.put(
        STORES, "store", a_store(bucket="wrong"), expected=version + 1
    ),
    "replace what is not there": lambda account, version: account.put(
        STORES, "missing", a_store("missing"), expected=version
    ),
    "replace what another table has": lambda account, version: account.put(
        API_KEYS, "store", ApiKey("id", "digest", "owner", "", 0), expected=version
    ),
    "delete at an older version": lambda account, version: account.delete(
        STORES, "store", expected=version - 1
    ),
    "delete at a newer version": lambda account, version: account.delete(
        STORES, "store", expected=version + 1
    ),
    "delete what is not there": lambda account, version: account.delete(
        STORES, "missing", expected=version
    ),
}


@pytest.mark.parametrize("attempt", WRONG_EXPECTATIONS.values(), ids=WRONG_EXPECTATIONS)
async def test_a_write_that_expects_wrongly_conflicts_and_writes_nothing(
    account: AccountBackend, tmp_path: Path, attempt: Attempt
) -> None:
    await create(account, "store")
    version = await version_of(account)
    assert version is not None
    record = a_store(bucket="second")
    await account.put(STORES, "store", record, expected=version)
    before = [(path, path.read_bytes()) for path in sorted(files_below(tmp_path))]
    found = await account.get(STORES, "store")
    assert found is not None
    with pytest.raises(ConflictError):
        await attempt(account, found.version)
    assert await account.get(STORES, "store") == found
    assert await records_of(account, STORES) == [record]
    assert await account.count(API_KEYS) == 0
    assert [(path, path.read_bytes()) for path in sorted(files_below(tmp_path))] == before


async def test_a_deleted_record_is_gone_and_can_be_created_again(account: AccountBackend) -> None:
    await create(account, "store", "other")
    version = await version_of(account)
    assert version is not None
    await account.delete(STORES, "store", expected=version)
    assert await account.get(STORES, "store") is None
    assert await records_of(account, STORES) == [a_store("other")]
    with pytest.raises(ConflictError):
        await account.put(STORES, "store", a_store(), expected=version)
    await create(account, "store")
    assert await account.count(STORES) == 2


@pytest.mark.proves("D24")
async def test_a_list_is_ordered_by_id(account: AccountBackend) -> None:
    names = ["b", "a", "B", "a.b", "a-b", "10", "9", "_", "~", "aa", "A"]
    await create(account, *names)
    assert [store.name for store in await records_of(account, STORES)] == sorted(names)
    assert await account.count(STORES) == len(names)


async def test_changing_a_list_that_was_given_changes_no_record(account: AccountBackend) -> None:
    await create(account, "store")
    (await account.entries(STORES)).clear()
    assert await records_of(account, STORES) == [a_store()]


async def test_clearing_removes_every_record_of_every_table(account: AccountBackend) -> None:
    for _ in range(2):
        await create(account, "one", "other")
        await account.put(ACCOUNT, ACCOUNT_ID, Account("acct", "secret"), expected=None)
        await account.put(API_KEYS, "digest", ApiKey("id", "digest", "owner", "", 0), expected=None)
        await account.clear()
        assert [await account.count(table) for table in TABLES] == [0] * len(TABLES)
        assert await records_of(account, STORES) == []
        assert await account.get(ACCOUNT, ACCOUNT_ID) is None


async def test_of_many_creators_of_one_record_exactly_one_wins(account: AccountBackend) -> None:
    answers = await asyncio.gather(
        *(
            account.put(STORES, "store", a_store(bucket=str(number)), expected=None)
            for number in range(10)
        ),
        return_exceptions=True,
    )
    winners = [number for number, answer in enumerate(answers) if answer is None]
    assert len(winners) == 1
    assert all(isinstance(answer, ConflictError) for answer in answers if answer is not None)
    assert await records_of(account, STORES) == [a_store(bucket=str(winners[0]))]


async def test_of_many_writers_who_read_the_same_version_exactly_one_wins(
    account: AccountBackend,
) -> None:
    await create(account, "store")
    version = await version_of(account)
    assert version is not None
    writes = [
        account.put(STORES, "store", a_store(bucket=str(number)), expected=version)
        for number in range(5)
    ]
    deletions = [account.delete(STORES, "store", expected=version) for _ in range(5)]
    answers = await asyncio.gather(*writes, *deletions, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1


async def test_no_increment_by_compare_and_set_is_lost(account: AccountBackend) -> None:
    await account.put(STORES, "store", a_store(bucket="0"), expected=None)

    async def increment() -> None:
        for _ in range(3):
            while True:
                found = await account.get(STORES, "store")
                assert found is not None
                record = replace(found.record, bucket_name=str(int(found.record.bucket_name) + 1))
                try:
                    await account.put(STORES, "store", record, expected=found.version)
                except ConflictError:
                    continue
                break

    await asyncio.gather(*(increment() for _ in range(4)))
    assert await records_of(account, STORES) == [a_store(bucket="12")]


_operations = st.lists(
    st.tuples(
        st.sampled_from(["create", "replace", "replace", "delete", "wrong", "clear", "reopen"]),
        st.sampled_from([STORES, API_KEYS]),
        st.sampled_from(["a", "b", "日本"]),
    ),
    max_size=20,
)


@pytest.mark.parametrize("engine", over("memory", *KEEPING_ACCOUNTS))
@settings(max_examples=examples(60))
@given(operations=_operations)
async def test_an_account_is_a_dictionary_of_records(
    accounts: Accounts, engine: str, operations: list[tuple[str, Table[Any], str]]
) -> None:
    model: dict[tuple[str, str], tuple[Any, int | None]] = {}
    with tempfile.TemporaryDirectory() as directory:
        clients = contextlib.AsyncExitStack()
        account = await clients.enter_async_context(accounts.opened(engine, Path(directory)))
        for number, (operation, table, record_id) in enumerate(operations):
            place = (table.name, record_id)
            _, version = model.get(place, (None, None))
            if table is STORES:
                record: Any = a_store(record_id, bucket=str(number))
            else:
                record = ApiKey(str(number), record_id, "owner", "", number)
            if operation in ("create", "replace"):
                expected = None if operation == "create" else version
                if expected == version:
                    await account.put(table, record_id, record, expected=expected)
                    model[place] = (record, None)
                else:
                    with pytest.raises(ConflictError):
                        await account.put(table, record_id, record, expected=expected)
            elif operation == "delete" and version is not None:
                await account.delete(table, record_id, expected=version)
                del model[place]
            elif operation == "wrong":
                with pytest.raises(ConflictError):
                    await account.put(table, record_id, record, expected=(version or 0) + 1)
            elif operation == "clear":
                await account.clear()
                model.clear()
            elif operation == "reopen" and engine != "memory":
                again = accounts.opened(engine, Path(directory))
                account = await clients.enter_async_context(again)
            found = await account.get(table, record_id)
            if place in model:
                assert found is not None
                assert found.record == model[place][0]
                assert model[place][1] in (None, found.version)
                model[place] = (found.record, found.version)
            else:
                assert found is None
            kinds: tuple[Table[Any], ...] = (STORES, API_KEYS)
            for kind in kinds:
                expected_records = [
                    record for (name, _), (record, _) in sorted(model.items()) if name == kind.name
                ]
                assert await records_of(account, kind) == expected_records
                assert await account.count(kind) == len(expected_records)
        await clients.aclose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of an account, in a directory of its own."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "account.json"


async def test_an_account_in_a_file_is_the_same_after_a_restart(path: Path) -> None:
    before = FileAccount(path)
    await create(before, "one", "other")
    await before.put(ACCOUNT, ACCOUNT_ID, Account("acct", "secret"), expected=None)
    version = await version_of(before, "one")
    assert version is not None
    await before.put(STORES, "one", a_store("one", bucket="new"), expected=version)
    after = FileAccount(path)
    for table in TABLES:
        assert await records_of(after, table) == await records_of(before, table)
    assert await after.get(STORES, "one") == await before.get(STORES, "one")
    with pytest.raises(ConflictError):
        await after.put(STORES, "one", a_store("one"), expected=version)


async def test_a_version_is_not_given_again_after_a_restart(path: Path) -> None:
    before = FileAccount(path)
    await create(before, "store")
    version = await version_of(before)
    assert version is not None
    await before.delete(STORES, "store", expected=version)
    after = FileAccount(path)
    await create(after, "store")
    assert await version_of(after) != version


async def test_an_account_that_was_never_written_makes_no_file(path: Path) -> None:
    account = FileAccount(path)
    assert await account.get(STORES, "store") is None
    assert await records_of(account, STORES) == []
    assert list(path.parent.iterdir()) == []


async def test_the_file_of_an_account_is_for_its_owner_alone(path: Path) -> None:
    account = FileAccount(path)
    await create(account, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    await create(account, "other")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def edited(**members: object) -> bytes:
    """The file of an account with one store, with other members."""
    entry = {"version": 1, "created": 1, "record": STORES.encode(a_store())}
    content = {"format": FORMAT, "version": 1, "tables": with_stores({"store": entry}), **members}
    return json.dumps(content).encode()


def with_stores(entries: dict[str, Any]) -> dict[str, Any]:
    """The tables of an account that has only these stores."""
    return {**{table.name: {} for table in TABLES}, "stores": entries}


def with_entry(entry: object) -> bytes:
    return edited(tables=with_stores({"store": entry}))


BROKEN = {
    "a list": b"[]",
    "null": b"null",
    "a number": b"17",
    "a text": b'"account"',
    "an empty object": b"{}",
    "only a format": json.dumps({"format": FORMAT}).encode(),
    "a format that is a word": edited(format="one"),
    "a format that is null": edited(format=None),
    "a version that is a word": edited(version="one"),
    "a version that is null": edited(version=None),
    "no tables": edited(tables={}),
    "tables that are a list": edited(tables=[]),
    "a table that is a list": edited(tables={table.name: [] for table in TABLES}),
    "a table that is missing": edited(tables={"account": {}, "stores": {}, "api_keys": {}}),
    "an entry that is a text": with_entry("store"),
    "an entry without version": with_entry({"created": 1, "record": STORES.encode(a_store())}),
    "an entry with a word for its version": with_entry(
        {"version": "one", "created": 1, "record": STORES.encode(a_store())}
    ),
    "an entry that was never created": with_entry(
        {"version": 1, "record": STORES.encode(a_store())}
    ),
    "an entry without record": with_entry({"version": 1, "created": 1}),
    "a record that is a list": with_entry({"version": 1, "created": 1, "record": []}),
    "a record that lacks a member": with_entry(
        {"version": 1, "created": 1, "record": {"name": "store"}}
    ),
    "a record with another member": with_entry(
        {"version": 1, "created": 1, "record": {**STORES.encode(a_store()), "other": 1}}
    ),
}

NO_JSON = {
    "nothing": b"",
    "no JSON": b"no JSON",
    "a nest without end": b"[" * 200_000,
    "no UTF-8": b'{"\xff": 1}',
    "half a file": edited()[: len(edited()) // 2],
}


def test_the_file_that_the_broken_ones_are_made_of_is_right(path: Path) -> None:
    path.write_bytes(edited())
    FileAccount(path)


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_holds_no_account_is_refused_as_such(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ValueError, match="account"):
        FileAccount(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
def test_a_file_that_is_no_json_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ValueError, match="JSON"):
        FileAccount(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("number", [FORMAT + 1, 99])
def test_a_file_of_a_newer_format_is_refused_as_such(path: Path, number: int) -> None:
    content = edited(format=number)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"format {number}"):
        FileAccount(path)
    assert path.read_bytes() == content


Alteration = Callable[[FileAccount, int], Any]

CHANGES: dict[str, Alteration] = {
    "create": lambda account, _version: account.put(STORES, "new", a_store("new"), expected=None),
    "replace": lambda account, version: account.put(
        STORES, "store", a_store(bucket="new"), expected=version
    ),
    "delete": lambda account, version: account.delete(STORES, "store", expected=version),
    "clear": lambda account, _version: account.clear(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("obstacle", ["no directory", "a directory in the file's place"])
async def test_a_change_that_cannot_be_written_is_not_made(
    path: Path, tmp_path: Path, change: Alteration, obstacle: str
) -> None:
    account = FileAccount(path)
    await create(account, "store")
    found = await account.get(STORES, "store")
    assert found is not None
    aside = tmp_path / "aside"
    blocked = path.parent if obstacle == "no directory" else path
    blocked.rename(aside)
    if blocked is path:
        path.mkdir()
    with pytest.raises(EngineUnavailableError):
        await change(account, found.version)
    assert await account.get(STORES, "store") == found
    assert await records_of(account, STORES) == [a_store()]
    if blocked is path:
        path.rmdir()
    aside.rename(blocked)
    assert list(path.parent.iterdir()) == [path]
    assert await FileAccount(path).get(STORES, "store") == found
    await change(account, found.version)
    assert await records_of(FileAccount(path), STORES) == await records_of(account, STORES)
    assert await records_of(account, STORES) != [a_store()]


async def test_every_change_is_in_the_file_before_anybody_sees_it(path: Path) -> None:
    account = FileAccount(path, fsync=False)
    seen = 0

    async def write() -> None:
        for number in range(20):
            await create(account, f"store-{number:02}")

    async def look() -> None:
        nonlocal seen
        while seen < 20:
            in_memory = await records_of(account, STORES)
            if len(in_memory) > seen:
                in_file = await records_of(FileAccount(path), STORES)
                assert in_file[: len(in_memory)] == in_memory
                seen = len(in_memory)
            await asyncio.sleep(0)

    await asyncio.gather(write(), look())


class SlowFile(PosixPath):
    """A file of which the first write takes until `gate` is set."""

    gate = threading.Event()
    waiting = threading.Event()

    @property
    def parent(self) -> Any:
        if not self.waiting.is_set():
            self.waiting.set()
            assert self.gate.wait(timeout=10)
        return super().parent


async def test_no_acknowledged_change_is_lost_to_one_that_was_cancelled(path: Path) -> None:
    await create(FileAccount(path), "store")
    SlowFile.gate, SlowFile.waiting = threading.Event(), threading.Event()
    account = FileAccount(SlowFile(path), fsync=False)
    cancelled = asyncio.ensure_future(create(account, "cancelled"))
    assert await asyncio.to_thread(SlowFile.waiting.wait, 10)
    cancelled.cancel()
    change = asyncio.ensure_future(create(account, "change"))
    await asyncio.wait([change], timeout=0.1)
    SlowFile.gate.set()
    await asyncio.gather(cancelled, change, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert a_store("change") in await records_of(account, STORES)
    assert await records_of(FileAccount(path), STORES) == await records_of(account, STORES)
