"""The services that change the account, over every engine, and over one that lets others in
between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from emulator.auth.authentication import Authenticator, Caller
from emulator.auth.keys import new_signing_secret
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    AccountBackend,
    AccountCheckpoint,
    Change,
    R,
    Room,
    Table,
    Versioned,
)
from emulator.backends.account.file import FileAccount
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.take_over import TakeOver, write_file
from emulator.core.clock import Clock
from emulator.core.errors import ServiceError
from emulator.core.model import Account
from emulator.core.operation import Credentials, Operation
from emulator.core.permission_set import parse_permission_set
from emulator.service.account.roles import RoleDefinition
from emulator.service.account.services import AccountServices
from emulator.service.admission import Admission
from emulator.service.auth_apis import AuthApis
from emulator.service.credential_admission import CredentialAdmission
from tests.service.harness import NOW
from tests.suites import one_in_full

_T = TypeVar("_T")

SEEDS = range(5)
ENGINES = one_in_full("memory", "file", *(f"unhurried-{seed}" for seed in SEEDS))
"""Engines by name, as parameters; the unhurried ones each let others in at other moments."""

READING = {"rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]}
WRITING = {"rules": [{"type": "store", "permissions": ["write"], "stores": "*", "items": "*"}]}


class UnhurriedAccount(AccountBackend):
    """An engine to which everybody has a way to go, and from which a way back."""

    name = "unhurried"

    def __init__(self, seed: int, engine: AccountBackend | None = None) -> None:
        self._engine = engine or MemoryAccount()
        self._random = random.Random(seed)

    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        return await self._there_and_back(self._engine.get(table, record_id))

    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        return await self._there_and_back(self._engine.entries(table))

    async def count(self, table: Table[R]) -> int:
        return await self._there_and_back(self._engine.count(table))

    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        return await self._there_and_back(self._engine.snapshot())

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        await self._there_and_back(self._engine.commit(*changes, room=room))

    async def replace(self, *changes: Change[Any], take_over: TakeOver = write_file) -> None:
        await self._there_and_back(self._engine.replace(*changes, take_over=take_over))

    async def clear(self) -> None:
        await self._there_and_back(self._engine.clear())

    async def checkpoint(self) -> AccountCheckpoint:
        return await self._there_and_back(self._engine.checkpoint())

    async def check(self) -> None:
        await self._there_and_back(self._engine.check())

    async def close(self) -> None:
        await self._engine.close()

    async def _there_and_back(self, call: Awaitable[_T]) -> _T:
        await self._walk()
        try:
            return await call
        finally:
            await self._walk()

    async def _walk(self) -> None:
        for _ in range(self._random.choice((1, 1, 2, 3, 8, 20))):
            await asyncio.sleep(0)


def account_engine(name: str, directory: Path) -> AccountBackend:
    """An empty account of that engine; one that uses a file keeps it in `directory`."""
    if name == "memory":
        return MemoryAccount()
    if name == "file":
        return FileAccount(directory / "account.json", fsync=False)
    return UnhurriedAccount(int(name.removeprefix("unhurried-")))


class Administration:
    """All that changes the account, its clock frozen at `NOW`. `open` comes first."""

    def __init__(self, account: AccountBackend, *, max_custom_roles: int | None = None) -> None:
        self.account = account
        self.clock = Clock()
        self.clock.freeze(at=NOW)
        services = AccountServices(account, self.clock, max_custom_roles=max_custom_roles)
        self.roles, self.keys = services.roles, services.api_keys
        self.members, self.tokens = services.members, services.tokens
        self.authenticator = Authenticator(account, self.clock)
        self.apis = AuthApis(
            CredentialAdmission(Admission(self.authenticator)), services, self.clock
        )

    async def open(self) -> None:
        """Make the account, and an Owner's key."""
        account = Account("acct-test", new_signing_secret())
        await self.account.put(ACCOUNT, ACCOUNT_ID, account, expected=None)
        self.owner = Credentials([(await self.keys.create("owner")).api_key])

    def asking(self, name: str) -> Operation:
        """An operation that the Owner asks for."""
        return Operation(name, "", "", NOW, credentials=self.owner)

    async def delete_role(self, role_id: str) -> str:
        """Delete a role as its Owner does; the `status` of the answer."""
        status: str = (await self.apis.delete_role(self.asking("DeleteRole"), role_id))["status"]
        return status

    async def caller(self, key: str, address: str | None = None) -> Caller:
        return await self.authenticator.authenticate(Credentials([key], address))

    async def role_names(self) -> list[str]:
        """What the custom roles are called, the oldest first."""
        return [entry.record.role_name for entry in await self.roles.custom()]

    async def key_ids(self) -> list[str]:
        """The active keys but the Owner's, the oldest first."""
        own = await self.caller(self.owner.authorization[0])
        listed = [entry.record.key_id for entry in await self.keys.active()]
        return [key_id for key_id in listed if key_id != own.key_id]

    async def roles_of_live_keys(self) -> set[str]:
        """The ids of the roles that the account's keys refer to."""
        entries = await self.account.entries(API_KEYS)
        return {entry.record.role_id for entry in entries.values()}


def a_definition(
    role_name: str = "Readers", document: object = READING, description: str | None = None
) -> RoleDefinition:
    return RoleDefinition(role_name, parse_permission_set(document), description)


async def all_at_once(*calls: Awaitable[Any]) -> list[Any]:
    """What each of the calls answered, or how the service refused it.

    Anything else that was raised is raised again.
    """
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, ServiceError):
            raise answer
    return answers


def refusals(answers: Iterable[Any]) -> list[type[ServiceError]]:
    """How those were refused that were."""
    return [type(answer) for answer in answers if isinstance(answer, ServiceError)]
