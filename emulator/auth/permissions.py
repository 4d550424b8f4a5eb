"""What each system role may do, as tables to hold against the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Access(NamedTuple):
    """A permission on a type of resource: what an operation needs, and what a rule grants."""

    resource: str
    permission: str


# What each operation needs (D18).
GET_OBJECT = Access("store", "read")
PUT_OBJECT = Access("store", "write")
DESCRIBE_STORE = Access("resource_management", "read")
LIST_STORES = Access("resource_management", "list")
CHANGE_STORE = Access("resource_management", "write")


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions. ``super_user`` grants everything, ``grants`` what it lists."""

    role_id: str
    role_name: str
    super_user: bool = False
    grants: frozenset[Access] = frozenset()

    def allows(self, access: Access) -> bool:
        """Whether a key of this role may do what needs ``access``."""
        return self.super_user or access in self.grants


def _grants(permissions: Mapping[str, str]) -> frozenset[Access]:
    return frozenset(
        Access(resource, permission)
        for resource, names in permissions.items()
        for permission in names.split()
    )


OWNER = Role("owner", "Owner", super_user=True)

OPERATOR = Role(
    "operator",
    "Operator",
    grants=_grants(
        {
            "account_management": "read list",
            "auth_management": "read write list",
            "resource_management": "read write list",
            "cache": "read write list",
            "topic": "read write list",
            "store": "read write list",
            "function": "invoke",
            "database": "read write",
        }
    ),
)

VIEWER = Role(
    "viewer",
    "Viewer",
    grants=_grants(
        {
            "account_management": "read list",
            "auth_management": "read list",
            "resource_management": "read list",
            "cache": "read list",
            "topic": "read list",
            "store": "read list",
            "database": "read",
        }
    ),
)

SYSTEM_ROLES: Mapping[str, Role] = {role.role_id: role for role in (OWNER, OPERATOR, VIEWER)}
"""The roles that every account has ("Roles and access"), by id."""
