"""``state``: reset, save, restore, export and import the state of an emulator."""

from __future__ import annotations

import argparse

from emulator.commands.control import Answer, Handwritten, commands
from emulator.commands.export import export_command
from emulator.commands.files import FILE, STREAM, read_json
from emulator.commands.output import one_line, table
from emulator.commands.parser import Parser, not_empty


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


def _exported(arguments: argparse.Namespace, _: object) -> object:
    return read_json(arguments.file, FILE, "the exported state of an emulator")


def _imported(answer: Answer) -> str:
    file = answer.arguments.file
    return one_line(f"Imported the state from {'stdin' if file == STREAM else file}.")


COMMANDS = commands(
    "state",
    {
        "reset": Handwritten("Reset the emulator to its initial state."),
        "checkpoint": Handwritten("Saved the checkpoint {name} at {made_at}."),
        "restore": Handwritten("Restored the checkpoint {name} of {made_at}."),
        "drop": Handwritten("Deleted the checkpoint {name} of {made_at}."),
        "checkpoints": Handwritten(_checkpoints),
        "import": Handwritten(_imported, _define_import, _exported),
    },
) | {"export": export_command("state.export", "the state", "state.json", file="file")}
