"""The commands beside ``serve``, by name. Each group of them may have a module, and each that is in
no group has one."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.operations import OPERATIONS


def _of_control() -> dict[str, dict[str, str]]:
    """The commands for the control operations."""
    groups: dict[str, dict[str, str]] = {}
    for operation in OPERATIONS:
        names = groups.setdefault(operation.group, {})
        if operation.has_command:
            names[operation.action] = operation.help
        if operation.export_help:
            names["export"] = operation.export_help
    return groups


COMMANDS: Mapping[str, Mapping[str, str]] = {
    "keys": {
        "create": "create an API key, and show it once",
        "list": "list the API keys that have not expired",
        "revoke": "revoke an API key",
    },
    "roles": {
        "list": "list the system roles and the custom roles",
        "create": "create a custom role from a permission set",
        "delete": "delete a custom role that nothing uses",
    },
    "tokens": {
        "create": "create a disposable token, and show it once",
    },
    **_of_control(),
}
"""What each command of a group does, in a line. They talk to a running emulator."""

LONE_COMMANDS: Mapping[str, str] = {
    "revisions": "show what changed between two revisions, also for recorded requests",
}
"""What each command without a group does. They talk to nobody."""
