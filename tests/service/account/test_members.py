"""Who belongs to the account, also while several people change that at once."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import INVITATIONS, MEMBERS, Change, Room
from emulator.backends.account.memory import MemoryAccount
from emulator.core.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
)
from emulator.core.model import Invitation, Member
from emulator.service.account.members import FOUNDER, Members
from tests.suites import examples

from .accounts import ENGINES, UnhurriedAccount, account_engine, all_at_once, refusals

pytestmark = pytest.mark.proves("D52")


@pytest.fixture(params=ENGINES)
async def members(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Members]:
    """The members of an account: Ada and Alan, both Owners."""
    account = account_engine(request.param, tmp_path)
    made = Members(account)
    await made.put(Member("ada", "owner"))
    await made.put(Member("alan", "owner"))
    yield made
    await account.close()


async def owners(members: Members) -> list[str]:
    return [member.user_name for member in await members.all() if member.role_id == "owner"]


async def both(members: Members) -> set[str]:
    """Who is a member and invited too."""
    invited = {invitation.user_name for invitation in await members.invitations()}
    return invited & {member.user_name for member in await members.all()}


Departure = Callable[[Members, str], Awaitable[Any]]

DEPARTURES: dict[str, Departure] = {
    "demoted": lambda members, user_name: members.change_role(user_name, "viewer"),
    "removed": lambda members, user_name: members.remove(user_name),
}


@pytest.mark.parametrize("one", DEPARTURES.values(), ids=DEPARTURES)
@pytest.mark.parametrize("other", DEPARTURES.values(), ids=DEPARTURES)
async def test_of_two_owners_who_make_each_other_go_at_once_one_is_left(
    members: Members, one: Departure, other: Departure
) -> None:
    answers = await all_at_once(one(members, "ada"), other(members, "alan"))
    assert refusals(answers) == [FailedPreconditionError]
    assert len(await owners(members)) == 1


@pytest.mark.parametrize("depart", DEPARTURES.values(), ids=DEPARTURES)
async def test_of_many_owners_who_all_go_at_once_one_is_left(
    members: Members, depart: Departure
) -> None:
    names = ["ada", "alan", *(f"owner-{number}" for number in range(4))]
    for name in names[2:]:
        await members.put(Member(name, "owner"))
    answers = await all_at_once(*(depart(members, name) for name in names))
    assert refusals(answers) == [FailedPreconditionError]
    assert len(await owners(members)) == 1


@pytest.mark.parametrize("depart", DEPARTURES.values(), ids=DEPARTURES)
async def test_the_last_owner_stays_whoever_else_there_is(
    members: Members, depart: Departure
) -> None:
    await members.change_role("alan", "operator")
    with pytest.raises(FailedPreconditionError, match="ada"):
        await depart(members, "ada")
    assert await members.change_role("ada", "owner") == Member("ada", "owner")
    assert await owners(members) == ["ada"]


async def test_an_owner_who_goes_while_another_comes_leaves_one(members: Members) -> None:
    await members.change_role("alan", "viewer")
    answers = await all_at_once(members.change_role("alan", "owner"), members.remove("ada"))
    assert refusals(answers) in ([], [FailedPreconditionError])
    assert await owners(members) in (["alan"], ["ada", "alan"])


async def test_an_invitation_that_is_accepted_twice_at_once_makes_one_member(
    members: Members,
) -> None:
    invitation = await members.invite("grace", "operator")
    answers = await all_at_once(*(members.accept(invitation.invitation_id) for _ in range(4)))
    assert refusals(answers) == [NotFoundError] * 3
    assert await members.find("grace") == Member("grace", "operator")
    assert await members.invitations() == []


async def test_an_invitation_is_accepted_or_taken_back_and_not_both(members: Members) -> None:
    invitation = await members.invite("grace", "operator")
    accepted, revoked = await all_at_once(
        members.accept(invitation.invitation_id),
        members.revoke_invitation(invitation.invitation_id),
    )
    assert refusals([accepted, revoked]) == [NotFoundError]
    assert (await members.find("grace") is None) == bool(refusals([accepted]))
    assert await members.invitations() == []


async def test_of_many_invitations_of_one_person_one_is_open(members: Members) -> None:
    answers = await all_at_once(*(members.invite("grace", "viewer") for _ in range(4)))
    assert refusals(answers) == [AlreadyExistsError] * 3
    [left] = await members.invitations()
    assert left in answers


async def test_a_person_who_accepts_while_being_invited_again_is_not_invited_any_more(
    members: Members,
) -> None:
    invitation = await members.invite("grace", "viewer")
    accepted, invited = await all_at_once(
        members.accept(invitation.invitation_id), members.invite("grace", "owner")
    )
    assert accepted == Member("grace", "viewer")
    assert refusals([invited]) == [AlreadyExistsError]
    assert await both(members) == set()


async def test_nobody_is_invited_who_is_a_member_or_invited(members: Members) -> None:
    with pytest.raises(AlreadyExistsError, match="member"):
        await members.invite("ada", "viewer")
    invitation = await members.invite("grace", "viewer")
    with pytest.raises(AlreadyExistsError, match="invited"):
        await members.invite("grace", "owner")
    assert await members.invitations() == [invitation]


async def test_who_has_gone_can_be_invited_again_and_comes_last(members: Members) -> None:
    await members.remove("ada")
    with pytest.raises(NotFoundError):
        await members.require("ada")
    invitation = await members.invite("ada", "viewer")
    await members.accept(invitation.invitation_id)
    assert await members.all() == [Member("alan", "owner"), Member("ada", "viewer")]


async def test_who_has_accepted_is_not_invited_any_more(members: Members) -> None:
    invitation = await members.invite("grace", "viewer")
    other = await members.invite("mia", "viewer")
    assert await members.accept(invitation.invitation_id) == Member("grace", "viewer")
    assert await members.invitations() == [other]
    with pytest.raises(NotFoundError):
        await members.accept(invitation.invitation_id)
    with pytest.raises(NotFoundError):
        await members.revoke_invitation(invitation.invitation_id)


async def test_who_is_made_a_member_is_not_invited_any_more(members: Members) -> None:
    """As by a seed that names a person as a member who was invited before."""
    await members.invite("grace", "viewer")
    other = await members.invite("mia", "viewer")
    await members.put(Member("grace", "operator"))
    assert await members.find("grace") == Member("grace", "operator")
    assert await members.invitations() == [other]
    await members.put(Member("grace", "viewer"))
    assert await members.find("grace") == Member("grace", "viewer")


async def test_an_invitation_that_is_put_again_has_the_role_that_was_said_last(
    members: Members,
) -> None:
    for role_id in ("viewer", "viewer", "operator"):
        await members.put_invitation("grace", role_id)
        [invitation] = await members.invitations()
        assert (invitation.user_name, invitation.role_id) == ("grace", role_id)
    await members.put_invitation("ada", "viewer")
    assert await members.invitations() == [invitation]


async def test_an_invitation_that_is_put_again_as_it_is_stays(members: Members) -> None:
    await members.put_invitation("grace", "viewer")
    before = await members.invitations()
    await members.put_invitation("grace", "viewer")
    assert await members.invitations() == before


@pytest.mark.proves("D24")
async def test_members_and_invitations_are_in_the_order_in_which_they_came(
    members: Members,
) -> None:
    invitations = [await members.invite(name, "viewer") for name in ("zoe", "bob", "mia")]
    assert await members.invitations() == invitations
    for index in (1, 0, 2):
        await members.accept(invitations[index].invitation_id)
    await members.change_role("ada", "operator")
    names = [member.user_name for member in await members.all()]
    assert names == ["ada", "alan", "bob", "zoe", "mia"]


async def test_who_is_not_there_is_not_found(members: Members) -> None:
    invitation = await members.invite("grace", "viewer")
    for call in (
        members.change_role("grace", "owner"),
        members.remove("grace"),
        members.require("grace"),
        members.accept("grace"),
        members.revoke_invitation("ada"),
    ):
        with pytest.raises(NotFoundError):
            await call
    assert await members.find("grace") is None
    assert await members.invitations() == [invitation]


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_account_without_an_owner_gets_one_and_no_other_does(
    engine: str, tmp_path: Path
) -> None:
    members = Members(account_engine(engine, tmp_path))
    await members.put(Member("ada", "viewer"))
    for _ in range(2):
        await members.ensure_owner()
        assert await members.all() == [Member("ada", "viewer"), Member(FOUNDER, "owner")]


class Step(NamedTuple):
    """Something that somebody does about a person."""

    kind: str
    user_name: str
    role_id: str


KINDS = ("invite", "accept", "revoke", "change", "remove", "change", "remove")
steps = st.builds(
    Step,
    st.sampled_from(KINDS),
    st.sampled_from(["ada", "alan", "grace"]),
    st.sampled_from([*SYSTEM_ROLES]),
)
people = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=2, max_size=4)


class WatchedAccount(MemoryAccount):
    """Looks after every commit, and remembers what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.without_owner = False
        self.member_and_invited: set[str] = set()

    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        await super().commit(*changes, room=room)
        members = await self.entries(MEMBERS)
        if not any(entry.record.role_id == "owner" for entry in members.values()):
            self.without_owner = True
        self.member_and_invited |= members.keys() & (await self.entries(INVITATIONS)).keys()


