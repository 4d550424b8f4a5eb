"""API keys in the account: their order, their end, and the roles that they follow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.auth.access import GET_OBJECT
from emulator.auth.authentication import Caller
from emulator.auth.keys import key_proper, mint_v2, new_signing_secret
from emulator.auth.system_roles import OPERATOR
from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID, ROLES
from emulator.core.clock import MICROSECONDS
from emulator.core.errors import ForbiddenError, NotFoundError, UnauthorizedError
from emulator.core.failures import EngineUnavailableError
from emulator.core.permission_set import NOTHING, parse_permission_set
from emulator.service.account.tokens import TokenDefinition
from tests.service.harness import NOW
from tests.suites import examples

from .accounts import (
    ENGINES,
    READING,
    Administration,
    UnhurriedAccount,
    a_definition,
    account_engine,
    all_at_once,
    refusals,
)

SECOND = NOW // MICROSECONDS


@pytest.fixture(params=ENGINES)
async def admin(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Administration]:
    """An account with its Owner's key, and without custom roles."""
    made = Administration(account_engine(request.param, tmp_path))
    await made.open()
    yield made
    await made.account.close()


async def expect_no_key_without_a_role(admin: Administration) -> None:
    known = set(await admin.account.entries(ROLES))
    assert await admin.roles_of_live_keys() <= {*known, "owner", "operator", "viewer"}


async def test_a_role_that_is_deleted_while_it_gets_keys_leaves_none_behind(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition())
    deleted, *created = await all_at_once(
        admin.delete_role(role.role_id), *(admin.keys.create(role.role_id) for _ in range(4))
    )
    await expect_no_key_without_a_role(admin)
    if deleted == "deleted":
        assert refusals(created) == [NotFoundError] * 4
        assert await admin.key_ids() == []
    else:
        assert deleted == "blocked"
        assert refusals(created) == []
        assert len(await admin.key_ids()) == 4


steps = st.lists(st.sampled_from(["key", "key", "revoke", "delete", "rename"]), max_size=5)


@settings(max_examples=examples(80))
@given(doing=st.lists(steps, min_size=2, max_size=4), seed=st.integers(0, 2**32))
async def test_whatever_is_done_at_once_no_key_refers_to_a_role_that_is_gone(
    doing: list[list[str]], seed: int
) -> None:
    admin = Administration(UnhurriedAccount(seed))
    await admin.open()
    role = await admin.roles.create(a_definition())
    deletions: list[str] = []

    async def do(kind: str) -> None:
        if kind == "key":
            await admin.keys.create(role.role_id)
        elif kind == "delete":
            deletions.append(await admin.delete_role(role.role_id))
        elif kind == "rename":
            await admin.roles.replace(role.role_id, a_definition(f"Role {len(deletions)}"))
        else:
            for key_id in (await admin.key_ids())[:1]:
                await admin.keys.revoke_id(key_id)

    async def one_after_the_other(kinds: list[str]) -> None:
        for kind in kinds:
            await all_at_once(do(kind))

    await all_at_once(*map(one_after_the_other, doing))
    await expect_no_key_without_a_role(admin)
    assert (await admin.role_names() == []) == ("deleted" in deletions)


