"""What each system role may do, held against the reference."""

from __future__ import annotations

import itertools

import pytest

from emulator.auth.authentication import Caller
from emulator.auth.roles import (
    CHANGE_STORE,
    DESCRIBE_STORE,
    GET_OBJECT,
    LIST_STORES,
    OPERATOR,
    OWNER,
    PUT_OBJECT,
    SYSTEM_ROLES,
    VIEWER,
)
from emulator.errors import ForbiddenError
from emulator.model import Role
from emulator.permission_set import Access

PERMISSIONS = {
    "account_management": {"read", "list"},
    "auth_management": {"read", "write", "list"},
    "resource_management": {"read", "write", "list"},
    "cache": {"read", "write", "list"},
    "topic": {"read", "write", "list"},
    "store": {"read", "write", "list"},
    "function": {"invoke"},
    "database": {"read", "write"},
}
"""Every permission there is, by the type of rule that can grant it."""

EVERY_ACCESS = {Access(kind, name) for kind, names in PERMISSIONS.items() for name in names}

READING = {access for access in EVERY_ACCESS if access.permission in ("read", "list")}


def granted(role: Role) -> set[Access]:
    return {access for access in EVERY_ACCESS if role.permissions.allows(access, "store", "key")}


OPERATIONS = {
    "Get Object": GET_OBJECT,
    "Put Object": PUT_OBJECT,
    "Describe Object Store": DESCRIBE_STORE,
    "List Object Stores": LIST_STORES,
    "Create, Update or Delete Object Store": CHANGE_STORE,
}

MAY = {
    "owner": set(OPERATIONS),
    "operator": set(OPERATIONS),
    "viewer": {"Get Object", "Describe Object Store", "List Object Stores"},
}


@pytest.mark.proves("Roles and access")
def test_there_are_the_three_system_roles_under_their_names() -> None:
    names = {role_id: (role.role_id, role.role_name) for role_id, role in SYSTEM_ROLES.items()}
    assert names == {
        "owner": ("owner", "Owner"),
        "operator": ("operator", "Operator"),
        "viewer": ("viewer", "Viewer"),
    }


@pytest.mark.proves("D18")
@pytest.mark.parametrize(
    ("role_id", "operation"), list(itertools.product(SYSTEM_ROLES, OPERATIONS))
)
def test_a_role_may_do_what_the_reference_says_and_nothing_else(
    role_id: str, operation: str
) -> None:
    role = SYSTEM_ROLES[role_id]
    caller = Caller("key-id", role, role.permissions)
    if operation in MAY[role_id]:
        caller.require(OPERATIONS[operation])
    else:
        with pytest.raises(ForbiddenError, match=role.role_name):
            caller.require(OPERATIONS[operation])


@pytest.mark.proves("D18")
def test_every_operation_needs_a_permission_that_exists() -> None:
    assert set(OPERATIONS.values()) <= EVERY_ACCESS


@pytest.mark.proves("Roles and access")
@pytest.mark.parametrize("access", sorted(EVERY_ACCESS), ids="-".join)
def test_an_owner_may_do_everything(access: Access) -> None:
    assert OWNER.permissions.allows(access)


@pytest.mark.proves("Roles and access")
def test_an_operator_has_every_permission_that_can_be_granted() -> None:
    assert granted(OPERATOR) == EVERY_ACCESS


@pytest.mark.proves("Roles and access")
def test_a_viewer_may_read_and_list_everything_and_nothing_else() -> None:
    assert granted(VIEWER) == READING


@pytest.mark.proves("Roles and access")
@pytest.mark.parametrize("role", [OPERATOR, VIEWER], ids=lambda role: role.role_id)
@pytest.mark.parametrize(
    "access", [Access("account_management", "write"), Access("store", "delete"), Access("", "")]
)
def test_only_an_owner_may_do_what_no_permission_grants(role: Role, access: Access) -> None:
    assert OWNER.permissions.allows(access)
    assert not role.permissions.allows(access)


@pytest.mark.proves("Roles and access")
@pytest.mark.parametrize("role", SYSTEM_ROLES.values(), ids=SYSTEM_ROLES)
def test_only_an_owner_is_a_super_user(role: Role) -> None:
    assert role.permissions.super_user == (role.role_id == "owner")
