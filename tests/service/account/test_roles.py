"""Custom roles: their names, their changes, and many who change them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.auth.access import GET_OBJECT, PUT_OBJECT
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import ROLE_NAMES, ROLES
from emulator.backends.account.memory import MemoryAccount
from emulator.core.errors import (
    AlreadyExistsError,
    BadRequestError,
    FailedPreconditionError,
    ForbiddenError,
    LimitExceededError,
    NotFoundError,
)

from .accounts import (
    ENGINES,
    READING,
    WRITING,
    Administration,
    UnhurriedAccount,
    a_definition,
    account_engine,
    all_at_once,
    refusals,
)

SYSTEM_NAMES = [role.role_name for role in SYSTEM_ROLES.values()]
LIKE_SYSTEM_NAMES = ["OWNER", "owner", " Viewer ", "oPERATOR\u2003"]


@pytest.fixture(params=ENGINES)
async def admin(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Administration]:
    """An account without custom roles."""
    made = Administration(account_engine(request.param, tmp_path))
    await made.open()
    yield made
    # Whatever happened: each role has its own name, and each name its own role.
    owners = {
        name: entry.record.role_id
        for name, entry in (await made.account.entries(ROLE_NAMES)).items()
    }
    found = {
        entry.record.role_name: role_id
        for role_id, entry in (await made.account.entries(ROLES)).items()
    }
    assert owners == found
    assert len(found) == await made.account.count(ROLES)
    await made.account.close()


@pytest.mark.proves("D46")
async def test_of_many_creators_of_one_name_exactly_one_wins(admin: Administration) -> None:
    answers = await all_at_once(*(admin.roles.create(a_definition()) for _ in range(6)))
    assert refusals(answers) == [AlreadyExistsError] * 5
    assert await admin.role_names() == ["Readers"]


@pytest.mark.proves("D46")
async def test_of_two_roles_that_take_one_name_exactly_one_gets_it(admin: Administration) -> None:
    one = await admin.roles.create(a_definition("One"))
    other = await admin.roles.create(a_definition("Other"))
    answers = await all_at_once(
        admin.roles.replace(one.role_id, a_definition("Wanted")),
        admin.roles.replace(other.role_id, a_definition("Wanted")),
    )
    assert refusals(answers) == [BadRequestError]
    assert sorted(await admin.role_names()) in (["One", "Wanted"], ["Other", "Wanted"])


@pytest.mark.proves("D46")
async def test_of_a_renaming_and_a_creation_one_gets_the_name(admin: Administration) -> None:
    role = await admin.roles.create(a_definition("Old"))
    renamed, created = await all_at_once(
        admin.roles.replace(role.role_id, a_definition("New")),
        admin.roles.create(a_definition("New")),
    )
    assert refusals([renamed, created]) in ([BadRequestError], [AlreadyExistsError])
    names = await admin.role_names()
    assert names == (["New"] if refusals([created]) else ["Old", "New"])


async def test_two_roles_that_swap_names_at_once_keep_names_of_their_own(
    admin: Administration,
) -> None:
    one = await admin.roles.create(a_definition("One"))
    other = await admin.roles.create(a_definition("Other"))
    await all_at_once(
        admin.roles.replace(one.role_id, a_definition("Other")),
        admin.roles.replace(other.role_id, a_definition("One")),
    )
    assert await admin.role_names() == ["One", "Other"]


async def test_who_gives_a_role_the_same_name_at_once_does_so_one_after_the_other(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition("Old"))
    answers = await all_at_once(
        *(admin.roles.replace(role.role_id, a_definition("New")) for _ in range(4))
    )
    assert refusals(answers) == []
    assert await admin.role_names() == ["New"]


async def test_of_many_replacements_of_a_role_each_is_made(admin: Administration) -> None:
    role = await admin.roles.create(a_definition("Name"))
    names = [f"Name {number}" for number in range(5)]
    answers = await all_at_once(
        *(admin.roles.replace(role.role_id, a_definition(name)) for name in names)
    )
    assert [answer.role_name for answer in answers] == names
    [left] = await admin.role_names()
    assert left in names
    for name in {*names, "Name"} - {left}:
        await admin.roles.create(a_definition(name))


async def test_a_name_is_free_again_when_its_role_has_another_or_is_gone(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition("First"))
    await admin.roles.replace(role.role_id, a_definition("Second"))
    again = await admin.roles.create(a_definition("First"))
    assert await admin.delete_role(again.role_id) == "deleted"
    third = await admin.roles.create(a_definition("First"))
    assert third.role_id not in (role.role_id, again.role_id)
    await admin.roles.replace(role.role_id, a_definition("Second", WRITING))
    assert await admin.role_names() == ["Second", "First"]


async def test_of_a_deletion_and_a_creation_of_its_name_neither_leaves_half_a_role(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition())
    deleted, created = await all_at_once(
        admin.delete_role(role.role_id), admin.roles.create(a_definition())
    )
    assert deleted == "deleted"
    assert len(await admin.role_names()) == (0 if refusals([created]) else 1)


async def test_of_a_deletion_and_a_renaming_the_role_is_gone_in_the_end(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition("Old"))
    deleted, renamed = await all_at_once(
        admin.delete_role(role.role_id), admin.roles.replace(role.role_id, a_definition("New"))
    )
    assert deleted == "deleted"
    assert refusals([renamed]) in ([], [NotFoundError])
    assert await admin.role_names() == []


async def test_of_many_deletions_of_a_role_one_deletes_it(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    answers = await all_at_once(*(admin.delete_role(role.role_id) for _ in range(4)))
    assert answers.count("deleted") == 1
    assert refusals(answers) == [NotFoundError] * 3


@pytest.mark.proves("D46")
@pytest.mark.parametrize("name", [*SYSTEM_NAMES, *LIKE_SYSTEM_NAMES])
async def test_nobody_gets_the_name_of_a_system_role(admin: Administration, name: str) -> None:
    role = await admin.roles.create(a_definition())
    with pytest.raises(AlreadyExistsError):
        await admin.roles.create(a_definition(name))
    with pytest.raises(BadRequestError):
        await admin.roles.replace(role.role_id, a_definition(name))
    assert await admin.role_names() == ["Readers"]


@pytest.mark.proves("D46")
async def test_names_that_differ_in_case_are_names_of_different_roles(
    admin: Administration,
) -> None:
    one = await admin.roles.create(a_definition("Readers"))
    other = await admin.roles.create(a_definition("readers"))
    assert one.role_id != other.role_id
    assert await admin.roles.find("Readers") == one
    assert await admin.roles.find("readers") == other
    with pytest.raises(NotFoundError):
        await admin.roles.find("READERS")
    with pytest.raises(AlreadyExistsError):
        await admin.roles.create(a_definition("readers"))
    with pytest.raises(BadRequestError):
        await admin.roles.replace(one.role_id, a_definition("readers"))
    await admin.roles.replace(one.role_id, a_definition("READERS"))
    assert await admin.role_names() == ["READERS", "readers"]
    with pytest.raises(NotFoundError):
        await admin.roles.find("Readers")


@pytest.mark.proves("D46")
@pytest.mark.parametrize("name", ["OWNER", "oWNER", " Viewer ", "viewer "])
async def test_what_looks_like_the_name_of_a_system_role_finds_none(
    admin: Administration, name: str
) -> None:
    with pytest.raises(NotFoundError):
        await admin.roles.find(name)


@pytest.mark.parametrize("role_id", SYSTEM_ROLES)
async def test_nobody_changes_a_system_role(admin: Administration, role_id: str) -> None:
    with pytest.raises(FailedPreconditionError):
        await admin.roles.replace(role_id, a_definition())
    with pytest.raises(FailedPreconditionError):
        await admin.delete_role(role_id)


@pytest.mark.parametrize("role_id", SYSTEM_ROLES)
async def test_no_custom_role_gets_the_id_of_a_system_role(
    admin: Administration, role_id: str
) -> None:
    for attempt in (admin.roles.create, admin.roles.put):
        with pytest.raises(AlreadyExistsError):
            await attempt(a_definition(), role_id)
    assert await admin.role_names() == []


@pytest.mark.proves("D24")
async def test_roles_are_in_the_order_of_their_creation_however_they_change(
    admin: Administration,
) -> None:
    names = [f"{10 - number} Readers" for number in range(8)]
    ids = [(await admin.roles.create(a_definition(name))).role_id for name in names]
    for index in (5, 0, 3):
        await admin.roles.replace(ids[index], a_definition(f"New {index}"))
        names[index] = f"New {index}"
    await admin.keys.create(ids[1])
    assert await admin.role_names() == names


async def test_a_description_stays_unless_another_is_said(admin: Administration) -> None:
    role = await admin.roles.create(a_definition(description="who read"))
    for said, expected in ((None, "who read"), ("", ""), (None, ""), ("again", "again")):
        definition = a_definition(description=said)
        assert (await admin.roles.replace(role.role_id, definition)).description == expected


async def test_a_key_follows_its_role(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    key = (await admin.keys.create(role.role_id)).api_key
    (await admin.caller(key)).require(GET_OBJECT, "store", "key")
    await admin.roles.replace(role.role_id, a_definition("Writers", WRITING))
    (await admin.caller(key)).require(PUT_OBJECT, "store", "key")
    with pytest.raises(ForbiddenError, match="Writers"):
        (await admin.caller(key)).require(GET_OBJECT, "store", "key")


async def test_a_role_is_found_by_its_id_and_by_its_name(admin: Administration) -> None:
    role = await admin.roles.create(a_definition())
    assert await admin.roles.find(role.role_id) == role
    assert await admin.roles.find("Readers") == role
    for system_role in SYSTEM_ROLES.values():
        assert await admin.roles.find(system_role.role_id) == system_role
        assert await admin.roles.find(system_role.role_name) == system_role
    await admin.roles.replace(role.role_id, a_definition("Others"))
    with pytest.raises(NotFoundError):
        await admin.roles.find("Readers")


@pytest.mark.proves("D55")
@pytest.mark.parametrize("engine", ENGINES)
async def test_of_many_creators_as_many_win_as_the_account_may_have_roles(
    engine: str, tmp_path: Path
) -> None:
    admin = Administration(account_engine(engine, tmp_path), max_custom_roles=3)
    await admin.open()
    names = [f"Readers {number}" for number in range(6)]
    answers = await all_at_once(*(admin.roles.create(a_definition(name)) for name in names))
    assert refusals(answers) == [LimitExceededError] * 3
    assert len(await admin.role_names()) == 3
    role = (await admin.roles.custom())[0].record
    await admin.roles.replace(role.role_id, a_definition("Replaced"))
    answers = await all_at_once(
        admin.delete_role(role.role_id),
        *(admin.roles.create(a_definition(f"More {number}")) for number in range(3)),
    )
    assert len(await admin.role_names()) <= 3
    assert set(refusals(answers)) == {LimitExceededError}


async def test_whoever_looks_meanwhile_sees_a_role_with_one_of_its_permission_sets(
    admin: Administration,
) -> None:
    role = await admin.roles.create(a_definition())
    key = (await admin.keys.create(role.role_id)).api_key
    changing = True

    async def change() -> None:
        for number in range(10):
            document = READING if number % 2 else WRITING
            await admin.roles.replace(role.role_id, a_definition(f"Role {number % 3}", document))

    async def look() -> None:
        while changing:
            caller = await admin.caller(key)
            may = [caller.permissions.allows(each, "a", "b") for each in (GET_OBJECT, PUT_OBJECT)]
            assert sorted(may) == [False, True]
            await asyncio.sleep(0)

    looking = asyncio.ensure_future(look())
    await change()
    changing = False
    await looking


@pytest.mark.parametrize("seed", range(20))
async def test_all_who_put_one_role_at_once_have_it(seed: int) -> None:
    account = MemoryAccount()
    admins = [Administration(UnhurriedAccount(100 * seed + number, account)) for number in range(3)]
    put = await asyncio.gather(*(admin.roles.put(a_definition("Readers")) for admin in admins))
    assert len({role.role_id for role in put}) == 1
    assert [entry.record for entry in await admins[0].roles.custom()] == [put[0]]
