"""Auth APIs: a custom role is made."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import (
    READING,
    ROLES,
    create_role,
    key_with,
    listed_roles,
    new_role,
    objects,
    rule,
)
from .expecting import expect_refused, expect_success

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.mark.statement("AUTH-ROLE-23")
def test_a_role_is_made(target: Target) -> None:
    document = {"role_name": target.fresh_name(), "permissions": READING}
    expect_success(target.send_json("POST", "/roles", document))
    assert document["role_name"] in {role["role_name"] for role in listed_roles(target)}


@pytest.mark.statement("AUTH-ROLE-24")
def test_making_a_role_answers_200_with_a_new_id(target: Target) -> None:
    before = {role["role_id"] for role in listed_roles(target)}
    answer = create_role(target)
    assert answer.status == 200
    assert answer.json()["role_id"] not in before


@pytest.mark.statement("AUTH-ROLE-27")
def test_a_role_may_have_no_description(target: Target) -> None:
    document = {"role_name": target.fresh_name(), "permissions": READING}
    expect_success(target.send_json("POST", ROLES, document))


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("role_name", marks=pytest.mark.statement("AUTH-ROLE-25")),
        pytest.param("permissions", marks=pytest.mark.statement("AUTH-ROLE-26")),
    ],
)
def test_a_role_without_a_required_member_is_refused(target: Target, member: str) -> None:
    document = {"role_name": target.fresh_name(), "permissions": READING}
    del document[member]
    expect_refused(target.send_json("POST", ROLES, document))


@pytest.mark.statement("AUTH-ROLE-28")
@pytest.mark.parametrize(
    "permissions",
    [
        "*",
        {"rules": "*"},
        {"rules": [objects("delete")]},
        {"rules": [objects("read"), rule("other", "read")]},
    ],
    ids=str,
)
def test_an_invalid_permission_set_answers_400(target: Target, permissions: object) -> None:
    assert create_role(target, permissions).status == 400


@pytest.mark.statement("AUTH-ROLE-29")
@pytest.mark.parametrize("cidr", ["10.0.0.0/33", "10.0.0.256/8", "2001:db8::/129", "anywhere"])
def test_an_invalid_range_answers_400(target: Target, cidr: str) -> None:
    condition = {"ip_filter": {"allowed_cidr_ranges": [cidr]}}
    assert create_role(target, READING | {"conditions": [condition]}).status == 400


@pytest.mark.statement("AUTH-ROLE-32")
def test_a_name_that_is_taken_answers_409(target: Target) -> None:
    name = new_role(target)["role_name"]
    assert create_role(target, role_name=name).status == 409


@pytest.mark.statement("AUTH-GENERAL-04")
def test_a_key_of_a_custom_role_with_auth_management_is_accepted(target: Target) -> None:
    api_key = key_with(target, rule("auth_management", "read", "write", "list", items="*"))
    expect_success(target.request("GET", ROLES, key=api_key))
    document = {"role_name": target.fresh_name(), "permissions": READING}
    expect_success(target.send_json("POST", ROLES, document, key=api_key))
