"""What each system role may do, as tables to hold against the reference."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.model import Role
from emulator.core.permission_set import (
    EVERYTHING,
    RULE_TYPES,
    SUPER_USER,
    PermissionSet,
    parse_permission_set,
)


def _on_everything(permissions: Mapping[str, str]) -> PermissionSet:
    return parse_permission_set(
        {
            "rules": [
                {
                    "type": type_name,
                    "permissions": names.split(),
                    **dict.fromkeys(RULE_TYPES[type_name].selectors, EVERYTHING),
                }
                for type_name, names in permissions.items()
            ]
        }
    )


OWNER = Role("owner", "Owner", SUPER_USER, "Full access, account membership included")

OPERATOR = Role(
    "operator",
    "Operator",
    _on_everything(
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
    "Full access to resources and data; account membership can only be read",
)

VIEWER = Role(
    "viewer",
    "Viewer",
    _on_everything(
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
    "Everything can be read, nothing changed",
)

SYSTEM_ROLES: Mapping[str, Role] = {role.role_id: role for role in (OWNER, OPERATOR, VIEWER)}
"""The roles that every account has ("Roles and access"), by id."""
