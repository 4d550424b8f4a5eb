"""The table of control operations: each row is in HTTP, in Python and in the commands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from operator import attrgetter

import pytest

from emulator import Emulator
from emulator.commands import COMMANDS
from emulator.commands.control import commands
from emulator.control.operation import MEDIA_TYPES, ControlOperation
from emulator.control.operations import OPERATIONS
from emulator.control.tiers import NEW_MEMBERS
from emulator.core.path_templates import fill
from tests.support.emulators import Start, client, control

IN_PYTHON = {
    "overview.show": "endpoint",
    "clock.show": "clock.now",
    "clock.freeze": "clock.freeze",
    "clock.advance": "clock.advance",
    "clock.set": "clock.set",
    "clock.release": "clock.release",
    "faults.list": "faults.all",
    "faults.add": "faults.add",
    "faults.describe": "faults.get",
    "faults.remove": "faults.get",
    "faults.disable": "faults.get",
    "faults.enable": "faults.get",
    "faults.clear": "faults.clear",
    "journal.show": "journal.calls",
    "journal.assert": "journal.assert_called",
    "journal.clear": "journal.clear",
    "journal.describe": "journal.calls",
    "events.follow": "add_observer",
    "logs.list": "access_logs.groups",
    "logs.show": "access_logs.entries",
    "logs.clear": "access_logs.clear",
    "logs.deliver": "access_logs.deliver",
    "metrics.show": "metrics.all",
    "metrics.clear": "metrics.clear",
    "state.reset": "reset",
    "state.checkpoint": "checkpoint",
    "state.restore": "restore",
    "state.checkpoints": "checkpoints",
    "state.describe": "checkpoints",
    "state.drop": "drop_checkpoint",
    "state.export": "export_state",
    "state.import": "import_state",
    "tiers.list": "tiers.objects",
    "tiers.show": "tiers.get",
    "bodies.get": "tiers.body",
    "bodies.put": "tiers.put",
    "stores.list": "stores.all",
    "stores.create": "stores.create",
    "stores.show": "stores.get",
    "stores.update": "stores.update",
    "stores.delete": "stores.delete",
    "tiers.put": "tiers.put",
    "tiers.drop": "tiers.drop",
    "tiers.expire": "tiers.expire",
    "tiers.flush": "tiers.flush",
    "keys.list": "account.api_keys",
    "keys.create": "account.create_key",
    "keys.revoke": "account.revoke_key",
    "roles.list": "account.roles",
    "members.list": "account.members",
    "members.accept": "account.accept_invitation",
    "members.change": "account.change_member",
    "members.remove": "account.remove_member",
    "invitations.list": "account.invitations",
    "invitations.create": "account.invite",
    "invitations.revoke": "account.revoke_invitation",
    "tiers.counts": "tiers.counts",
    "clusters.list": "clusters.all",
    "clusters.create": "clusters.create",
    "clusters.show": "clusters.get",
    "clusters.delete": "clusters.delete",
}
"""What of an ``Emulator`` does the same as an operation."""

over_every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[each.name for each in OPERATIONS]
)


def test_each_operation_has_a_name_and_a_request_of_its_own() -> None:
    for own in ("name", "request"):
        values = [getattr(each, own) for each in OPERATIONS]
        assert len(set(values)) == len(values)


@over_every_operation
def test_each_part_of_an_operations_path_is_a_member(operation: ControlOperation) -> None:
    assert [each.name for each in operation.of("path")] == re.findall(r"{(\w+)", operation.path)
    assert all(each.required for each in operation.of("path"))


@over_every_operation
def test_an_operation_takes_no_member_of_a_body_that_is_ignored(
    operation: ControlOperation,
) -> None:
    assert operation.reads_body or operation.of("body") == []
    assert not operation.reads_body or operation.method in ("PUT", "POST", "PATCH")


@over_every_operation
def test_the_forms_of_an_operation_have_media_types(operation: ControlOperation) -> None:
    assert {*operation.forms} <= {*MEDIA_TYPES} - {"json"}
    assert operation.forms or not operation.export_help


@over_every_operation
def test_the_help_of_an_operation_is_a_line_without_a_full_stop(
    operation: ControlOperation,
) -> None:
    for text in (operation.help, *(each.help for each in operation.members)):
        assert text == text.strip().rstrip(".")
        assert text[0].islower()


@over_every_operation
def test_an_operation_has_a_place_in_python(
    operation: ControlOperation, running_emulator: Emulator
) -> None:
    assert operation.name in IN_PYTHON, "say here where Python has it: a handle gets a line for it"
    assert attrgetter(IN_PYTHON[operation.name])(running_emulator) is not None


@over_every_operation
def test_an_operation_has_a_command_unless_its_row_says_otherwise(
    operation: ControlOperation,
) -> None:
    names = COMMANDS.get(operation.group, {})
    assert (names.get(operation.action) == operation.help) == operation.has_command
    assert ("export" in names and names["export"] == operation.export_help) or (
        not operation.export_help
    )


def test_a_command_without_words_prints_the_document(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """So a new row needs nothing written by hand."""
    from emulator.commands.client import client_with_control_token
    from emulator.commands.parser import Parser

    emulator.clock.freeze(5_000_000)
    command = commands("clock", {})["show"]
    parser = Parser()
    command.define(parser)
    parser.add_argument("--json", action="store_true")
    command.prepare(parser.parse([]))(client_with_control_token(emulator.endpoint))
    told = json.loads(capsys.readouterr().out)
    assert told == {"now": "1970-01-01T00:00:05.000000Z", "epoch_seconds": 5, "frozen": True}


def test_conditions_of_a_body_are_not_taken_in_the_query(stocked: Emulator) -> None:
    assert control(stocked, "GET", "/journal?operation=GetObject").status == 200
    refused = control(stocked, "POST", "/journal/assert?operation=GetObject", {"times": 0})
    assert refused.status == 400
    assert refused.json()["message"] == "Unknown parameter 'operation': there are none"


PARTS = {
    "id": "fault-1",
    "name": "x",
    "log_group": "group",
    "store": "store",
    "key": "key",
    "number": "1",
}
OTHER_PARTS = {"stores.create": {"store": "new"}}
PREPARED: Mapping[str, Callable[[Emulator], dict[str, str]]] = {
    "keys.revoke": lambda emulator: {
        "id": emulator.account.create_key("viewer")["key_info"]["key_id"]
    },
    "members.accept": lambda emulator: {"invitation_id": emulator.account.invite("new")["id"]},
    "members.change": lambda _: {"id": "new", "role": "Operator"},
    "members.remove": lambda _: {"id": "new"},
    "invitations.revoke": lambda emulator: {"id": emulator.account.invite("another")["id"]},
}
"""What there has to be before, and the parts of the path or members of the body that name it."""
NO_MEMBERS = {"state.export", "bodies.get", "bodies.put"}
"""The state is a document of its own, a body is what it is, and to have put one has no answer."""
BODIES: Mapping[str, dict[str, object]] = {
    "keys.create": {"role": "Viewer", "expires_in": "1h"},
    "invitations.create": {"user_name": "somebody"},
    "clock.advance": {"seconds": 1},
    "clock.set": {"at": 1_900_000_000},
    "faults.add": {"effect": "cache_down"},
    "tiers.put": {"text": "hello"},
    "tiers.flush": {"cluster": "cluster-of-store"},
    "clusters.create": {"name": "x"},
}


def test_an_answer_has_the_members_that_the_table_says(start: Start) -> None:
    """One operation after the other, in the order of the table: a rule is added, then removed."""
    emulator = start(api_revision="2026-08-12", log_groups="group")
    for operation in OPERATIONS:
        client(emulator).create_store("store")
        client(emulator).put("store", "key", b"body")
        body = BODIES.get(operation.name, {})
        parts = {**PARTS, **OTHER_PARTS.get(operation.name, {})}
        if operation.name in PREPARED:
            prepared = PREPARED[operation.name](emulator)
            of_body = {each.name for each in operation.of("body")}
            parts = {**parts, **prepared}
            body = {name: value for name, value in prepared.items() if name in of_body}
        path = fill(operation.path, parts).removeprefix("/_emulator")
        if operation.name == "events.follow":
            continue  # It has no end; its own tests look at it.
        if operation.name == "state.import":
            body = emulator.export_state()
        answer = control(emulator, operation.method, path, body if operation.reads_body else None)
        assert answer.status == operation.status, (operation.name, answer)
        if operation.name in NO_MEMBERS:
            assert operation.answer == {}
        else:
            types = {name: type(value) for name, value in answer.json().items()}
            assert types.items() >= operation.answer.items(), operation.name
            assert bool(types) == bool(operation.answer), operation.name


def test_the_row_of_putting_an_object_has_every_member_that_is_read() -> None:
    row = next(each for each in OPERATIONS if each.name == "tiers.put")
    members = {each.name for each in row.members if each.where != "path"}
    assert members == set(NEW_MEMBERS)
