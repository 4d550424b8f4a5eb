"""Several changes to the account in one step: all of them or none, in their order."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.account.base import (
    API_KEYS,
    INVITATIONS,
    MEMBERS,
    TABLES,
    AccountBackend,
    Change,
    ConflictError,
    NoRoomError,
    Room,
    Table,
    Versioned,
    in_creation_order,
)
from emulator.core.model import Invitation, Member
from tests.suites import examples, over

from .accounts import KEEPING_ACCOUNTS, Accounts
from .engines import account_engine

IDS = ("a", "b", "日本")


def a_member(user_name: str = "a", role_id: str = "owner") -> Member:
    return Member(user_name, role_id)


async def create(account: AccountBackend, *user_names: str) -> None:
    for user_name in user_names:
        await account.put(MEMBERS, user_name, a_member(user_name), expected=None)


async def found(account: AccountBackend, user_name: str = "a") -> Versioned[Member]:
    entry = await account.get(MEMBERS, user_name)
    assert entry is not None
    return entry


async def everything(account: AccountBackend) -> dict[str, dict[str, Versioned[Any]]]:
    entries = {table.name: await account.entries(table) for table in TABLES}
    assert {table.name: all_ for table, all_ in (await account.snapshot()).items()} == entries
    return entries


class Model:
    """The account as dictionaries, and a commit as plainly as it can be said."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Versioned[Any]]] = {table.name: {} for table in TABLES}
        self.version = 0

    def commit(self, changes: Sequence[Change[Any]]) -> bool:
        tables = {name: dict(entries) for name, entries in self.tables.items()}
        version = self.version
        for change in changes:
            entries = tables[change.table.name]
            before = entries.pop(change.record_id, None)
            if (before and before.version) != change.expected:
                return False
            version += 1
            if change.record is not None:
                created = before.created if before else version
                entries[change.record_id] = Versioned(change.record, version, created)
        self.tables, self.version = tables, version
        return True

    def now(self) -> dict[str, dict[str, Versioned[Any]]]:
        return {name: dict(sorted(entries.items())) for name, entries in self.tables.items()}


class Wish(NamedTuple):
    """A change, before it is known at which version the record will be."""

    table: Table[Any]
    record_id: str
    record: Any
    wrong: int


def _wishes(table: Table[Any], record: Any) -> st.SearchStrategy[Wish]:
    return st.builds(
        Wish,
        st.just(table),
        st.sampled_from(IDS),
        st.sampled_from([record, record, None]),
        st.sampled_from([0] * 9 + [-1, 1]),
    )


wishes = st.one_of(
    _wishes(MEMBERS, a_member()),
    _wishes(INVITATIONS, Invitation("id", "a", "viewer")),
)


def as_changes(model: Model, batch: Sequence[Wish]) -> list[Change[Any]]:
    """The batch with the versions that its records will have when it is their turn, or wrong
    ones."""
    versions = {
        (table.name, record_id): entry.version
        for table in TABLES
        for record_id, entry in model.tables[table.name].items()
    }
    changes = []
    for number, wish in enumerate(batch, start=model.version + 1):
        place = (wish.table.name, wish.record_id)
        expected = versions.pop(place, None)
        if wish.wrong:
            expected = (expected or number) + wish.wrong
        changes.append(Change(wish.table, wish.record_id, wish.record, expected))
        if wish.record is not None:
            versions[place] = number
    return changes


CREATE_AND_DELETE = [Wish(MEMBERS, "a", a_member(), 0), Wish(MEMBERS, "a", None, 0)]


