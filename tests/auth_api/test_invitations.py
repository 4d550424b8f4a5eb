"""Invitations: made and taken back by Owners, accepted by those who were invited (D52)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .api import Api
from .expect import expect_document, expect_refusal
from .membership import INVITATIONS, MEMBERS, Membership

pytestmark = [pytest.mark.proves("Account membership"), pytest.mark.proves("D52")]


def test_an_invitation_has_an_id_and_the_member_to_be(account: Membership) -> None:
    answer = account.invite("ada@example.com", role_id="operator")
    assert answer.status == 200
    assert answer.json == {
        "id": answer.json["id"],
        "account_member": {
            "user_name": "ada@example.com",
            "role_id": "operator",
            "role_name": "Operator",
        },
    }
    expect_document(account.list_invitations(), {"invitations": [answer.json]})


def test_the_default_role_is_viewer(account: Membership) -> None:
    assert account.invite("ada").json["account_member"]["role_id"] == "viewer"


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_who_accepts_becomes_a_member_with_the_role_of_the_invitation(
    account: Membership, founder: str, role_id: str
) -> None:
    invitation = account.new_invitation("ada", role_id)
    assert account.members() == {founder: "owner"}
    member = {"user_name": "ada", "role_id": role_id, "role_name": role_id.capitalize()}
    expect_document(account.accept(invitation), member)
    assert account.list_members().json["account_members"][-1] == member
    assert account.invitations() == []


def test_an_invitation_does_not_let_anybody_act(account: Membership) -> None:
    account.new_invitation("ada", "owner")
    expect_refusal(account.acted_by("ada").invite("bob"), 400)


def test_an_invitation_is_accepted_once(account: Membership) -> None:
    invitation = account.new_invitation("ada", "operator")
    assert account.accept(invitation).status == 200
    expect_refusal(account.accept(invitation), 404)
    account.remove("ada")
    expect_refusal(account.accept(invitation), 404)
    expect_refusal(account.revoke(invitation), 404)


def test_a_revoked_invitation_cannot_be_accepted(account: Membership, founder: str) -> None:
    invitation = account.new_invitation("ada")
    expect_document(account.revoke(invitation), {})
    expect_refusal(account.accept(invitation), 404)
    expect_refusal(account.revoke(invitation), 404)
    assert account.members() == {founder: "owner"}
    assert account.invitations() == []


def test_who_was_disinvited_can_be_invited_again(account: Membership) -> None:
    first = account.new_invitation("ada")
    account.revoke(first)
    second = account.new_invitation("ada", "operator")
    assert second != first
    expect_refusal(account.accept(first), 404)
    assert account.accept(second).json["role_id"] == "operator"


@pytest.mark.parametrize("role_id", ["viewer", "owner"])
def test_inviting_somebody_twice_is_409(account: Membership, role_id: str) -> None:
    invitation = account.invite("ada").json
    expect_refusal(account.invite("ada", role_id=role_id), 409)
    assert account.invitations() == [invitation]


def test_inviting_a_member_is_409(account: Membership, founder: str) -> None:
    account.join("ada")
    for user_name in ("ada", founder):
        expect_refusal(account.invite(user_name), 409)
    assert account.invitations() == []


def test_invitations_are_listed_in_the_order_in_which_they_were_made(account: Membership) -> None:
    made = [account.invite(name).json for name in ("zoe", "ada", "mia")]
    assert account.invitations() == made
    account.revoke(made[1]["id"])
    assert account.invitations() == [made[0], made[2]]


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_accepting_for_the_invited_person_takes_an_owners_key(
    account: Membership, request: pytest.FixtureRequest, role: str
) -> None:
    caller: Api = request.getfixturevalue(role)
    expect_refusal(Membership(caller).accept(account.new_invitation("ada")), 403)
    assert "ada" not in account.members()


@pytest.mark.parametrize("invitation_id", ["unknown", "*", "ada", "%"])
def test_an_unknown_invitation_is_404(account: Membership, invitation_id: str) -> None:
    account.new_invitation("ada")
    expect_refusal(account.accept(invitation_id), 404)
    expect_refusal(account.revoke(invitation_id), 404)
    assert len(account.invitations()) == 1


@pytest.mark.parametrize("value", ["", None, 1, True, [], {}], ids=repr)
def test_a_wrong_member_of_the_request_is_400(account: Membership, value: object) -> None:
    account.new_invitation("ada")
    expect_refusal(account.invite(value), 400, mentions=["user_name"])
    expect_refusal(account.accept(value), 400, mentions=["invitation_id"])


def test_a_user_name_has_an_end(account: Membership) -> None:
    expect_refusal(account.invite("x" * 10 * 1024), 400, mentions=["user_name"])
    assert account.invite("x" * 100).status == 200


@pytest.mark.parametrize("path", [INVITATIONS, MEMBERS])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'"ada"', b"{", b"\xff"], ids=str)
def test_a_body_that_says_nothing_is_400(owner: Api, path: str, body: bytes) -> None:
    expect_refusal(owner.client.request("POST", path, body=body), 400)


def test_of_many_who_accept_at_once_one_becomes_the_member(
    account: Membership, founder: str
) -> None:
    invitation = account.new_invitation("ada")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: account.accept(invitation).status, range(8)))
    assert sorted(answers) == [200] + [404] * 7
    assert account.members() == {founder: "owner", "ada": "viewer"}


def test_of_many_who_invite_the_same_person_one_does(account: Membership) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: account.invite("ada").status, range(8)))
    assert sorted(answers) == [200] + [409] * 7
    assert len(account.invitations()) == 1


def test_nobody_is_both_a_member_and_invited(account: Membership) -> None:
    for number in range(10):
        name = f"ada-{number}"
        invitation = account.new_invitation(name)
        with ThreadPoolExecutor(2) as pool:
            accepted = pool.submit(account.accept, invitation)
            revoked = pool.submit(account.revoke, invitation)
            statuses = {accepted.result().status, revoked.result().status}
        assert statuses == {200, 404}
        assert (name in account.members()) is (accepted.result().status == 200)
        assert account.invitations() == []


@pytest.mark.parametrize("role_id", ["owner", "viewer"])
def test_members_and_invitations_block_no_custom_role(
    owner: Api, account: Membership, role_id: str
) -> None:
    account.join("ada", role_id)
    account.new_invitation("bob", role_id)
    custom = owner.new_role(
        {"rules": [{"type": "database", "permissions": ["read"], "databases": "*"}]}
    )
    assert owner.delete_role(custom["role_id"]).json == {"status": "deleted"}
    expect_refusal(owner.delete_role(role_id), 412)
