"""Auth APIs: a custom role is deleted, unless something uses it."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import ROLES, delete_role, listed_role, listed_roles, new_role

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.mark.statement("AUTH-ROLE-50", "AUTH-ROLE-51")
def test_a_role_that_nothing_uses_is_deleted(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    answer = target.request("DELETE", f"{ROLES}/{role_id}")
    assert (answer.status, answer.json()) == (200, {"status": "deleted"})


@pytest.mark.statement("AUTH-ROLE-52")
def test_a_deleted_role_is_listed_no_more(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    assert listed_role(target, role_id) is not None
    delete_role(target, role_id)
    assert listed_role(target, role_id) is None


@pytest.mark.statement("AUTH-ROLE-53", "AUTH-ROLE-54")
def test_a_role_that_a_key_uses_stays(target: Target) -> None:
    role = new_role(target)
    target.new_key(role["role_id"])
    answer = delete_role(target, role["role_id"])
    assert (answer.status, answer.json()["status"]) == (200, "blocked")
    assert listed_role(target, role["role_id"]) == role


@pytest.mark.statement("AUTH-ROLE-55", "AUTH-ROLE-56", "AUTH-ROLE-57")
def test_a_blocked_answer_lists_all_that_use_the_role(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    keys = [target.new_key(role_id)["key_info"] for _ in range(2)]
    blocked = delete_role(target, role_id).json()
    assert blocked["account_members"] == []
    assert blocked["invitations"] == []
    assert sorted(blocked["api_keys"], key=str) == sorted(keys, key=str)


@pytest.mark.statement("AUTH-ROLE-62")
def test_deleting_a_role_that_does_not_exist_answers_404(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    assert delete_role(target, role_id).status == 200
    assert delete_role(target, role_id).status == 404


@pytest.mark.statement("AUTH-ROLE-09", "AUTH-ROLE-63")
def test_deleting_a_system_role_answers_412(target: Target, viewer_id: str) -> None:
    # A key that uses it stands in the way, even where an endpoint deletes system roles.
    target.new_key(viewer_id)
    assert delete_role(target, viewer_id).status == 412
    assert viewer_id in [role["role_id"] for role in listed_roles(target, "?type=system")]
