"""Emulators that open one account at once: they agree on it, in whatever order their steps come."""

from __future__ import annotations

import asyncio

import pytest

from emulator.auth.keys import digest
from emulator.auth.well_known import WELL_KNOWN_KEYS
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    MEMBERS,
    AccountBackend,
    ConflictError,
)
from emulator.backends.account.memory import MemoryAccount
from emulator.core.clock import Clock
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Account, ApiKey, Member
from emulator.startup.bootstrap import OpenAccount, open_account
from tests.service.account.accounts import UnhurriedAccount

pytestmark = pytest.mark.proves("D80")

ROLES = ("owner", "operator", "viewer")
FIXED = {role: f"eyJhbGciOiJIUzI1NiJ9.{role}Payload_0123456789.signature" for role in ROLES}


async def opened(account: AccountBackend, fixed: dict[str, str] | None = None) -> OpenAccount:
    return await open_account(account, Clock(), fixed or {}, None)


async def digests(account: AccountBackend) -> set[str]:
    return set(await account.entries(API_KEYS))


@pytest.mark.parametrize("seed", range(40))
async def test_of_many_who_find_no_account_one_makes_it(seed: int) -> None:
    account = MemoryAccount()
    all_opened = await asyncio.gather(
        *(opened(UnhurriedAccount(100 * seed + number, account)) for number in range(4))
    )
    assert len({each.account for each in all_opened}) == 1
    (maker,) = [each for each in all_opened if None not in each.api_keys.values()]
    assert await digests(account) == {digest(str(key)) for key in maker.api_keys.values()}
    for each in all_opened:
        assert {change.record_id for change in each.first_keys} == await digests(account)


@pytest.mark.parametrize("seed", range(20))
async def test_all_with_the_same_fixed_keys_are_let_in_and_nobody_else(seed: int) -> None:
    account = MemoryAccount()
    all_opened = await asyncio.gather(
        *(opened(UnhurriedAccount(100 * seed + number, account), FIXED) for number in range(3))
    )
    assert {tuple(each.api_keys.values()) for each in all_opened} == {tuple(FIXED.values())}
    assert await digests(account) == set(map(digest, FIXED.values()))


async def test_fixed_keys_that_are_there_are_left_as_they_are() -> None:
    account = MemoryAccount()
    await opened(account, FIXED)
    before = await account.snapshot()
    await opened(account, FIXED)
    assert await account.snapshot() == before


@pytest.mark.proves("D169")
async def test_well_known_keys_of_an_earlier_start_let_nobody_in() -> None:
    account = MemoryAccount()
    await opened(account)
    first = await digests(account)
    await opened(account, dict(WELL_KNOWN_KEYS))
    assert await digests(account) == first | set(map(digest, WELL_KNOWN_KEYS.values()))

    await opened(account)
    assert await digests(account) == first


@pytest.mark.proves("D169")
async def test_fixed_keys_of_an_earlier_start_stay_beside_none() -> None:
    account = MemoryAccount()
    await opened(account, FIXED)
    await opened(account)
    assert await digests(account) == set(map(digest, FIXED.values()))


async def test_what_an_account_left_behind_that_was_never_finished_lets_nobody_in() -> None:
    account = MemoryAccount()
    await account.put(API_KEYS, "old", ApiKey("id", "old", "owner", "", 1), expected=None)
    await opened(account, FIXED)
    assert "old" not in await digests(account)


async def test_no_account_is_made_where_another_one_has_lost_a_part() -> None:
    account = MemoryAccount()
    await account.put(MEMBERS, "ada", Member("ada", "owner"), expected=None)
    with pytest.raises(EngineUnavailableError, match="lost a part"):
        await opened(account, FIXED)
    assert await account.count(MEMBERS) == 1
    assert await account.count(API_KEYS) == 0


async def test_the_account_that_is_there_is_not_made_again() -> None:
    account = MemoryAccount()
    there = Account("acct-there", "secret")
    await account.put(ACCOUNT, ACCOUNT_ID, there, expected=None)
    found = await opened(account)
    assert found.account == there
    assert found.api_keys == dict.fromkeys(ROLES)
    with pytest.raises(ConflictError):
        await account.put(ACCOUNT, ACCOUNT_ID, there, expected=None)
