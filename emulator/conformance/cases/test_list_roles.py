"""Auth APIs: roles are listed, page by page, and described by role objects."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import READING, ROLES, listed_role, listed_roles, new_role, pages

pytestmark = pytest.mark.usefixtures("tidy")

SYSTEM_ROLES = {"Owner", "Operator", "Viewer"}


@pytest.mark.statement("AUTH-ROLE-01", "AUTH-ROLE-10", "AUTH-ROLE-11")
def test_a_role_that_is_made_is_listed(target: Target) -> None:
    assert target.request("GET", ROLES).status == 200
    role = new_role(target)
    assert listed_role(target, role["role_id"]) == role


@pytest.mark.statement("AUTH-ROLE-02", "AUTH-ROLE-04", "AUTH-ROLE-05", "AUTH-ROLE-07")
def test_a_role_has_what_it_was_given(target: Target) -> None:
    name = target.fresh_name()
    role_id = new_role(target, role_name=name, description="what it is for")["role_id"]
    role = listed_role(target, role_id)
    assert role is not None
    assert role["role_name"] == name
    assert role["role_type"] == "custom"
    assert role["description"] == "what it is for"
    assert role["permissions"]["rules"] == READING["rules"]


@pytest.mark.statement("AUTH-ROLE-03")
def test_owner_operator_and_viewer_are_system_roles(target: Target) -> None:
    types = {role["role_name"]: role["role_type"] for role in listed_roles(target)}
    assert {types[name] for name in SYSTEM_ROLES} == {"system"}


@pytest.mark.statement("AUTH-ROLE-06", "AUTH-ROLE-27")
def test_a_role_may_have_no_description(target: Target) -> None:
    role = new_role(target)
    assert "description" not in role
    assert listed_role(target, role["role_id"]) == role


@pytest.mark.statement("AUTH-ROLE-12")
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_page_has_no_more_roles_than_its_limit(target: Target, limit: int) -> None:
    answer = target.request("GET", f"{ROLES}?limit={limit}")
    assert answer.status == 200
    assert 0 < len(answer.json()["roles"]) <= limit


@pytest.mark.statement("AUTH-ROLE-14")
def test_a_list_continues_where_its_page_ended(target: Target) -> None:
    made = new_role(target)["role_id"]
    limit = len(listed_roles(target)) // 2 + 1
    found = list(pages(target, f"{ROLES}?limit={min(limit, 100)}"))
    ids = [role["role_id"] for page in found for role in page["roles"]]
    assert len(found) > 1
    assert len(ids) == len(set(ids)), "a role is listed twice"
    assert made in ids


@pytest.mark.statement("AUTH-ROLE-15")
def test_a_list_may_be_of_system_roles_only(target: Target) -> None:
    made = new_role(target)
    roles = listed_roles(target, "?type=system")
    assert {role["role_type"] for role in roles} == {"system"}
    assert {role["role_name"] for role in roles} >= SYSTEM_ROLES
    assert made not in roles


@pytest.mark.statement("AUTH-ROLE-16")
def test_a_list_may_be_of_custom_roles_only(target: Target) -> None:
    made = new_role(target)
    roles = listed_roles(target, "?type=custom")
    assert {role["role_type"] for role in roles} == {"custom"}
    assert made in roles


@pytest.mark.statement("AUTH-ROLE-17")
@pytest.mark.parametrize("limit", ["0", "101", "-1", "many"])
def test_a_bad_limit_answers_400(target: Target, limit: str) -> None:
    assert target.request("GET", f"{ROLES}?limit={limit}").status == 400


@pytest.mark.statement("AUTH-ROLE-18")
def test_a_bad_type_answers_400(target: Target) -> None:
    assert target.request("GET", f"{ROLES}?type=other").status == 400
