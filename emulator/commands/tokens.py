"""``tokens create``: create a disposable token, from a permission set or for objects of a store."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.client import Client
from emulator.commands.command import Command, Request
from emulator.commands.errors import UsageError
from emulator.commands.files import PERMISSIONS_FLAG, read_permission_set
from emulator.commands.output import facts, instant, print_json
from emulator.commands.parser import Parser, duration, not_empty

_ALLOWED = ("read", "write")
_EVERYTHING = "*"


def _allowed(text: str) -> list[str]:
    permissions = text.split(",")
    if not set(permissions) <= set(_ALLOWED):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of read, write and read,write")
    return [permission for permission in _ALLOWED if permission in permissions]


def _define_create(parser: Parser) -> None:
    parser.add_argument(
        "--expires-in",
        required=True,
        type=duration,
        metavar="DURATION",
        help="time to expiry on the emulator's clock, as in 90s, 15m, 1h; at most 25h",
    )
    parser.add_argument(
        PERMISSIONS_FLAG,
        metavar="FILE|-",
        help="JSON file with its permission set, or - for stdin",
    )
    parser.add_argument(
        "--store",
        type=not_empty,
        metavar="NAME",
        help="instead of --permissions: allow objects of this store, or of all stores with '*'",
    )
    parser.add_argument("--key", type=not_empty, metavar="KEY", help="only the object at this key")
    parser.add_argument(
        "--key-prefix",
        type=not_empty,
        metavar="PREFIX",
        help="only objects whose keys begin like this",
    )
    parser.add_argument(
        "--allow",
        type=_allowed,
        metavar="read|write|read,write",
        help="the permissions on these objects; required with --store",
    )


def _prepare_create(arguments: argparse.Namespace) -> Request:
    document = {
        "permissions": _permission_set(arguments),
        "expires_in_seconds": arguments.expires_in,
    }

    def create(client: Client) -> None:
        created = client.call(
            "POST", "/_emulator/tokens", document, answer={"token": str, "token_id": str}
        )
        if arguments.json:
            print_json(created, with_secret=True)
            return
        if arguments.quiet:
            print(created["token"])
            return
        known = facts(
            {
                "id": created["token_id"],
                "expires": instant(created.get("expires_at_epoch_seconds")),
            }
        )
        print(
            f"{known}\n\n{created['token']}\n\n"
            "This is the token. It is shown only once, and cannot be revoked."
        )

    return create


def _permission_set(arguments: argparse.Namespace) -> object:
    store, file = arguments.store, arguments.permissions
    if (store is None) == (file is None):
        wrong = "say what the token allows" if store is None else "give only one of these"
        raise UsageError(f"{wrong}: {PERMISSIONS_FLAG} FILE, or --store NAME with --allow; {_SEE}")
    if file is not None:
        for flag in ("--key", "--key-prefix", "--allow"):
            if getattr(arguments, flag[2:].replace("-", "_")) is not None:
                raise UsageError(f"{flag} requires --store, not {PERMISSIONS_FLAG}; {_SEE}")
        return read_permission_set(file)
    if arguments.allow is None:
        raise UsageError(f"--allow is missing: give read, write or read,write; {_SEE}")
    if arguments.key is not None and arguments.key_prefix is not None:
        raise UsageError(f"give only one of --key and --key-prefix; {_SEE}")
    return {"rules": [_store_rule(arguments)]}


def _store_rule(arguments: argparse.Namespace) -> dict[str, Any]:
    items: str | dict[str, str] = _EVERYTHING
    if arguments.key is not None:
        items = {"key": arguments.key}
    elif arguments.key_prefix is not None:
        items = {"key_prefix": arguments.key_prefix}
    return {
        "type": "store",
        "permissions": arguments.allow,
        "stores": _EVERYTHING if arguments.store == _EVERYTHING else {"name": arguments.store},
        "items": items,
    }


_SEE = "see tokens create --help"

COMMANDS: Mapping[str, Command] = {
    "create": Command(
        _define_create,
        _prepare_create,
        """\
  python -m emulator tokens create --expires-in 1h --store media \\
      --key-prefix uploads/ --allow read,write""",
        quiet="the token alone",
    ),
}
