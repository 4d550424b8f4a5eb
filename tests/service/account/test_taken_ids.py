"""An id that is taken is drawn again, and no two things share one (D127)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import pytest

from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.memory import MemoryCache
from emulator.core.clock import Clock
from emulator.core.errors import AlreadyExistsError
from emulator.core.model import Account
from emulator.core.revisions import FIRST
from emulator.service import stores as stores_module
from emulator.service.account import api_keys, members, roles
from emulator.service.account.roles import parse_definition
from emulator.service.cache_tier import CacheTier
from emulator.service.store_configuration import parse_configuration
from tests.support.client import store_configuration

pytestmark = pytest.mark.proves("D127")

TAKEN, FREE = "0" * 32, "1" * 32

PERMISSIONS: dict[str, Any] = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}


@pytest.fixture(autouse=True)
def draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have chance give the same id three times, and then another one."""
    drawn: Iterator[str] = iter([TAKEN, TAKEN, TAKEN, FREE])

    def new_id(taken: Container[str] = ()) -> str:
        return next(each for each in drawn if each not in taken)

    for module in (api_keys, members, roles, stores_module):
        monkeypatch.setattr(module, "new_id", new_id)


@pytest.fixture
async def account() -> MemoryAccount:
    made = MemoryAccount()
    await made.put(ACCOUNT, ACCOUNT_ID, Account("acct", "s" * 128), expected=None)
    return made


def role(name: str) -> roles.RoleDefinition:
    return parse_definition({"role_name": name, "permissions": PERMISSIONS})


async def test_two_roles_have_two_ids(account: MemoryAccount) -> None:
    of_account = roles.Roles(account)
    made = [await of_account.create(role(name)) for name in ("one", "other")]
    assert [each.role_id for each in made] == [TAKEN, FREE]


async def test_a_taken_name_is_still_refused(account: MemoryAccount) -> None:
    of_account = roles.Roles(account)
    await of_account.create(role("one"))
    with pytest.raises(AlreadyExistsError, match="'one'"):
        await of_account.create(role("one"))
    with pytest.raises(AlreadyExistsError):
        await of_account.create(role("other"), TAKEN)


async def test_two_api_keys_have_two_ids(account: MemoryAccount) -> None:
    of_account = api_keys.ApiKeys(account, Clock())
    made = [await of_account.create("viewer") for _ in range(2)]
    assert [each.record.key_id for each in made] == [TAKEN, FREE]
    assert made[0].api_key != made[1].api_key


async def test_two_invitations_have_two_ids(account: MemoryAccount) -> None:
    of_account = members.Members(account)
    made = [await of_account.invite(name, "viewer") for name in ("one", "other")]
    assert [each.invitation_id for each in made] == [TAKEN, FREE]


async def test_two_stores_have_two_caches(account: MemoryAccount) -> None:
    cache = CacheTier(MemoryCache(), Clock(), max_object_bytes=10)
    of_account = stores_module.Stores(account, cache)
    made = []
    for name in ("one", "other"):
        configuration = parse_configuration(store_configuration(name, cluster="c"), FIRST)
        made.append((await of_account.put(name, configuration))[0])
    assert [each.cache_namespace for each in made] == [TAKEN, FREE]
