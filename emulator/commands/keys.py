"""``keys create``, ``keys list`` and ``keys revoke``: the API keys of the account."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from emulator.auth.keys import inner_key
from emulator.commands.client import Client
from emulator.commands.command import Command, Request
from emulator.commands.output import facts, instant, one_line, print_json, print_lines, table
from emulator.commands.parser import Parser, duration, not_empty


def key_id(text: str) -> str:
    """The type of values that are the id of an API key.

    Raises:
        ArgumentTypeError: it is empty, or an API key itself.
    """
    if inner_key(text.strip()) is not None:
        raise argparse.ArgumentTypeError(
            "this is an API key itself; give its id, as 'keys list' shows it"
        )
    return not_empty(text)


def _define_create(parser: Parser) -> None:
    parser.add_argument(
        "--role",
        required=True,
        type=not_empty,
        metavar="ROLE",
        help="viewer, operator, owner, or the id or name of a custom role",
    )
    parser.add_argument(
        "--expires-in",
        type=duration,
        metavar="DURATION",
        help="time to expiry on the emulator's clock, as in 90s, 15m, 1h, 7d (default: never)",
    )
    parser.add_argument("--description", metavar="TEXT", help="description of the key")
    parser.add_argument(
        "--v1",
        action="store_true",
        help="create a v1 key: the older form, which contains the host of a cell",
    )


def _prepare_create(arguments: argparse.Namespace) -> Request:
    document: dict[str, Any] = {
        "role": arguments.role,
        "description": arguments.description or "",
    }
    if arguments.expires_in is not None:
        document["expires_in_seconds"] = arguments.expires_in
    if arguments.v1:
        document["v1"] = True

    def create(client: Client) -> None:
        created = client.call(
            "POST",
            "/_emulator/api-keys",
            document,
            answer={"api_key": str, "key_info": dict},
            hints={404: "'roles list' shows the roles"},
        )
        if arguments.json:
            print_json(created, with_secret=True)
        elif arguments.quiet:
            print(created["api_key"])
        else:
            _print_created(created, client.role_names())

    return create


def _print_created(created: Mapping[str, Any], role_names: Mapping[str, str]) -> None:
    info = created["key_info"]
    known = facts(
        {
            "id": str(info.get("key_id", "")),
            "role": _role(info, role_names),
            "description": str(info.get("description", "")),
            "expires": instant(info.get("expires_at_epoch_seconds")),
        }
    )
    print(f"{known}\n\n{created['api_key']}\n\nThis is the API key. It is shown only once.")


def _prepare_list(arguments: argparse.Namespace) -> Request:
    def show(client: Client) -> None:
        keys = client.entries("/api-keys", "key_info")
        if arguments.json:
            print_json({"key_info": keys})
        elif arguments.quiet:
            print_lines("\n".join(one_line(str(key.get("key_id", ""))) for key in keys))
        elif not keys:
            print("There are no API keys.")
        else:
            role_names = client.role_names()
            rows = [
                (
                    str(key.get("key_id", "")),
                    _role(key, role_names),
                    instant(key.get("issued_at_epoch_seconds")),
                    instant(key.get("expires_at_epoch_seconds")),
                    str(key.get("description", "")),
                )
                for key in keys
            ]
            print(table(("ID", "ROLE", "ISSUED", "EXPIRES", "DESCRIPTION"), rows))

    return show


def _role(key: Mapping[str, Any], role_names: Mapping[str, str]) -> str:
    role_id = str(key.get("role_id", ""))
    return role_names.get(role_id, role_id)


def _define_revoke(parser: Parser) -> None:
    parser.add_argument(
        "id", type=key_id, metavar="ID", help="the key's id, as 'keys list' shows it"
    )


def _prepare_revoke(arguments: argparse.Namespace) -> Request:
    path = f"/api-keys/{quote(os.fsencode(arguments.id), safe='')}"

    def revoke(client: Client) -> None:
        answer = client.call("DELETE", path, hints={404: "'keys list' shows the ids"})
        if arguments.json:
            print_json(answer)
        elif not arguments.quiet:
            print(f"Revoked the API key {arguments.id}.")

    return revoke


COMMANDS: Mapping[str, Command] = {
    "create": Command(
        _define_create,
        _prepare_create,
        "  python -m emulator keys create --role viewer --expires-in 1h\n"
        "  export MOMENTO_API_KEY=$(python -m emulator keys create --role viewer -q)",
        quiet="the API key alone",
    ),
    "list": Command(
        lambda _: None,
        _prepare_list,
        "  python -m emulator keys list",
        quiet="the ids alone, one per line",
    ),
    "revoke": Command(
        _define_revoke,
        _prepare_revoke,
        "  python -m emulator keys revoke 3f0c6a2be5d14f0f9f7c4b7f6f3f2f10",
    ),
}