async def test_a_key_of_a_role_that_is_gone_is_not_made(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    await admin.delete_role(role.role_id)
    with pytest.raises(NotFoundError, match=role.role_id):
        await admin.keys.create(role.role_id)
    assert await admin.key_ids() == []


async def test_a_role_with_a_key_stays_until_the_key_is_revoked(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    _, record = await admin.keys.create(role.role_id)
    blocked = await admin.apis.delete_role(admin.asking("DeleteRole"), role.role_id)
    assert blocked["status"] == "blocked"
    assert [key["key_id"] for key in blocked["api_keys"]] == [record.key_id]
    await admin.keys.revoke_id(record.key_id)
    assert await admin.delete_role(role.role_id) == "deleted"


async def a_key_without_role(admin: Administration) -> str:
    """A key that had expired when its role was deleted, at a time when it has not."""
    role = await admin.roles.create(a_definition())
    key = (await admin.keys.create(role.role_id, expires_at=SECOND + 10)).api_key
    admin.clock.advance(10)
    assert await admin.delete_role(role.role_id) == "deleted"
    admin.clock.freeze(at=NOW)
    return key


@pytest.mark.proves("D47")
async def test_a_key_whose_role_is_gone_is_known_and_may_do_nothing(admin: Administration) -> None:
    caller = await admin.caller(await a_key_without_role(admin), "127.0.0.1")
    assert caller == Caller(caller.key_id, None, NOTHING, "127.0.0.1")
    with pytest.raises(ForbiddenError, match="deleted"):
        caller.require(GET_OBJECT, "store", "key")


@pytest.mark.proves("D24")
async def test_keys_are_in_the_order_of_their_creation_though_their_ids_are_random(
    admin: Administration,
) -> None:
    ids = [(await admin.keys.create("viewer")).record.key_id for _ in range(12)]
    assert ids != sorted(ids)
    assert await admin.key_ids() == ids
    await admin.keys.revoke_id(ids.pop(5))
    assert await admin.key_ids() == ids


@pytest.mark.proves("D24")
async def test_a_key_that_is_taken_over_again_keeps_its_place_and_id(admin: Administration) -> None:
    keys = [mint_v2(f"made-elsewhere-{number}", new_signing_secret()) for number in range(3)]
    added = [await admin.keys.add(key, "viewer") for key in keys]
    again = await admin.keys.add(keys[0], "operator", description="again")
    assert again.key_id == added[0].key_id
    assert await admin.key_ids() == [record.key_id for record in added]
    assert (await admin.caller(keys[0])).role == OPERATOR


async def test_a_key_that_is_taken_over_many_times_at_once_is_one_key(
    admin: Administration,
) -> None:
    key = mint_v2("made-elsewhere", new_signing_secret())
    answers = await all_at_once(*(admin.keys.add(key, "viewer") for _ in range(5)))
    assert refusals(answers) == []
    assert await admin.key_ids() == [answers[-1].key_id]
    assert {record.key_id for record in answers} == {answers[-1].key_id}


async def test_of_many_who_revoke_a_key_at_once_one_does(admin: Administration) -> None:
    key, record = await admin.keys.create("viewer")
    answers = await all_at_once(
        *(admin.keys.revoke_id(record.key_id) for _ in range(3)), admin.keys.revoke(key)
    )
    assert refusals(answers) == [NotFoundError] * 3
    assert await admin.key_ids() == []
    with pytest.raises(UnauthorizedError):
        await admin.caller(key)


async def test_a_key_is_revoked_once_by_its_id(admin: Administration) -> None:
    _, record = await admin.keys.create("viewer")
    other, _ = await admin.keys.create("viewer")
    await admin.keys.revoke_id(record.key_id)
    with pytest.raises(NotFoundError, match=record.key_id):
        await admin.keys.revoke_id(record.key_id)
    await admin.caller(other)


@pytest.mark.proves("D42")
async def test_a_key_is_no_longer_listed_from_the_very_second_in_which_it_expires(
    admin: Administration,
) -> None:
    key, record = await admin.keys.create("viewer", expires_at=SECOND + 10)
    forever = (await admin.keys.create("viewer")).record
    admin.clock.freeze(at=(SECOND + 10) * MICROSECONDS - 1)
    assert await admin.key_ids() == [record.key_id, forever.key_id]
    await admin.caller(key)
    admin.clock.freeze(at=(SECOND + 10) * MICROSECONDS)
    assert await admin.key_ids() == [forever.key_id]
    with pytest.raises(UnauthorizedError, match="expired"):
        await admin.caller(key)


@pytest.mark.proves("D42")
@pytest.mark.parametrize("v1_endpoint", [None, "host:1"])
async def test_a_key_that_has_expired_can_still_be_revoked(
    admin: Administration, v1_endpoint: str | None
) -> None:
    key, _ = await admin.keys.create("viewer", expires_at=SECOND, v1_endpoint=v1_endpoint)
    with pytest.raises(UnauthorizedError, match="expired"):
        await admin.caller(key)
    assert await admin.key_ids() == []
    await admin.keys.revoke(key)
    with pytest.raises(UnauthorizedError, match="not known"):
        await admin.caller(key)
    with pytest.raises(NotFoundError):
        await admin.keys.revoke(key)


@pytest.mark.proves("D47")
async def test_an_expired_key_does_not_keep_its_role(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    await admin.keys.create(role.role_id, expires_at=SECOND + 1)
    assert await admin.delete_role(role.role_id) == "blocked"
    admin.clock.freeze(at=(SECOND + 1) * MICROSECONDS)
    assert await admin.delete_role(role.role_id) == "deleted"


@pytest.mark.proves("D51")
async def test_a_token_ends_with_its_account(admin: Administration) -> None:
    permissions = parse_permission_set(READING)
    made = await admin.tokens.create(TokenDefinition(permissions, 60), "host:1")
    for presented in (made.token, key_proper(made.token) or ""):
        caller = await admin.caller(presented)
        assert caller == Caller(made.token_id, None, permissions)
    account = await admin.account.get(ACCOUNT, ACCOUNT_ID)
    await admin.account.clear()
    for presented in (made.token, admin.owner.authorization[0]):
        with pytest.raises(EngineUnavailableError, match="account is gone"):
            await admin.caller(presented)
    await admin.open()  # Another account, with another secret.
    assert await admin.account.get(ACCOUNT, ACCOUNT_ID) != account
    with pytest.raises(UnauthorizedError):
        await admin.caller(made.token)


@pytest.mark.proves("D51")
async def test_a_token_expires_at_the_very_second(admin: Administration) -> None:
    definition = TokenDefinition(parse_permission_set(READING), 60)
    made = await admin.tokens.create(definition, "host:1")
    assert made.expires_at == SECOND + 60
    admin.clock.freeze(at=made.expires_at * MICROSECONDS - 1)
    await admin.caller(made.token)
    admin.clock.freeze(at=made.expires_at * MICROSECONDS)
    with pytest.raises(UnauthorizedError, match="expired"):
        await admin.caller(made.token)
