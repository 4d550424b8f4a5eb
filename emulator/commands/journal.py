"""``journal``: show, export, check and forget the recorded requests."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.control import Answer, Handwritten, commands
from emulator.commands.errors import CommandError, RefusedError, UsageError
from emulator.commands.export import export_command
from emulator.commands.output import counted, print_json, table
from emulator.commands.parser import Parser, assignments, one_of

_WHERE = "--where"

_NO_FILTERS = {
    "format": "use --format of 'journal export'",
    "times": "use --times of 'journal assert'",
    "after": "use --after",
    "limit": "use --limit",
    "last": "use --last",
}
"""Parameters of the API that are not filters."""

_NOT_FULFILLED = 412


def _define_where(parser: Parser) -> None:
    parser.add_argument(
        _WHERE,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only matching requests, as in operation=GetObject, status=4xx, key='live/*' or "
        "min_duration_ms=50; if given several times, all must match",
    )


def _conditions(arguments: argparse.Namespace) -> dict[str, str]:
    found = assignments(arguments.where, _WHERE, f"{_WHERE} operation=GetObject")
    for name, instead in _NO_FILTERS.items():
        if name in found:
            raise UsageError(f"{_WHERE}: {name} is not a filter; {instead}")
    return found


def _and_conditions(arguments: argparse.Namespace, given: dict[str, Any]) -> object:
    return {**given, **_conditions(arguments)}


def _define_export(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        type=one_of("jsonl", "har"),
        default="jsonl",
        metavar="jsonl|har",
        help="JSON Lines, one request per line, or an HTTP archive for browsers (default: jsonl)",
    )
    _define_where(parser)


def _calls(answer: Answer) -> str:
    document = answer.document
    if document["calls"]:
        header = ("#", "TIME", "OPERATION", "STATUS", "OUTCOME", "MS", "BY", "FAULTS", "REQUEST")
        text = table(header, map(_row, document["calls"]))
    else:
        text = "No request matches." if answer.arguments.where else "There are no requests."
    if document["dropped"]:
        text += f"\n{counted(document['dropped'], 'older request')} dropped."
    return text


def _row(call: Mapping[str, Any]) -> list[object]:
    duration = call["duration_ms"]
    return [
        call["number"],
        call["time"],
        call["operation"],
        _status(call),
        call["outcome"],
        None if duration is None else f"{duration:.1f}",
        call["role"] or call["key_id"],
        ",".join(call["faults"]) or None,
        f"{call['method']} {call['target']}",
    ]


def _status(call: Mapping[str, Any]) -> str:
    if call["status"] is None:
        return "running" if call["running"] else "no answer"
    if call["complete"]:
        return str(call["status"])
    return f"{call['status']} {'running' if call['running'] else 'cut off'}"


def _count(answer: Answer) -> str:
    return f"{counted(answer.document['count'], 'request')}."


def _complaint(error: RefusedError, arguments: argparse.Namespace) -> CommandError:
    """Print the nearest requests, and return the error with the expectation in one line."""
    if error.code != _NOT_FULFILLED:
        return error
    expected, *instead = error.lines
    if arguments.json:
        print_json({"message": "\n".join(error.lines)})
    elif instead:
        print("\n".join(instead))
    return CommandError(expected)


COMMANDS = commands(
    "journal",
    {
        "show": Handwritten(_calls, _define_where, _and_conditions),
        "assert": Handwritten(_count, _define_where, _and_conditions, on_refusal=_complaint),
        "clear": Handwritten("The journal is empty."),
    },
) | {
    "export": export_command(
        "journal.show",
        "the journal",
        "--format har --output requests.har",
        define=_define_export,
        filters=_conditions,
    )
}
