"""``roles list``, ``roles create`` and ``roles delete``: the roles of the account."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from emulator.commands.client import Client
from emulator.commands.command import Command, Request
from emulator.commands.errors import RefusedError
from emulator.commands.files import PERMISSIONS_FLAG, read_permission_set
from emulator.commands.output import facts, one_line, print_json, print_lines, table
from emulator.commands.parser import Parser, not_empty, one_of


def _define_list(parser: Parser) -> None:
    parser.add_argument(
        "--type",
        type=one_of("system", "custom"),
        metavar="system|custom",
        help="list only system roles, or only custom roles",
    )


def _prepare_list(arguments: argparse.Namespace) -> Request:
    def show(client: Client) -> None:
        parameters = {"type": arguments.type} if arguments.type else {}
        roles = client.entries("/roles", "roles", parameters)
        if arguments.json:
            print_json({"roles": roles})
        elif arguments.quiet:
            print_lines("\n".join(one_line(str(role.get("role_id", ""))) for role in roles))
        elif not roles:
            print(f"There are no {arguments.type or ''} roles.".replace("  ", " "))
        else:
            members = ("role_id", "role_name", "role_type", "description")
            rows = [[str(role.get(name, "")) for name in members] for role in roles]
            print(table(("ID", "NAME", "TYPE", "DESCRIPTION"), rows))

    return show


def _define_create(parser: Parser) -> None:
    parser.add_argument(
        "--name",
        required=True,
        type=not_empty,
        metavar="NAME",
        help="name of the role; no other role may have it",
    )
    parser.add_argument(
        PERMISSIONS_FLAG,
        required=True,
        metavar="FILE|-",
        help="JSON file with its permission set, or - for stdin",
    )
    parser.add_argument("--description", metavar="TEXT", help="description of the role")


def _prepare_create(arguments: argparse.Namespace) -> Request:
    document = {
        "role_name": arguments.name,
        "permissions": read_permission_set(arguments.permissions),
    }
    if arguments.description is not None:
        document["description"] = arguments.description

    def create(client: Client) -> None:
        role = client.call("POST", "/roles", document, answer={"role_id": str, "role_name": str})
        if arguments.json:
            print_json(role)
        elif arguments.quiet:
            print(one_line(role["role_id"]))
        else:
            print(
                facts(
                    {
                        "id": role["role_id"],
                        "name": role["role_name"],
                        "description": str(role.get("description", "")),
                    }
                )
            )

    return create


def _define_delete(parser: Parser) -> None:
    parser.add_argument(
        "id", type=not_empty, metavar="ID", help="the role's id, as 'roles list' shows it"
    )


def _prepare_delete(arguments: argparse.Namespace) -> Request:
    role_id: str = arguments.id
    path = f"/roles/{quote(os.fsencode(role_id), safe='')}"

    def delete(client: Client) -> None:
        answer = client.call(
            "DELETE", path, answer={"status": str}, hints={404: "'roles list' shows the ids"}
        )
        if arguments.json:
            print_json(answer)
        elif answer["status"] != "blocked":
            if not arguments.quiet:
                print(f"Deleted the role {role_id}.")
        else:
            print(table(("USED BY", "ID", "DESCRIPTION"), _users(answer)))
        if answer["status"] == "blocked":
            raise RefusedError(
                f"the role {role_id!r} is still in use; revoke or remove what uses it first"
            )

    return delete


def _users(blocked: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return a row for everything that still uses a role, from the answer that refuses to delete
    it."""
    members = [
        ("member", str(member.get("user_name", "")), "")
        for member in blocked.get("account_members", [])
    ]
    invitations = [
        (
            "invitation",
            str(invitation.get("id", "")),
            str(invitation.get("account_member", {}).get("user_name", "")),
        )
        for invitation in blocked.get("invitations", [])
    ]
    keys = [
        ("API key", str(key.get("key_id", "")), str(key.get("description", "")))
        for key in blocked.get("api_keys", [])
    ]
    return members + invitations + keys


COMMANDS: Mapping[str, Command] = {
    "list": Command(
        _define_list,
        _prepare_list,
        "  python -m emulator roles list --type custom",
        quiet="the ids alone, one per line",
    ),
    "create": Command(
        _define_create,
        _prepare_create,
        """\
  python -m emulator roles create --name uploads --permissions uploads.json

with uploads.json:
  {"rules": [{"type": "store", "permissions": ["read", "write"],
              "stores": {"name": "media"},
              "items": {"key_prefix": "uploads/"}}]}""",
        quiet="the id alone",
    ),
    "delete": Command(
        _define_delete,
        _prepare_delete,
        "  python -m emulator roles delete 3f0c6a2be5d14f0f9f7c4b7f6f3f2f10",
    ),
}
