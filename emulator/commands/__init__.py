"""The commands other than ``serve``, by name. A group may have a module; a command without a group
always has one."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.operations import OPERATIONS


def _of_control() -> dict[str, dict[str, str]]:
    """Return the commands of the control operations, by group."""
    groups: dict[str, dict[str, str]] = {}
    for operation in OPERATIONS:
        if operation.has_command:
            groups.setdefault(operation.group, {})[operation.action] = operation.help
        if operation.export_help:
            groups.setdefault(operation.group, {})["export"] = operation.export_help
    groups["journal"]["follow"] = "print requests as they end, until Ctrl-C"
    groups["logs"]["follow"] = "print entries of access logs as they come, until Ctrl-C"
    return groups


_CONTROL = _of_control()

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "stores": _CONTROL.pop("stores"),
    "objects": {
        "list": "list the objects of a store, with the tiers that have them",
        "put": "store a file as an object",
        "get": "read an object into a file, or to stdout",
        "head": "show the metadata of an object",
        "delete": "delete an object",
        "upload": "send a folder of files, several at a time",
        "download": "receive the objects below a prefix into a folder",
    },
    "keys": {
        "create": "create an API key and show it once",
        "list": "list the API keys that have not expired",
        "revoke": "revoke an API key",
    },
    "roles": {
        "list": "list the system roles and the custom roles",
        "create": "create a custom role from a permission set",
        "delete": "delete a custom role that nothing uses",
    },
    "tokens": {
        "create": "create a disposable token and show it once",
    },
    **_CONTROL,
}
"""One line of help for each command of a group. These commands call a running emulator."""

LONE_COMMANDS: Mapping[str, str] = {
    "exec": "run a command with an emulator of its own, and return its status",
    "wait": "return once an emulator accepts requests, or its start has failed",
    "env": "print the variables that lead clients to a running emulator",
    "conformance": "hold an endpoint against the documents of the service",
    "openapi": "print an OpenAPI document of the HTTP APIs, or write all as files",
    "revisions": "show what changed between two revisions, also for recorded requests",
}
"""One line of help for each command without a group."""
