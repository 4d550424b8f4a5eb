"""List roles, and what the system roles are."""

from __future__ import annotations

import pytest

from .api import Api
from .expect import expect_page, expect_refusal, expect_role_object
from .permission_sets import READING, TABLE

pytestmark = pytest.mark.proves("Auth APIs: GET /roles")

SYSTEM_ROLES = ["Owner", "Operator", "Viewer"]


def granted(api: Api, name: str) -> dict[str, list[str]]:
    """What the rules of a role permit, by their type."""
    [role] = [role for role in api.all_roles() if role["role_name"] == name]
    return {rule["type"]: sorted(rule["permissions"]) for rule in role["permissions"]["rules"]}


@pytest.mark.proves("D24")
def test_system_roles_come_first_and_custom_roles_by_creation(owner: Api) -> None:
    names = [f"{99 - number}" for number in range(20)]
    for name in names:
        owner.new_role(READING, name)
    entries = expect_page(owner.list_roles(), "roles")
    assert [entry["role_name"] for entry in entries] == SYSTEM_ROLES + names
    for entry in entries:
        expect_role_object(entry)


@pytest.mark.proves("D24")
def test_a_role_keeps_its_place_when_it_is_replaced_or_gets_a_key(owner: Api) -> None:
    roles = [owner.new_role(READING, name) for name in ("a", "b", "c")]
    owner.replace_role(roles[0]["role_id"], "z", READING)
    owner.new_key(roles[1]["role_id"])
    assert owner.role_names(type="custom") == ["z", "b", "c"]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_list_may_have_one_type_of_role(owner: Api, number: int) -> None:
    custom = [owner.new_role(READING, f"role {count}") for count in range(number)]
    system = expect_page(owner.list_roles(type="system"), "roles")
    assert [role["role_name"] for role in system] == SYSTEM_ROLES
    assert {role["role_type"] for role in system} == {"system"}
    assert expect_page(owner.list_roles(type="custom"), "roles") == custom
    assert {role["role_type"] for role in custom} <= {"custom"}
    assert expect_page(owner.list_roles(), "roles") == system + custom


@pytest.mark.parametrize(
    "role_type",
    ["", "all", "System", "SYSTEM", "custom ", "customs", "*", "system,custom", "é", "null"],
)
def test_a_type_that_is_none_is_400(owner: Api, role_type: str) -> None:
    expect_refusal(owner.list_roles(type=role_type), 400, mentions=["type"])


@pytest.mark.parametrize("types", [("system", "custom"), ("system", "system")])
def test_a_type_given_twice_is_400(owner: Api, types: tuple[str, ...]) -> None:
    expect_refusal(owner.list_roles(type=types), 400, mentions=["type"])


def test_every_role_that_may_list_sees_the_same(owner: Api, operator: Api, viewer: Api) -> None:
    owner.new_role(READING)
    assert owner.all_roles() == operator.all_roles() == viewer.all_roles()


def test_a_list_needs_a_key(nobody: Api) -> None:
    expect_refusal(nobody.list_roles(), 401)


@pytest.mark.proves("D45")
@pytest.mark.proves("Roles and access: Owner")
def test_the_owner_is_a_super_user(owner: Api) -> None:
    assert owner.all_roles()[0]["permissions"] == {"super_user": True}


@pytest.mark.proves("Roles and access: Operator")
@pytest.mark.proves("Permission set")
def test_an_operator_reads_and_writes_everything_but_the_account(owner: Api) -> None:
    rules = granted(owner, "Operator")
    assert rules["account_management"] == ["list", "read"]
    assert rules == {name: sorted(row.permissions) for name, row in TABLE.items()}


@pytest.mark.proves("Roles and access: Viewer")
@pytest.mark.proves("Permission set")
def test_a_viewer_reads(owner: Api) -> None:
    rules = granted(owner, "Viewer")
    for name in ("account_management", "auth_management", "resource_management", "store"):
        assert "read" in rules[name]
    assert {permission for given in rules.values() for permission in given} == {"list", "read"}


@pytest.mark.proves("Permission set")
@pytest.mark.parametrize("name", ["Operator", "Viewer"])
def test_what_a_system_role_has_can_be_given_to_a_custom_role(owner: Api, name: str) -> None:
    [system] = [role for role in owner.all_roles() if role["role_name"] == name]
    custom = owner.new_role(system["permissions"])
    assert custom["permissions"] == system["permissions"]