async def do(members: Members, doing: list[Step]) -> None:
    for step in doing:
        with contextlib.suppress(AlreadyExistsError, NotFoundError, FailedPreconditionError):
            await _do(members, step)


async def _do(members: Members, step: Step) -> None:
    if step.kind == "invite":
        await members.invite(step.user_name, step.role_id)
    elif step.kind == "change":
        await members.change_role(step.user_name, step.role_id)
    elif step.kind == "remove":
        await members.remove(step.user_name)
    else:
        call = members.accept if step.kind == "accept" else members.revoke_invitation
        for invitation in await members.invitations():
            if invitation.user_name == step.user_name:
                await call(invitation.invitation_id)


async def after(doing: list[list[Step]], seed: int) -> WatchedAccount:
    """The account after all these people did that at once. Ada and Alan began as its Owners."""
    watched = WatchedAccount()
    await Members(watched).put(Member("ada", "owner"))
    await Members(watched).put(Member("alan", "owner"))
    await watched.put(INVITATIONS, "grace", Invitation("id", "grace", "owner"), expected=None)
    members = Members(UnhurriedAccount(seed, watched))
    await all_at_once(*(do(members, one) for one in doing))
    return watched


@settings(max_examples=examples(150))
@given(doing=people, seed=st.integers(0, 2**32))
async def test_whatever_people_do_at_once_there_is_always_an_owner(
    doing: list[list[Step]], seed: int
) -> None:
    assert not (await after(doing, seed)).without_owner


@settings(max_examples=examples(150))
@given(doing=people, seed=st.integers(0, 2**32))
@example(doing=[[Step("invite", "grace", "owner")], [Step("accept", "grace", "")]], seed=4)
async def test_whatever_people_do_at_once_nobody_is_a_member_and_invited(
    doing: list[list[Step]], seed: int
) -> None:
    assert (await after(doing, seed)).member_and_invited == set()
