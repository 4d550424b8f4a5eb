"""``journal``: show, follow, export, check and forget the recorded requests."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.call_in_words import in_words
from emulator.commands.client import Client
from emulator.commands.command import Command, Request
from emulator.commands.control import (
    Answer,
    Handwritten,
    commands,
    define_follow,
    quiet_list,
)
from emulator.commands.errors import CommandError, RefusedError, UsageError
from emulator.commands.events import Event, follow_command
from emulator.commands.export import export_command
from emulator.commands.output import counted, print_json, table
from emulator.commands.parser import Parser, assignments, one_of, whole_number
from emulator.control.operations import BY_NAME
from emulator.control.request_line import request_line
from emulator.core.path_templates import fill

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


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the number of a request; a filter is {_WHERE} operation=GetObject"
        )
    return whole_number(1)(text)


def _define_show(parser: Parser) -> None:
    parser.add_argument(
        "number",
        nargs="?",
        type=_number,
        metavar="ID",
        help="only the request of this number, in words",
    )
    _define_where(parser)
    define_follow(parser, "journal")


def _define_follow(parser: Parser) -> None:
    _define_where(parser)
    parser.add_argument(
        "--since",
        type=whole_number(0),
        metavar="ID",
        help="begin behind the request of this number (default: now)",
    )


def _followed(arguments: argparse.Namespace) -> dict[str, str]:
    found = _conditions(arguments)
    return found if arguments.since is None else {**found, "since": str(arguments.since)}


def _line(event: Event, arguments: argparse.Namespace, colored: bool) -> str | None:
    if arguments.quiet:
        return str(event.data["number"])
    return f"#{event.data['number']}  {request_line(event.data, colored=colored)}"


def _shown(whole: Command) -> Command:
    """Return the command ``show``, which shows one request where a number is given; ``whole`` shows
    all."""

    def prepare(arguments: argparse.Namespace) -> Request:
        if arguments.number is None:
            return whole.prepare(arguments)
        several = (arguments.where, arguments.last, arguments.after, arguments.limit)
        if any(several):
            raise UsageError(
                f"give an ID, or {_WHERE} and --last for several requests; see journal show --help"
            )

        def show(client: Client) -> None:
            operation = BY_NAME["journal.describe"]
            path = fill(operation.path, {"number": str(arguments.number)})
            call = client.call(operation.method, path, answer=operation.answer)
            if arguments.json:
                print_json(call)
            elif not arguments.quiet:
                print(in_words(call))

        return show

    return whole._replace(prepare=prepare)


def _define_export(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        type=one_of("jsonl", "har"),
        default="jsonl",
        metavar="jsonl|har",
        help="JSON Lines, one request per line, or an HTTP archive for browsers (default: jsonl)",
    )
    _define_where(parser)


_HEADER = ("#", "TIME", "OPERATION", "STATUS", "OUTCOME", "MS", "BY", "FAULTS", "HINTS", "REQUEST")


def _calls(answer: Answer) -> str:
    document = answer.document
    if document["calls"]:
        text = table(_HEADER, map(_row, document["calls"]))
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
        ",".join(each["id"] for each in call["hints"]) or None,
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


_OF_TABLE = commands(
    "journal",
    {
        "show": Handwritten(
            _calls,
            _define_show,
            _and_conditions,
            examples="""\
  python -m emulator journal show --where operation='*Object' --last 9
  python -m emulator journal show 12""",
            quiet=quiet_list("calls", "number", "the numbers"),
        ),
        "assert": Handwritten(_count, _define_where, _and_conditions, on_refusal=_complaint),
        "clear": Handwritten("The journal is empty."),
    },
)

COMMANDS = {
    **_OF_TABLE,
    "show": _shown(_OF_TABLE["show"]),
    "follow": follow_command(
        _define_follow,
        _followed,
        _line,
        "  python -m emulator journal follow --where status=4xx",
        "the numbers alone, one per line",
    ),
    "export": export_command(
        "journal.show",
        "the journal",
        "--format har --output requests.har",
        define=_define_export,
        filters=_conditions,
    ),
}
