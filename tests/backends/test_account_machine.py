"""Every account engine against a dictionary: whatever its clients do by turns, all see the same."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from emulator.backends.account.base import (
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
)
from emulator.backends.checkpoint import Checkpoint
from emulator.core.model import Invitation, Member
from tests.suites import examples, over

from .accounts import Accounts

CLIENTS = {"memory": 1, "file-without-fsync": 1, "valkey": 3, "valkey-cluster": 2}
"""How many clients of one account each engine can have."""

T = TypeVar("T")
Entries = dict[tuple[str, str], Versioned[Any]]

_tables: dict[str, Table[Any]] = {table.name: table for table in (MEMBERS, INVITATIONS)}
_ids = st.sampled_from(["a", "b", "é", ""])
_clients = st.integers(0, 2)
_wishes = st.lists(
    st.tuples(
        st.sampled_from(sorted(_tables)),
        _ids,
        st.sampled_from(["owner", "viewer", None]),
        st.sampled_from(["right"] * 8 + ["older", "newer", "none"]),
    ),
    max_size=4,
)


def _record(table: str, record_id: str, role_id: str | None) -> Any:
    if role_id is None:
        return None
    if table == "members":
        return Member(record_id, role_id)
    return Invitation("id", record_id, role_id)


class AccountMachine(RuleBasedStateMachine):
    """Clients that take turns, and what the account has to hold after each."""

    accounts: Accounts
    engine: str

    checkpoints = Bundle("checkpoints")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.opened = contextlib.AsyncExitStack()
        self.entries: Entries = {}
        self.version = 0

    @initialize()
    def open(self) -> None:
        directory = Path(self.opened.enter_context(tempfile.TemporaryDirectory()))
        self.clients = [
            self.run(self.opened.enter_async_context(self.accounts.opened(self.engine, directory)))
            for _ in range(CLIENTS[self.engine])
        ]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def client(self, number: int) -> AccountBackend:
        return self.clients[number % len(self.clients)]

    @rule(client=_clients, wishes=_wishes, most=st.none() | st.integers(0, 4))
    def commit(self, client: int, wishes: list[Any], most: int | None) -> None:
        changes, after, version = self._planned(wishes, self.entries)
        room = None if most is None or not changes else Room(MEMBERS, most)
        work = self.client(client).commit(*changes, room=room)
        there = sum(table == "members" for table, _ in self.entries)
        if room is not None and there >= room.most:
            with pytest.raises(NoRoomError):
                self.run(work)
        elif after is None:
            with pytest.raises(ConflictError):
                self.run(work)
        else:
            self.run(work)
            self.entries, self.version = after, version

    @rule(client=_clients, wishes=_wishes)
    def replace(self, client: int, wishes: list[Any]) -> None:
        changes, after, version = self._planned(wishes, {})
        work = self.client(client).replace(*changes)
        if after is None:
            with pytest.raises(ConflictError):
                self.run(work)
        else:
            self.run(work)
            self.entries, self.version = after, version

    @rule(client=_clients)
    def clear(self, client: int) -> None:
        self.run(self.client(client).clear())
        self.entries = {}

    @rule(client=_clients, target=checkpoints)
    def checkpoint(self, client: int) -> tuple[Checkpoint, Entries]:
        return self.run(self.client(client).checkpoint()), dict(self.entries)

    @rule(checkpoint=checkpoints)
    def restore(self, checkpoint: tuple[Checkpoint, Entries]) -> None:
        self.run(checkpoint[0].restore())
        self.entries = dict(checkpoint[1])

    @rule(
        client=_clients,
        wanted=st.lists(st.tuples(st.sampled_from(sorted(_tables)), _ids), max_size=6),
    )
    def read_some_at_once(self, client: int, wanted: list[tuple[str, str]]) -> None:
        async def read() -> list[Versioned[Any] | None]:
            account = self.client(client)
            return await asyncio.gather(
                *(account.get(_tables[table], record_id) for table, record_id in wanted)
            )

        assert self.run(read()) == [self.entries.get(place) for place in wanted]

    @invariant()
    def all_clients_see_the_same(self) -> None:
        for client in getattr(self, "clients", ()):
            found = self.run(client.snapshot())
            assert {
                (table.name, record_id): entry
                for table in TABLES
                for record_id, entry in found[table].items()
            } == self.entries
            for (table, record_id), entry in self.entries.items():
                assert self.run(client.get(_tables[table], record_id)) == entry
            assert self.run(client.count(MEMBERS)) == len(found[MEMBERS])

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.loop.close()

    def _planned(
        self, wishes: list[Any], before: Entries
    ) -> tuple[list[Change[Any]], Entries | None, int]:
        """The changes, and the entries and the last version after them; None where one of them
        expects wrongly."""
        changes = []
        after: Entries | None = dict(before)
        version, seen = self.version, dict(before)
        for name, record_id, role_id, expecting in wishes:
            record, found = _record(name, record_id, role_id), seen.pop((name, record_id), None)
            right = None if found is None else found.version
            expected = {
                "right": right,
                "older": (right or version) - 1,
                "newer": (right or version) + 1,
                "none": None,
            }[expecting]
            changes.append(Change(_tables[name], record_id, record, expected))
            if expected != right:
                after = None
            version += 1
            if record is not None:
                created = version if found is None else found.created
                seen[name, record_id] = Versioned(record, version, created)
        return changes, None if after is None else seen, version


@pytest.mark.parametrize("engine", over(*CLIENTS))
def test_the_clients_of_an_account_see_one_dictionary(accounts: Accounts, engine: str) -> None:
    machine = type("Machine", (AccountMachine,), {"accounts": accounts, "engine": engine})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples(40), stateful_step_count=20, deadline=None)
    )
