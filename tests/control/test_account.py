"""Keys, roles, members and invitations over the control API and in Python, without an API key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import Start, as_new, client, control, status_with

from .clients import EVERYTHING

pytestmark = pytest.mark.proves("D159")

INSTANT = 2_000_000_000


@pytest.fixture
def emulator(of_either_revision: Emulator) -> Emulator:
    emulator = as_new(of_either_revision)
    emulator.clock.freeze(INSTANT * 1_000_000)
    return emulator


def call(emulator: Emulator, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = control(emulator, method, path, body)
    assert answer.status == status, answer
    return answer.json()


def test_the_keys_are_listed_as_the_service_lists_them(emulator: Emulator) -> None:
    listed = client(emulator).call("GET", "/api-keys").json()["key_info"]
    assert call(emulator, "GET", "/keys") == {"keys": listed}
    assert emulator.account.api_keys() == listed
    assert all("api_key" not in each for each in listed)


@pytest.mark.parametrize("role", ["viewer", "Viewer"])
def test_a_key_is_created_and_shown_once(emulator: Emulator, role: str) -> None:
    made = call(emulator, "POST", "/keys", {"role": role, "description": "mine"})
    assert made.keys() == {"api_key", "key_info"}
    assert made["key_info"]["role_id"] == "viewer"
    assert made["key_info"]["description"] == "mine"
    assert status_with(emulator, made["api_key"]) == 200
    assert made["key_info"] in emulator.account.api_keys()
    assert made["api_key"] not in control(emulator, "GET", "/keys").body.decode()


def test_a_key_of_a_custom_role(emulator: Emulator) -> None:
    role_id = emulator.create_role("Nobody", EVERYTHING)
    made = emulator.account.create_key("Nobody")
    assert made["key_info"]["role_id"] == role_id
    assert status_with(emulator, made["api_key"]) == 403  # It may read objects, not list stores.


@pytest.mark.parametrize(
    "expiry", [{"expires_in": 60}, {"expires_in": "1m"}, {"expires_in_seconds": 60}]
)
def test_a_key_expires_on_the_emulators_clock(emulator: Emulator, expiry: dict[str, Any]) -> None:
    made = call(emulator, "POST", "/keys", {"role": "viewer", **expiry})
    assert made["key_info"]["expires_at_epoch_seconds"] == INSTANT + 60
    assert status_with(emulator, made["api_key"]) == 200
    emulator.clock.advance(60)
    assert status_with(emulator, made["api_key"]) == 401
    assert made["key_info"] not in emulator.account.api_keys()


def test_python_takes_a_duration(emulator: Emulator) -> None:
    for expires_in in (60, "1m", timedelta(minutes=1)):
        made = emulator.account.create_key("viewer", expires_in=expires_in)
        assert made["key_info"]["expires_at_epoch_seconds"] == INSTANT + 60


def test_an_older_key_works_too(emulator: Emulator) -> None:
    made = call(emulator, "POST", "/keys", {"role": "owner", "v1": True})
    assert status_with(emulator, made["api_key"]) == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "role"),
        ({"role": ""}, "role"),
        ({"role": 5}, "role"),
        ({"role": "viewer", "expires_in": 0}, "expires_in"),
        ({"role": "viewer", "expires_in": -1}, "expires_in"),
        ({"role": "viewer", "expires_in": 1.5}, "expires_in"),
        ({"role": "viewer", "expires_in": "soon"}, "expires_in"),
        ({"role": "viewer", "expires_in": 10**12}, "expires_in"),
        ({"role": "viewer", "expires_in": 1, "expires_in_seconds": 1}, "expires_in"),
        ({"role": "viewer", "v1": "yes"}, "v1"),
        ({"role": "viewer", "description": 5}, "description"),
        ({"role": "viewer", "other": 1}, "other"),
        ([], "request body"),
    ],
)
def test_a_bad_definition_makes_no_key(emulator: Emulator, body: Any, said: str) -> None:
    before = emulator.account.api_keys()
    assert said in call(emulator, "POST", "/keys", body, 400)["message"]
    assert emulator.account.api_keys() == before


def test_a_key_of_no_role_is_not_made(emulator: Emulator) -> None:
    assert "no role" in call(emulator, "POST", "/keys", {"role": "nobody"}, 404)["message"]
    with pytest.raises(LookupError):
        emulator.account.create_key("nobody")


def test_a_revoked_key_is_refused_from_the_next_request_on(emulator: Emulator) -> None:
    made = emulator.account.create_key("owner")
    key_id = made["key_info"]["key_id"]
    assert call(emulator, "DELETE", f"/keys/{key_id}") == {}
    assert status_with(emulator, made["api_key"]) == 401
    call(emulator, "DELETE", f"/keys/{key_id}", status=404)
    with pytest.raises(LookupError):
        emulator.account.revoke_key(key_id)


def test_the_last_key_of_an_owner_can_be_revoked_and_another_made(emulator: Emulator) -> None:
    for key in emulator.account.api_keys():
        emulator.account.revoke_key(key["key_id"])
    assert emulator.account.api_keys() == []
    made = emulator.account.create_key("owner")
    assert status_with(emulator, made["api_key"]) == 200


def test_roles_are_listed_with_what_they_allow(emulator: Emulator) -> None:
    emulator.create_role("Mine", EVERYTHING)
    listed = client(emulator).call("GET", "/roles").json()["roles"]
    assert call(emulator, "GET", "/roles") == {"roles": listed}
    assert emulator.account.roles() == listed
    assert [each["role_name"] for each in listed][-1] == "Mine"


def test_a_person_is_invited_becomes_a_member_and_leaves(emulator: Emulator) -> None:
    made = call(emulator, "POST", "/invitations", {"user_name": "a@b", "role": "Operator"})
    assert made["account_member"]["role_id"] == "operator"
    assert call(emulator, "GET", "/invitations") == {"invitations": [made]}
    member = call(emulator, "POST", "/members", {"invitation_id": made["id"]})
    assert member == {"user_name": "a@b", "role_id": "operator", "role_name": "Operator"}
    assert call(emulator, "GET", "/invitations") == {"invitations": []}
    assert member in call(emulator, "GET", "/members")["members"]
    changed = call(emulator, "PUT", "/members/a%40b", {"role": "viewer"})
    assert changed["role_name"] == "Viewer"
    assert call(emulator, "DELETE", "/members/a@b") == {}
    assert changed not in emulator.account.members()


def test_the_members_are_those_that_the_service_lists(emulator: Emulator) -> None:
    served = client(emulator).call("GET", "/_emulator/account/members").json()
    assert emulator.account.members() == served["account_members"]
    emulator.account.invite("x")
    served = client(emulator).call("GET", "/_emulator/account/invitations").json()
    assert emulator.account.invitations() == served["invitations"]


def test_there_is_always_an_owner(emulator: Emulator) -> None:
    name = "owner@example.com"
    assert "last Owner" in call(emulator, "DELETE", f"/members/{name}", status=412)["message"]
    call(emulator, "PUT", f"/members/{name}", {"role": "viewer"}, 412)
    with pytest.raises(ValueError, match="last Owner"):
        emulator.account.remove_member(name)


@pytest.mark.parametrize("role", ["nobody", "", 5, None])
def test_a_member_has_a_system_role(emulator: Emulator, role: Any) -> None:
    call(emulator, "PUT", "/members/owner@example.com", {"role": role}, 400)
    if role is not None:
        call(emulator, "POST", "/invitations", {"user_name": "x", "role": role}, 400)
    assert emulator.account.invitations() == []


def test_nobody_is_invited_twice(emulator: Emulator) -> None:
    emulator.account.invite("x")
    call(emulator, "POST", "/invitations", {"user_name": "x"}, 409)
    call(emulator, "POST", "/invitations", {"user_name": "owner@example.com"}, 409)
    with pytest.raises(ValueError, match="already a member or invited"):
        emulator.account.invite("x")


@pytest.mark.parametrize("body", [{}, {"user_name": ""}, {"user_name": "a" * 256}, {"x": 1}])
def test_an_invitation_names_a_person(emulator: Emulator, body: Any) -> None:
    call(emulator, "POST", "/invitations", body, 400)


def test_a_revoked_invitation_cannot_be_accepted(emulator: Emulator) -> None:
    made = emulator.account.invite("x")
    emulator.account.revoke_invitation(made["id"])
    call(emulator, "POST", "/members", {"invitation_id": made["id"]}, 404)
    call(emulator, "DELETE", f"/invitations/{made['id']}", status=404)
    for work in (emulator.account.accept_invitation, emulator.account.revoke_invitation):
        with pytest.raises(LookupError):
            work(made["id"])


def test_who_is_no_member_is_not_found(emulator: Emulator) -> None:
    call(emulator, "PUT", "/members/nobody", {"role": "viewer"}, 404)
    call(emulator, "DELETE", "/members/nobody", status=404)
    call(emulator, "DELETE", "/keys/nothing", status=404)


@pytest.mark.parametrize("path", ["/keys/", "/keys/%ff", "/members/%00%ff", "/invitations/%"])
def test_an_id_in_a_path_is_text(emulator: Emulator, path: str) -> None:
    answer = Client(emulator.endpoint).call("DELETE", f"/_emulator{path}")
    assert answer.status in (400, 404)


def test_nothing_of_it_is_in_the_journal_and_no_limit_holds(start: Start) -> None:
    emulator = start(cache="memory", api_revision="latest")
    emulator.clock.freeze(INSTANT * 1_000_000)
    for _ in range(20):
        call(emulator, "POST", "/keys", {"role": "viewer"})
        call(emulator, "GET", "/roles")
    assert emulator.journal.calls() == []
