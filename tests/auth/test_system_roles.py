"""What each system role may do, held against the reference."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from emulator.auth.access import CHANGE_STORE, DESCRIBE_STORE, GET_OBJECT, LIST_STORES, PUT_OBJECT
from emulator.auth.authentication import Caller
from emulator.auth.system_roles import OPERATOR, OWNER, SYSTEM_ROLES, VIEWER
from emulator.core.errors import BadRequestError, ForbiddenError
from emulator.core.model import Role
from emulator.core.permission_set import Access, parse_permission_set
from emulator.service.account.roles import describe

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

ALL = ("read", "write", "list", "invoke")
READING_ONLY = ("read", "list")

READING = {access for access in EVERY_ACCESS if access.permission in READING_ONLY}


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


@pytest.mark.proves("Permission set")
@pytest.mark.parametrize("role", [OPERATOR, VIEWER], ids=lambda role: role.role_id)
def test_what_a_role_shows_is_a_permission_set_and_means_what_the_role_does(role: Role) -> None:
    shown = describe(role)["permissions"]
    parsed = parse_permission_set(shown)
    assert parsed == role.permissions
    for access in EVERY_ACCESS:
        assert parsed.allows(access, "store", "key") == role.permissions.allows(access)
    assert parsed.stores is None
    assert parsed.admits(None)


STATEMENT: dict[str, dict[str, Any]] = {
    "operator": {
        "account_management": READING_ONLY,
        **dict.fromkeys(PERMISSIONS.keys() - {"account_management"}, ALL),
    },
    "viewer": dict.fromkeys(PERMISSIONS, READING_ONLY),
}
"""What the reference says in words: who reads, and who writes too, of which type."""


@pytest.mark.proves("Roles and access")
@pytest.mark.parametrize("role", [OPERATOR, VIEWER], ids=lambda role: role.role_id)
def test_the_rules_of_a_role_are_the_statement_of_the_reference_and_no_more(role: Role) -> None:
    rules = role.permissions.document["rules"]
    said = {rule["type"]: set(rule["permissions"]) for rule in rules}
    assert len(said) == len(rules)
    assert said == {
        type_name: names
        for type_name, may in STATEMENT[role.role_id].items()
        if (names := {name for name in PERMISSIONS[type_name] if name in may})
    }
    for rule in rules:
        assert {rule[name] for name in rule.keys() - {"type", "permissions"}} <= {"*"}
    assert set(role.permissions.document) == {"rules"}


@pytest.mark.proves("Permission set")
def test_what_an_owner_shows_cannot_be_given_to_a_custom_role() -> None:
    with pytest.raises(BadRequestError, match="super-user"):
        parse_permission_set(describe(OWNER)["permissions"])


@pytest.mark.proves("Roles and access")
def test_every_role_shows_that_it_is_a_system_role() -> None:
    for role in SYSTEM_ROLES.values():
        assert describe(role)["role_type"] == "system"
        assert describe(role)["description"]
