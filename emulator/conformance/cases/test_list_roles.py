"""Auth APIs: roles are listed, page by page, and described by role objects."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import READING, ROLES, listed_role, listed_roles, new_role
from .expecting import expect_success

pytestmark = pytest.mark.usefixtures("tidy")

SYSTEM_ROLES = {"Owner", "Operator", "Viewer"}


@pytest.mark.statement("AUTH-ROLE-01")
def test_a_role_has_an_id(target: Target) -> None:
    assert listed_role(target, new_role(target)["role_id"]) is not None


@pytest.mark.statement("AUTH-ROLE-02")
def test_a_role_has_the_name_that_it_was_given(target: Target) -> None:
    name = target.fresh_name()
    assert new_role(target, role_name=name)["role_name"] == name


@pytest.mark.statement("AUTH-ROLE-03")
def test_owner_operator_and_viewer_are_system_roles(target: Target) -> None:
    types = {role["role_name"]: role["role_type"] for role in listed_roles(target)}
    assert {types[name] for name in SYSTEM_ROLES} == {"system"}


@pytest.mark.statement("AUTH-ROLE-04")
def test_a_role_that_is_made_is_a_custom_one(target: Target) -> None:
    assert new_role(target)["role_type"] == "custom"


@pytest.mark.statement("AUTH-ROLE-05")
def test_a_role_has_the_description_that_it_was_given(target: Target) -> None:
    assert new_role(target, description="what it is")["description"] == "what it is"


@pytest.mark.statement("AUTH-ROLE-06")
def test_no_description_is_left_out(target: Target) -> None:
    assert "description" not in new_role(target)


@pytest.mark.statement("AUTH-ROLE-07")
def test_a_role_has_the_permissions_that_it_was_given(target: Target) -> None:
    assert new_role(target, READING)["permissions"]["rules"] == READING["rules"]


@pytest.mark.statement("AUTH-ROLE-10")
def test_listing_roles_answers_200(target: Target) -> None:
    assert target.request("GET", "/roles").status == 200


@pytest.mark.statement("AUTH-ROLE-11")
def test_the_list_has_the_object_of_each_role(target: Target) -> None:
    assert new_role(target, description="what it is") in listed_roles(target)


@pytest.mark.statement("AUTH-ROLE-12")
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_page_has_no_more_roles_than_its_limit(target: Target, limit: int) -> None:
    answer = target.request("GET", f"{ROLES}?limit={limit}")
    expect_success(answer)
    assert 0 < len(answer.json()["roles"]) <= limit


@pytest.mark.statement("AUTH-ROLE-14")
def test_a_list_continues_where_its_page_ended(target: Target) -> None:
    made = new_role(target)["role_id"]
    limit = len(listed_roles(target)) // 2 + 1
    found = list(target.pages(f"{ROLES}?limit={min(limit, 100)}"))
    ids = [role["role_id"] for page in found for role in page["roles"]]
    assert len(found) > 1
    assert len(ids) == len(set(ids)), "a role is listed twice"
    assert made in ids


@pytest.mark.statement("AUTH-ROLE-15")
def test_a_list_may_be_of_system_roles_only(target: Target) -> None:
    made = new_role(target)["role_name"]
    names = {role["role_name"] for role in listed_roles(target, "?type=system")}
    assert names >= SYSTEM_ROLES
    assert made not in names


@pytest.mark.statement("AUTH-ROLE-16")
def test_a_list_may_be_of_custom_roles_only(target: Target) -> None:
    made = new_role(target)["role_name"]
    names = {role["role_name"] for role in listed_roles(target, "?type=custom")}
    assert made in names
    assert not names & SYSTEM_ROLES


@pytest.mark.statement("AUTH-ROLE-17")
@pytest.mark.parametrize("limit", ["0", "101", "-1", "many"])
def test_a_bad_limit_answers_400(target: Target, limit: str) -> None:
    assert target.request("GET", f"{ROLES}?limit={limit}").status == 400


@pytest.mark.statement("AUTH-ROLE-18")
def test_a_bad_type_answers_400(target: Target) -> None:
    assert target.request("GET", f"{ROLES}?type=other").status == 400
