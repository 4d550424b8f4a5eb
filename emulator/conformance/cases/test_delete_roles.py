"""Auth APIs: a custom role is deleted, unless something uses it."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import Document, delete_role, listed_role, listed_roles, new_role
from .expecting import expect_success

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.mark.statement("AUTH-ROLE-51")
def test_a_role_that_nothing_uses_is_deleted(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    answer = delete_role(target, role_id)
    assert (answer.status, answer.json()) == (200, {"status": "deleted"})


@pytest.mark.statement("AUTH-ROLE-50", "AUTH-ROLE-52")
def test_a_deleted_role_is_listed_no_more(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    assert listed_role(target, role_id) is not None
    expect_success(target.request("DELETE", f"/roles/{role_id}"))
    assert listed_role(target, role_id) is None


@pytest.fixture
def used(target: Target) -> Document:
    """A role with two keys, and the answer to its deletion."""
    role = new_role(target)
    keys = [target.new_key(role["role_id"])["key_info"] for _ in range(2)]
    return {"role": role, "keys": keys, "answer": delete_role(target, role["role_id"])}


@pytest.mark.statement("AUTH-ROLE-53")
def test_deleting_a_role_that_a_key_uses_is_blocked(used: Document) -> None:
    assert (used["answer"].status, used["answer"].json()["status"]) == (200, "blocked")


@pytest.mark.statement("AUTH-ROLE-54")
def test_a_role_that_a_key_uses_stays(target: Target, used: Document) -> None:
    assert listed_role(target, used["role"]["role_id"]) is not None


@pytest.mark.statement("AUTH-ROLE-55")
def test_a_blocked_answer_lists_members_and_invitations(used: Document) -> None:
    blocked = used["answer"].json()
    assert (blocked["account_members"], blocked["invitations"]) == ([], [])


@pytest.mark.statement("AUTH-ROLE-56")
def test_a_blocked_answer_lists_all_keys_that_use_the_role(used: Document) -> None:
    listed = {key["key_id"] for key in used["answer"].json()["api_keys"]}
    assert listed == {key["key_id"] for key in used["keys"]}


@pytest.mark.statement("AUTH-ROLE-57")
def test_a_blocked_answer_has_key_objects(used: Document) -> None:
    listed = used["answer"].json()["api_keys"]
    assert listed
    assert all(key in used["keys"] for key in listed)


@pytest.mark.statement("AUTH-ROLE-62")
def test_deleting_a_role_that_does_not_exist_answers_404(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    expect_success(delete_role(target, role_id))
    assert delete_role(target, role_id).status == 404


@pytest.mark.statement("AUTH-ROLE-09")
def test_a_system_role_cannot_be_deleted(target: Target, viewer_id: str) -> None:
    target.new_key(viewer_id)  # It stands in the way, even where an endpoint deletes such roles.
    delete_role(target, viewer_id)
    assert viewer_id in [role["role_id"] for role in listed_roles(target, "?type=system")]


@pytest.mark.statement("AUTH-ROLE-63")
def test_deleting_a_system_role_answers_412(target: Target, viewer_id: str) -> None:
    target.new_key(viewer_id)
    assert delete_role(target, viewer_id).status == 412
