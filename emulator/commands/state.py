"""``state``: reset, save, restore, export and import the state of an emulator."""

from __future__ import annotations

import argparse

from emulator.commands.control import Answer, Handwritten, commands, quiet_list
from emulator.commands.export import export_command
from emulator.commands.files import FILE, STREAM, parse_json, read_bytes, require_file
from emulator.commands.output import one_line, table
from emulator.commands.parser import Parser, not_empty
from emulator.core.errors import ServiceError


def _checkpoints(answer: Answer) -> str:
    checkpoints = answer.document["checkpoints"]
    if not checkpoints:
        return "There are no checkpoints."
    return table(
        ("NAME", "MADE"), [(each.get("name"), each.get("made_at")) for each in checkpoints]
    )


def _define_import(parser: Parser) -> None:
    parser.add_argument(
        "file",
        type=not_empty,
        metavar="FILE|-",
        help="the file that 'state export' wrote, or - for stdin",
    )


def _exported(arguments: argparse.Namespace, _: object) -> bytes:
    """Return the file as it is, if it is JSON: parsed, it would take several times the memory."""
    from emulator.control.state_reader import LARGE, StateReader

    file, what = arguments.file, "the exported state of an emulator"
    require_file(file, FILE)
    content, reader = read_bytes(file, FILE), StateReader()
    try:
        for start in range(0, len(content), LARGE):
            reader.feed(content[start : start + LARGE])
        reader.close()
    except ServiceError:  # Say where it is not JSON; the emulator says what else is wrong.
        parse_json(content, file, FILE, what)
    return content


def _imported(answer: Answer) -> str:
    file = answer.arguments.file
    source = "stdin" if file == STREAM else file
    return one_line(f"Imported the state from {source} into {answer.client.endpoint}.")


COMMANDS = commands(
    "state",
    {
        "reset": Handwritten("Reset the emulator at {endpoint} to its initial state."),
        "checkpoint": Handwritten("Saved the checkpoint {name} at {made_at}."),
        "restore": Handwritten("Restored the checkpoint {name} of {made_at}."),
        "drop": Handwritten("Deleted the checkpoint {name} of {made_at}."),
        "checkpoints": Handwritten(
            _checkpoints, quiet=quiet_list("checkpoints", "name", "the names")
        ),
        "import": Handwritten(_imported, _define_import, _exported),
    },
) | {"export": export_command("state.export", "the state", "state.json", file="file")}