@pytest.mark.parametrize("engine", over("memory", *KEEPING_ACCOUNTS))
@settings(max_examples=examples(100))
@given(batches=st.lists(st.lists(wishes, max_size=5), max_size=6))
@example(batches=[CREATE_AND_DELETE])
@example(batches=[[*CREATE_AND_DELETE, *CREATE_AND_DELETE[:1]]])
@example(batches=[CREATE_AND_DELETE[:1], [*reversed(CREATE_AND_DELETE)]])
@example(batches=[[*CREATE_AND_DELETE, Wish(INVITATIONS, "a", None, 1)]])
async def test_a_commit_makes_all_of_its_changes_or_none(
    accounts: Accounts, engine: str, batches: list[list[Wish]]
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as directory:
        async with accounts.opened(engine, Path(directory)) as account:
            for batch in batches:
                changes = as_changes(model, batch)
                if model.commit(changes):
                    await account.commit(*changes)
                else:
                    with pytest.raises(ConflictError):
                        await account.commit(*changes)
                assert await everything(account) == model.now()
        if engine != "memory" and model.version:
            async with accounts.opened(engine, Path(directory)) as again:
                assert await everything(again) == model.now()


async def test_versions_rise_in_the_order_of_the_changes(account: AccountBackend) -> None:
    await create(account, "z")
    await account.commit(
        Change(MEMBERS, "b", a_member("b"), None),
        Change(INVITATIONS, "c", Invitation("id", "c", "viewer"), None),
        Change(MEMBERS, "a", a_member("a"), None),
    )
    invitation = await account.get(INVITATIONS, "c")
    assert invitation is not None
    versions = [
        (await found(account, "z")).version,
        (await found(account, "b")).version,
        invitation.version,
        (await found(account, "a")).version,
    ]
    assert versions == sorted(set(versions))


async def test_when_a_record_was_created_stays_while_it_is_replaced(
    account: AccountBackend,
) -> None:
    await create(account, "a", "b")
    first = await found(account)
    assert first.created == first.version
    for role_id in ("viewer", "operator"):
        before = await found(account)
        await account.put(MEMBERS, "a", a_member("a", role_id), expected=before.version)
        after = await found(account)
        assert after.created == first.created
        assert after.version > before.version


@pytest.mark.parametrize("steps", ["two", "one"])
async def test_a_record_that_was_deleted_is_created_anew(
    account: AccountBackend, steps: str
) -> None:
    await create(account, "a", "b")
    before = await found(account)
    delete = Change(MEMBERS, "a", None, before.version)
    again = Change(MEMBERS, "a", a_member(), None)
    if steps == "one":
        await account.commit(delete, again)
    else:
        await account.commit(delete)
        await account.commit(again)
    after = await found(account)
    assert after.created == after.version > (await found(account, "b")).version
    newest_last = in_creation_order(await account.entries(MEMBERS))
    assert [entry.record.user_name for entry in newest_last] == ["b", "a"]


@pytest.mark.proves("D24")
async def test_entries_come_by_id_and_can_be_put_in_the_order_of_their_creation(
    account: AccountBackend,
) -> None:
    names = ["m", "b", "日本", "A", "z", "aa", "10", "9"]
    await create(account, *names)
    for name in ("z", "m", "A"):  # To be replaced makes nobody younger.
        version = (await found(account, name)).version
        await account.put(MEMBERS, name, a_member(name, "viewer"), expected=version)
    entries = await account.entries(MEMBERS)
    assert list(entries) == sorted(names)
    assert [entry.record.user_name for entry in in_creation_order(entries)] == names


async def test_a_commit_of_nothing_changes_nothing(account: AccountBackend) -> None:
    await create(account, "a")
    before = await everything(account)
    await account.commit()
    assert await everything(account) == before


async def test_a_record_that_is_not_there_can_be_removed_as_such(account: AccountBackend) -> None:
    await account.commit(
        Change(MEMBERS, "a", None, None), Change(MEMBERS, "b", a_member("b"), None)
    )
    assert list(await account.entries(MEMBERS)) == ["b"]


async def test_a_change_sees_those_before_it_in_the_same_commit(account: AccountBackend) -> None:
    create_it = Change(MEMBERS, "a", a_member(), None)
    with pytest.raises(ConflictError):
        await account.commit(create_it, create_it)
    assert await account.entries(MEMBERS) == {}


async def test_an_id_in_one_table_says_nothing_about_another(account: AccountBackend) -> None:
    await create(account, "a")
    version = (await found(account)).version
    with pytest.raises(ConflictError):
        await account.commit(Change(INVITATIONS, "a", None, version))
    await account.commit(Change(INVITATIONS, "a", Invitation("id", "a", "viewer"), None))
    assert (await found(account)).version == version
    assert await account.count(API_KEYS) == 0


async def test_a_clear_starts_no_version_again(account: AccountBackend) -> None:
    await create(account, "a", "b")
    last = (await found(account, "b")).version
    await account.clear()
    await create(account, "a")
    assert (await found(account)).created > last


@pytest.mark.parametrize("seed", range(5))
async def test_who_looks_while_records_move_between_tables_finds_each_in_one_of_them(
    account: AccountBackend, seed: int
) -> None:
    await create(account, *IDS)
    moving = True

    async def move(user_name: str) -> None:
        here: tuple[Table[Any], Any] = (MEMBERS, a_member(user_name))
        there: tuple[Table[Any], Any] = (INVITATIONS, Invitation("id", user_name, "viewer"))
        for _ in range(random.Random(f"{seed}{user_name}").randint(2, 6)):
            entry = await account.get(here[0], user_name)
            assert entry is not None
            await account.commit(
                Change(here[0], user_name, None, entry.version),
                Change(there[0], user_name, there[1], None),
            )
            here, there = there, here

    async def look() -> None:
        while moving:
            tables = await account.snapshot()
            assert sorted([*tables[MEMBERS], *tables[INVITATIONS]]) == sorted(IDS)
            await asyncio.sleep(0)

    looking = asyncio.ensure_future(look())
    await asyncio.gather(*map(move, IDS))
    moving = False
    await looking


class TablesThatTell:
    """The tables of the account, which tell whenever a reader has read one of them."""

    def __init__(self) -> None:
        self.at_the_next: list[Callable[[], object]] = []

    def __iter__(self) -> Iterator[Table[Any]]:
        for table in TABLES:
            yield table
            for each in self.at_the_next:
                each()


@pytest.mark.parametrize(("here", "there"), [(MEMBERS, INVITATIONS), (INVITATIONS, MEMBERS)])
async def test_a_snapshot_has_nothing_of_a_commit_that_ends_while_it_is_taken(
    tmp_path: Path, here: Table[Any], there: Table[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    records = {MEMBERS: a_member(), INVITATIONS: Invitation("id", "a", "viewer")}
    account = account_engine("file", tmp_path)
    gate = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as executor, contextlib.ExitStack() as stack:
        stack.callback(gate.set)
        asyncio.get_running_loop().set_default_executor(executor)
        await account.put(here, "a", records[here], expected=None)
        before = await account.snapshot()

        executor.submit(gate.wait)  # What is written from here on waits behind it.
        move = [
            Change(here, "a", None, before[here]["a"].version),
            Change(there, "a", records[there], None),
        ]
        commit = asyncio.ensure_future(account.commit(*move))
        await asyncio.sleep(0)
        tables = TablesThatTell()
        tables.at_the_next += [gate.set, lambda: executor.submit(lambda: None).result()]
        with monkeypatch.context() as patch:
            patch.setattr("emulator.backends.account.memory.TABLES", tables)
            meanwhile = await account.snapshot()

        assert "a" in await account.entries(there)  # The commit has ended indeed.
        assert meanwhile == before
        await commit


async def test_what_replaces_the_account_is_all_there_is(account: AccountBackend) -> None:
    await create(account, "a", "b")
    before = (await found(account, "b")).version
    await account.replace(Change(MEMBERS, "c", a_member("c"), None))
    assert list(await account.entries(MEMBERS)) == ["c"]
    assert (await found(account, "c")).version > before


async def test_what_cannot_replace_the_account_changes_nothing(account: AccountBackend) -> None:
    await create(account, "a")
    before = await everything(account)
    with pytest.raises(ConflictError):
        await account.replace(
            Change(MEMBERS, "b", a_member("b"), None), Change(MEMBERS, "b", a_member("b"), None)
        )
    assert await everything(account) == before


async def test_an_account_that_is_replaced_by_nothing_is_empty(account: AccountBackend) -> None:
    await create(account, "a")
    await account.replace()
    assert not any((await everything(account)).values())


async def test_a_commit_that_asks_for_room_in_a_table_that_is_full_changes_nothing(
    account: AccountBackend,
) -> None:
    await create(account, "a", "b")
    before = await everything(account)
    new = Change(MEMBERS, "c", a_member("c"), None)
    for changes in ((new,), (new, new)):  # Where it would conflict too, this is what is said.
        with pytest.raises(NoRoomError):
            await account.commit(*changes, room=Room(MEMBERS, 2))
    assert await everything(account) == before
    with pytest.raises(ConflictError):
        await account.commit(new, new, room=Room(MEMBERS, 3))
    await account.commit(new, room=Room(INVITATIONS, 1))
    await account.commit(Change(MEMBERS, "d", a_member("d"), None), room=Room(MEMBERS, 4))
    assert await account.count(MEMBERS) == 4


async def test_of_many_who_ask_for_the_last_room_one_gets_it(account: AccountBackend) -> None:
    async def join(number: int) -> bool:
        member = a_member(str(number))
        try:
            await account.commit(
                Change(MEMBERS, member.user_name, member, None), room=Room(MEMBERS, 3)
            )
        except NoRoomError:
            return False
        return True

    joined = await asyncio.gather(*map(join, range(20)))
    assert joined.count(True) == await account.count(MEMBERS) == 3
