"""The commands beside ``serve``, by name. Each group of them has a module, and so has each that is
in no group."""

from __future__ import annotations

from collections.abc import Mapping

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
    "clock": {
        "show": "tell the emulator's time",
        "freeze": "stop the emulator's clock, now or at an instant",
        "advance": "move the clock on, frozen or not",
        "set": "put the clock to an instant; it goes on from there unless frozen",
        "release": "let the clock follow the system's again",
    },
    "faults": {
        "list": "list the fault rules, and how often each has fired",
        "add": "have something go wrong from now on: a fault rule",
        "remove": "remove a fault rule",
        "clear": "remove every fault rule",
    },
    "journal": {
        "show": "show the requests that have come, one a line",
        "export": "write them as JSON Lines or as an HTTP archive",
        "assert": "check how many requests of a kind there were",
        "clear": "forget the requests that have come",
    },
    "logs": {
        "list": "list the log groups of access logs",
        "show": "show the entries of an access log, one a line",
        "export": "write them as JSON Lines",
        "clear": "forget the entries of every access log",
    },
    "metrics": {
        "show": "show what the operations on objects amount to",
        "clear": "count from nothing again",
    },
    "state": {
        "reset": "go back to the start of the emulator",
        "checkpoint": "keep the state as it is now under a name",
        "restore": "go back to a checkpoint",
        "checkpoints": "list the checkpoints",
        "drop": "forget a checkpoint",
        "export": "write the state as a JSON file",
        "import": "have the state of such a file",
    },
    "tiers": {
        "list": "list what storage and cache have of a store",
        "put": "put an object into a tier, past the service's own door",
        "drop": "take an object out of a tier",
        "flush": "have a cluster forget all that it has",
        "counts": "count the hits and misses of each tier",
    },
}
"""What each command of a group does, in a line. They talk to a running emulator."""

LONE_COMMANDS: Mapping[str, str] = {
    "revisions": "tell what changed between two revisions, also for recorded requests",
}
"""What each command without a group does. They talk to nobody."""
