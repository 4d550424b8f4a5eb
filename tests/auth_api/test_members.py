"""Members of the account: only Owners change them, and one Owner always stays (D52)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator import Emulator
from tests.support.raw_client import Response

from .api import Api
from .expect import expect_document, expect_refusal
from .membership import ACTING, INVITATIONS, MEMBERS, Membership
from .permission_sets import EVERYTHING, READING

pytestmark = [pytest.mark.proves("Account membership"), pytest.mark.proves("D52")]

CHANGES: dict[str, Callable[[Membership], Response]] = {
    "invite": lambda by: by.invite("eve"),
    "revoke-an-invitation": lambda by: by.revoke(by.invitations()[0]["id"]),
    "change-a-role": lambda by: by.change("ada", "operator"),
    "remove-a-member": lambda by: by.remove("ada"),
}


@pytest.fixture
def peopled(account: Membership, founder: str) -> Membership:
    """An account with the member ada, and the invitation of bob."""
    account.join("ada", "viewer")
    account.invite("bob")
    assert list(account.members()) == [founder, "ada"]
    return account


def state(account: Membership) -> tuple[object, object]:
    return account.members(), account.invitations()


def test_an_account_begins_with_one_owner_and_no_invitations(account: Membership) -> None:
    [member] = account.list_members().json["account_members"]
    assert member.keys() == {"user_name", "role_id", "role_name"}
    assert (member["role_id"], member["role_name"]) == ("owner", "Owner")
    expect_document(account.list_invitations(), {"invitations": []})


@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
def test_every_system_role_reads_the_membership(
    peopled: Membership, request: pytest.FixtureRequest, role: str
) -> None:
    caller: Api = request.getfixturevalue(role)
    assert state(Membership(caller)) == state(peopled)


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_an_owner_gives_a_member_any_system_role(peopled: Membership, role_id: str) -> None:
    changed = {"user_name": "ada", "role_id": role_id, "role_name": role_id.capitalize()}
    expect_document(peopled.change("ada", role_id), changed)
    assert peopled.list_members().json["account_members"][-1] == changed


def test_an_owner_removes_a_member(peopled: Membership, founder: str) -> None:
    expect_document(peopled.remove("ada"), {})
    assert peopled.members() == {founder: "owner"}
    expect_refusal(peopled.remove("ada"), 404)
    assert peopled.join("ada").members()["ada"] == "viewer"


def test_members_are_listed_in_the_order_in_which_they_came(
    account: Membership, founder: str
) -> None:
    names = ["zoe", "ada", "mia", "bob"]
    invitations = [account.new_invitation(name) for name in reversed(names)]
    for invitation in reversed(invitations):
        account.accept(invitation)
    account.change("zoe", "operator")
    assert list(account.members()) == [founder, *names]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_a_key_of_another_role_changes_nothing(
    peopled: Membership,
    request: pytest.FixtureRequest,
    role: str,
    change: Callable[[Membership], Response],
) -> None:
    before = state(peopled)
    expect_refusal(change(Membership(request.getfixturevalue(role))), 403)
    assert state(peopled) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", ["key", "token"])
def test_no_permission_set_changes_membership(
    owner: Api, peopled: Membership, kind: str, change: Callable[[Membership], Response]
) -> None:
    before = state(peopled)
    key = owner.key_with(EVERYTHING) if kind == "key" else owner.new_token(EVERYTHING)
    expect_refusal(change(peopled.with_key(key)), 403)
    assert state(peopled) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("role_id", ["operator", "viewer"])
def test_a_member_of_another_role_changes_nothing(
    peopled: Membership, role_id: str, change: Callable[[Membership], Response]
) -> None:
    member = peopled.join("eva", role_id)
    before = state(peopled)
    assert state(member) == before
    expect_refusal(change(member), 403)
    assert state(peopled) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_member_who_is_an_owner_changes_what_an_owner_may(
    peopled: Membership, change: Callable[[Membership], Response]
) -> None:
    member, before = peopled.join("eva", "owner"), state(peopled)
    assert change(member).status == 200
    assert state(peopled) != before


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_an_owner_who_acts_needs_an_owners_key_too(
    peopled: Membership, founder: str, request: pytest.FixtureRequest, role: str
) -> None:
    acting, before = Membership(request.getfixturevalue(role), founder), state(peopled)
    expect_refusal(acting.change("ada", "operator"), 403)
    assert state(peopled) == before


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_nobody_changes_their_own_role(account: Membership, founder: str, role_id: str) -> None:
    second = account.join("ada", "owner")
    third = account.join("bob", "viewer")
    before = state(account)
    expect_refusal(second.change("ada", role_id), 403)
    expect_refusal(account.acted_by(founder).change(founder, role_id), 403)
    expect_refusal(third.change("bob", role_id), 403)
    assert state(account) == before


def test_a_fault_does_not_come_before_the_refusal_of_a_change_of_ones_own_role(
    emulator: Emulator, account: Membership, founder: str
) -> None:
    emulator.faults.add({"type": "status", "status": 503}, operation="ChangeMember")
    expect_refusal(account.acted_by(founder).change(founder, "viewer"), 403)


def test_owners_change_each_others_role(account: Membership, founder: str) -> None:
    second = account.join("ada", "owner")
    assert second.change(founder, "viewer").status == 200
    expect_refusal(account.acted_by(founder).change("ada", "viewer"), 403)
    assert account.members() == {founder: "viewer", "ada": "owner"}


@pytest.mark.parametrize("role_id", ["operator", "viewer"])
def test_the_last_owner_cannot_be_demoted(peopled: Membership, founder: str, role_id: str) -> None:
    expect_refusal(peopled.change(founder, role_id), 412)
    assert peopled.members() == {founder: "owner", "ada": "viewer"}


def test_the_last_owner_cannot_be_removed(peopled: Membership, founder: str) -> None:
    expect_refusal(peopled.remove(founder), 412)
    expect_refusal(peopled.acted_by(founder).remove(founder), 412)
    assert peopled.members() == {founder: "owner", "ada": "viewer"}


@pytest.mark.proves("D147")
def test_an_owner_cannot_leave(account: Membership, founder: str) -> None:
    second = account.join("ada", "owner")
    before = state(account)
    expect_refusal(second.remove("ada"), 412, mentions=["another Owner"])
    expect_refusal(account.acted_by(founder).remove(founder), 412)
    assert state(account) == before


@pytest.mark.proves("D147")
@pytest.mark.parametrize("role_id", ["operator", "viewer"])
def test_an_owner_leaves_once_another_owner_has_changed_that_role(
    account: Membership, founder: str, role_id: str
) -> None:
    second = account.join("ada", "owner")
    assert account.acted_by(founder).change("ada", role_id).status == 200
    expect_document(second.remove("ada"), {})
    assert account.members() == {founder: "owner"}
    expect_refusal(second.remove("ada"), 400)  # Who has left acts no more.


@pytest.mark.proves("D147")
@pytest.mark.parametrize("role_id", ["operator", "viewer"])
def test_a_member_of_another_role_may_leave_but_removes_nobody_else(
    peopled: Membership, founder: str, role_id: str
) -> None:
    member = peopled.join("eva", role_id)
    for name in ("ada", founder):
        expect_refusal(member.remove(name), 403)
    expect_document(member.remove("eva"), {})
    assert list(peopled.members()) == [founder, "ada"]


@pytest.mark.proves("D147")
@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_to_leave_takes_an_owners_key_as_every_change_does(
    peopled: Membership, request: pytest.FixtureRequest, role: str
) -> None:
    before = state(peopled)
    expect_refusal(Membership(request.getfixturevalue(role), "ada").remove("ada"), 403)
    assert state(peopled) == before


@pytest.mark.proves("D147")
def test_an_owner_is_removed_by_another_owner(account: Membership, founder: str) -> None:
    second = account.join("ada", "owner")
    assert second.remove(founder).status == 200
    assert account.members() == {"ada": "owner"}


@pytest.mark.proves("D147")
def test_of_a_promotion_and_a_departure_at_the_same_time_none_leaves_as_owner(
    account: Membership,
) -> None:
    for _ in range(10):
        member = account.join("ada", "viewer")
        with ThreadPoolExecutor(2) as pool:
            left = pool.submit(member.remove, "ada")
            promoted = pool.submit(account.change, "ada", "owner")
        role = account.members().get("ada")
        found = (left.result().status, promoted.result().status, role)
        assert found in [(200, 404, None), (412, 200, "owner")]
        if role is not None:
            account.remove("ada")


def test_the_last_owner_may_stay_owner(account: Membership, founder: str) -> None:
    assert account.change(founder, "owner").status == 200
    assert account.members() == {founder: "owner"}


def test_an_invited_owner_does_not_count_as_one(account: Membership, founder: str) -> None:
    invitation = account.new_invitation("ada", "owner")
    expect_refusal(account.remove(founder), 412)
    account.accept(invitation)
    assert account.remove(founder).status == 200
    expect_refusal(account.remove("ada"), 412)


def test_the_second_last_owner_may_go_and_the_last_may_not(
    account: Membership, founder: str
) -> None:
    account.join("ada", "owner")
    assert account.remove("ada").status == 200
    expect_refusal(account.remove(founder), 412)
    account.join("bob", "owner")
    assert account.change(founder, "viewer").status == 200
    expect_refusal(account.change("bob", "viewer"), 412)


def test_of_owners_who_remove_each_other_at_the_same_time_one_stays(account: Membership) -> None:
    for _ in range(10):
        [name] = [each for each, role in account.members().items() if role == "owner"]
        account.join("ada" if name != "ada" else "bob", "owner")
        owners = [each for each, role in account.members().items() if role == "owner"]
        with ThreadPoolExecutor(len(owners)) as pool:
            statuses = sorted(pool.map(lambda each: account.remove(each).status, owners))
        assert statuses == [200, 412]
        assert list(account.members().values()) == ["owner"]


@pytest.mark.parametrize(
    "role_id", ["unknown", "Viewer", "", "*", None, 1, True, [], ["viewer"], {}], ids=repr
)
def test_a_member_has_a_system_role(peopled: Membership, role_id: object) -> None:
    before = state(peopled)
    expect_refusal(peopled.change("ada", role_id), 400, mentions=["role_id"])
    expect_refusal(peopled.invite("eve", role_id=role_id), 400, mentions=["role_id"])
    assert state(peopled) == before


def test_a_custom_role_is_none_for_a_member(owner: Api, peopled: Membership) -> None:
    role_id = owner.new_role(READING)["role_id"]
    expect_refusal(peopled.change("ada", role_id), 400)
    expect_refusal(peopled.invite("eve", role_id=role_id), 400)
    assert owner.delete_role(role_id).json == {"status": "deleted"}


@pytest.mark.parametrize("user_name", ["unknown", "Ada", "ada ", "", "bob", "é", "*"])
def test_an_unknown_member_is_404(peopled: Membership, user_name: str) -> None:
    before = state(peopled)
    expect_refusal(peopled.change(user_name, "operator"), 404)
    expect_refusal(peopled.remove(user_name), 404)
    assert state(peopled) == before


@pytest.mark.parametrize("user_name", ["ada@example.com", "a/b", "é 🔑", "100%", "..", "?x=1"])
def test_a_user_name_may_be_any_text(account: Membership, user_name: str) -> None:
    account.join(user_name)
    assert account.change(user_name, "operator").json["user_name"] == user_name
    assert account.remove(user_name).status == 200
    assert user_name not in account.members()


@pytest.mark.parametrize("acting", ["unknown", "", "Ada", "bob", "*"])
def test_only_a_member_acts(peopled: Membership, acting: str) -> None:
    before = state(peopled)
    for change in CHANGES.values():
        expect_refusal(change(ActingButNotReading(peopled.api, acting)), 400)
    assert state(peopled) == before


class ActingButNotReading(Membership):
    """For an `acting` that is not even let in to see the invitations."""

    def invitations(self) -> list[dict[str, object]]:
        return Membership(self.api).invitations()


def test_two_members_do_not_act_at_once(peopled: Membership, founder: str) -> None:
    headers = [(ACTING, founder), (ACTING, founder)]
    answer = peopled.api.call("POST", INVITATIONS, {"user_name": "eve"}, headers=headers)
    expect_refusal(answer, 400)
    expect_refusal(peopled.api.call("GET", MEMBERS, headers=headers), 400)


def test_a_member_who_acts_needs_a_key_nevertheless(peopled: Membership, founder: str) -> None:
    for key in (None, "unknown"):
        stranger = peopled.with_key(key).acted_by(founder)
        for answer in (
            stranger.list_members(),
            stranger.list_invitations(),
            stranger.invite("eve"),
            stranger.revoke("unknown"),
            stranger.change("ada", "owner"),
            stranger.remove("ada"),
            stranger.accept("unknown"),
        ):
            expect_refusal(answer, 401)
