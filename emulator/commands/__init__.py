"""The commands that talk to a running emulator, by name. Each group of them has a module."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "keys": {
        "create": "make an API key, and show it this once",
        "list": "list the API keys that have not expired",
        "revoke": "make an API key worthless at once",
    },
    "roles": {
        "list": "list the system roles and the custom ones",
        "create": "make a custom role from a permission set",
        "delete": "delete a custom role that nothing uses",
    },
    "tokens": {
        "create": "make a disposable token, and show it this once",
    },
    "clock": {
        "show": "tell the emulator's time",
        "freeze": "stop the emulator's clock, now or at an instant",
        "advance": "move the clock on, frozen or not",
        "set": "put the clock to an instant, from which it goes on unless frozen",
        "release": "let the clock follow the system's again",
    },
}
"""What each command of a group does, in a line."""
