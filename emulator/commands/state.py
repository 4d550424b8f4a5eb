"""``state``: the state of an emulator as a whole, taken back, kept, written and read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import Told, asking, item, saying
from emulator.commands.files import FILE, STREAM, deliver, read_json
from emulator.commands.output import one_line, table
from emulator.commands.parser import Parser, not_empty

RESET = "/_emulator/reset"
CHECKPOINTS = "/_emulator/checkpoints"
STATE = "/_emulator/state"


def _prepare_reset(arguments: argparse.Namespace) -> Request:
    return saying(arguments, "POST", RESET, done="The emulator is as it was at its start.")


def _define_name(parser: Parser) -> None:
    parser.add_argument(
        "name",
        type=not_empty,
        metavar="NAME",
        help="the checkpoint's name, as 'state checkpoints' shows it",
    )


def _define_new_name(parser: Parser) -> None:
    parser.add_argument(
        "name",
        type=not_empty,
        metavar="NAME",
        help="what to call it; another checkpoint of that name is replaced",
    )


def _of_checkpoint(method: str, done: str) -> Callable[[argparse.Namespace], Request]:
    def prepare(arguments: argparse.Namespace) -> Request:
        return asking(
            arguments,
            method,
            item(CHECKPOINTS, arguments.name),
            answer={"name": str, "made_at": str},
            shown=lambda told: one_line(f"{done} {told['name']}, of {told['made_at']}."),
        )

    return prepare


def _prepare_checkpoints(arguments: argparse.Namespace) -> Request:
    return asking(arguments, "GET", CHECKPOINTS, answer={"checkpoints": list}, shown=_checkpoints)


def _checkpoints(told: Told) -> str:
    if not told["checkpoints"]:
        return "There are no checkpoints."
    rows = [(str(each.get("name")), str(each.get("made_at"))) for each in told["checkpoints"]]
    return table(("NAME", "MADE"), rows)


def _define_export(parser: Parser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        default=STREAM,
        type=not_empty,
        metavar=FILE,
        help="the file to write, in place of what it holds (default: stdout)",
    )


def _prepare_export(arguments: argparse.Namespace) -> Request:
    file: str = arguments.file

    def export(client: Client) -> None:
        deliver(client.content(STATE, "application/json"), file, FILE)
        if file != STREAM and not arguments.json:
            print(one_line(f"Wrote the state to {file}."))

    return export


def _define_import(parser: Parser) -> None:
    parser.add_argument(
        "file",
        type=not_empty,
        metavar="FILE|-",
        help="the file that 'state export' wrote, or - for stdin",
    )


def _prepare_import(arguments: argparse.Namespace) -> Request:
    document = read_json(arguments.file, FILE, "the exported state of an emulator")
    source = "stdin" if arguments.file == STREAM else arguments.file
    return saying(arguments, "PUT", STATE, document, done=f"The state is that of {source}.")


COMMANDS: Mapping[str, Command] = {
    "reset": Command(
        lambda _: None,
        _prepare_reset,
        "  python -m emulator state reset",
        WITH_CONTROL_TOKEN,
    ),
    "checkpoint": Command(
        _define_new_name,
        _of_checkpoint("PUT", "Made the checkpoint"),
        "  python -m emulator state checkpoint 'two stores'",
        WITH_CONTROL_TOKEN,
    ),
    "restore": Command(
        _define_name,
        _of_checkpoint("POST", "Restored the checkpoint"),
        "  python -m emulator state restore 'two stores'",
        WITH_CONTROL_TOKEN,
    ),
    "checkpoints": Command(
        lambda _: None,
        _prepare_checkpoints,
        "  python -m emulator state checkpoints",
        WITH_CONTROL_TOKEN,
    ),
    "drop": Command(
        _define_name,
        _of_checkpoint("DELETE", "Dropped the checkpoint"),
        "  python -m emulator state drop 'two stores'",
        WITH_CONTROL_TOKEN,
    ),
    "export": Command(
        _define_export,
        _prepare_export,
        "  python -m emulator state export state.json",
        WITH_CONTROL_TOKEN,
    ),
    "import": Command(
        _define_import,
        _prepare_import,
        "  python -m emulator state import state.json",
        WITH_CONTROL_TOKEN,
    ),
}
