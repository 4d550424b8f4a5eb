"""``roles``: what a user sees who looks at roles, makes them and deletes them."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run

from .conftest import UPLOADS
from .servers import another_server


def test_a_list_is_a_table_of_system_roles_and_custom_ones(owner: Run, emulator: Emulator) -> None:
    role_id = emulator.create_role("uploads", UPLOADS, description="for the app")

    header, *rows = owner("roles", "list").lines

    assert header.split() == ["ID", "NAME", "TYPE", "DESCRIPTION"]
    assert [row.split()[:3] for row in rows] == [
        ["owner", "Owner", "system"],
        ["operator", "Operator", "system"],
        ["viewer", "Viewer", "system"],
        [role_id, "uploads", "custom"],
    ]
    assert rows[-1] == f"{role_id}  uploads   custom  for the app"


@pytest.mark.parametrize(
    ("role_type", "names"),
    [("system", ["Owner", "Operator", "Viewer"]), ("custom", ["uploads"])],
)
def test_a_list_may_be_of_one_type(
    owner: Run, emulator: Emulator, role_type: str, names: list[str]
) -> None:
    emulator.create_role("uploads", UPLOADS)

    document = owner("roles", "list", "--type", role_type, "--json").json()

    assert [role["role_name"] for role in document["roles"]] == names


def test_a_list_has_every_page(owner: Run, emulator: Emulator) -> None:
    for number in range(120):
        emulator.create_role(f"number {number}", UPLOADS)

    document = owner("roles", "list", "--json").json()
    custom = owner("roles", "list", "--type", "custom", "--json").json()

    assert document.keys() == {"roles"}
    assert [role["role_name"] for role in document["roles"]][3:] == [
        f"number {number}" for number in range(120)
    ]
    assert custom["roles"] == document["roles"][3:]


def test_a_list_without_roles_says_so(owner: Run) -> None:
    assert owner("roles", "list", "--type", "custom").lines == ["There are no custom roles."]
    assert owner("roles", "list", "--type", "custom", "--json").json() == {"roles": []}


def test_a_new_role_has_the_permission_set_of_the_file(
    owner: Run, emulator: Emulator, uploads_file: str
) -> None:
    role = owner(
        "roles", "create", "--name", "uploads", "--permissions", uploads_file, "--json"
    ).json()

    assert role["permissions"] == UPLOADS
    assert role["role_type"] == "custom"
    assert "description" not in role
    key = emulator.create_api_key(role["role_id"])
    assert Client(emulator.endpoint, key).call("GET", "/objectstore").status == 403


def test_a_new_role_may_come_from_stdin(owner: Run) -> None:
    words = ["roles", "create", "--name", "uploads", "--permissions", "-", "--json"]

    assert owner(*words, stdin=json.dumps(UPLOADS)).json()["permissions"] == UPLOADS


def test_a_new_role_is_printed_with_its_facts(owner: Run, uploads_file: str) -> None:
    words = ["--name", "uploads", "--permissions", uploads_file, "--description", "for the app"]

    lines = owner("roles", "create", *words).lines

    (role,) = owner("roles", "list", "--type", "custom", "--json").json()["roles"]
    assert lines == [
        f"  id           {role['role_id']}",
        "  name         uploads",
        "  description  for the app",
    ]


def test_a_name_that_is_taken_is_refused(owner: Run, emulator: Emulator, uploads_file: str) -> None:
    emulator.create_role("uploads", UPLOADS)

    ended = owner("roles", "create", "--name", "uploads", "--permissions", uploads_file)

    ended.refused("409", "'uploads'")


def test_a_set_that_the_service_does_not_take_is_refused_with_its_words(owner: Run) -> None:
    words = ["roles", "create", "--name", "uploads", "--permissions", "-"]

    owner(*words, stdin='{"rules": []}').refused("400", "permissions.rules", "empty")
    owner(*words, stdin="[]").refused("400", "permissions", "JSON object")


def test_a_file_that_is_not_there_is_named(owner: Run) -> None:
    ended = owner("roles", "create", "--name", "x", "--permissions", "nope.json")

    ended.misused("--permissions", "'nope.json'", "No such file", "stdin")


def test_a_directory_is_no_file(owner: Run, tmp_path: Path) -> None:
    ended = owner("roles", "create", "--name", "x", "--permissions", str(tmp_path))

    ended.misused("--permissions", str(tmp_path), "directory")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"rules: []", "line 1, column 1"),
        (b'{"rules": []\n"x"}', "line 2"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe\xfa", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
    ids=["yaml", "a missing comma", "nothing", "blanks", "no text", "deep nesting"],
)
def test_a_file_that_is_not_json_is_named_with_the_place(
    owner: Run, tmp_path: Path, content: bytes, cause: str
) -> None:
    (tmp_path / "set.json").write_bytes(content)

    ended = owner("roles", "create", "--name", "x", "--permissions", "set.json")

    ended.misused("--permissions", "'set.json'", cause)


def test_stdin_that_is_not_json_is_called_stdin(owner: Run) -> None:
    ended = owner("roles", "create", "--name", "x", "--permissions", "-", stdin="nope")

    ended.misused("--permissions", "stdin", "not JSON")


def test_a_set_in_place_of_a_file_is_told_the_way_in(owner: Run) -> None:
    ended = owner("roles", "create", "--name", "x", "--permissions", json.dumps(UPLOADS))

    ended.misused("takes a file", "--permissions -")


def test_a_deleted_role_is_gone(owner: Run, emulator: Emulator) -> None:
    role_id = emulator.create_role("uploads", UPLOADS)
    other_id = emulator.create_role("downloads", UPLOADS)

    assert owner("roles", "delete", role_id).lines == [f"Deleted the role {role_id}."]
    assert owner("roles", "delete", other_id, "--json").json() == {"status": "deleted"}

    assert owner("roles", "list", "--type", "custom", "--json").json() == {"roles": []}


def test_a_role_in_use_stays_and_says_who_uses_it(owner: Run, emulator: Emulator) -> None:
    role_id = emulator.create_role("uploads", UPLOADS)
    key = owner(
        "keys", "create", "--role", "uploads", "--description", "for the app", "--json"
    ).json()

    ended = owner("roles", "delete", role_id)

    ended.fails(1, role_id, "still in use")
    assert ended.stdout.splitlines() == [
        "USED BY  ID                                DESCRIPTION",
        f"API key  {key['key_info']['key_id']}  for the app",
    ]
    assert key["api_key"] not in ended.stdout
    assert role_id in owner("roles", "list").stdout


def test_a_role_in_use_as_json_is_the_document_of_the_api(owner: Run, emulator: Emulator) -> None:
    role_id = emulator.create_role("uploads", UPLOADS)
    key = owner("keys", "create", "--role", "uploads", "--json").json()

    ended = owner("roles", "delete", role_id, "--json")

    ended.fails(1, "still in use")
    assert json.loads(ended.stdout) == {
        "status": "blocked",
        "account_members": [],
        "invitations": [],
        "api_keys": [key["key_info"]],
    }


def test_members_and_invitations_may_use_a_role_elsewhere(owner: Run) -> None:
    member = {"user_name": "jane@example.com", "role_id": "x", "role_name": "X"}
    blocked = {
        "status": "blocked",
        "account_members": [member],
        "invitations": [{"id": "i-1", "account_member": {**member, "user_name": "bob"}}],
        "api_keys": [],
    }

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(json.dumps(blocked).encode())

    with another_server(answer) as endpoint:
        ended = owner("roles", "delete", "x", "--endpoint", endpoint)

    ended.fails(1, "still in use")
    assert ended.stdout.splitlines() == [
        "USED BY     ID                DESCRIPTION",
        "member      jane@example.com",
        "invitation  i-1               bob",
    ]


def test_a_system_role_cannot_be_deleted(owner: Run) -> None:
    owner("roles", "delete", "viewer").refused("412", "system role")


@pytest.mark.parametrize("role_id", ["nope", "a/b", "é"])
def test_deleting_what_is_not_there_is_refused_with_where_to_look(owner: Run, role_id: str) -> None:
    owner("roles", "delete", role_id).refused("404", role_id, "roles list")
