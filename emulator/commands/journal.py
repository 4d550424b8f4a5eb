"""``journal``: the requests that have come, shown, written, checked and forgotten."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import Told, counted, saying, with_query
from emulator.commands.errors import CommandError, RefusedError, UsageError
from emulator.commands.files import STREAM, deliver
from emulator.commands.output import one_line, print_json, table
from emulator.commands.parser import Parser, assignments, not_empty, one_of, whole_number

JOURNAL = "/_emulator/journal"
ASSERT = f"{JOURNAL}/assert"

_WHERE = "--where"
_MEDIA_TYPES = {"jsonl": "application/x-ndjson", "har": "application/json"}

_NO_FILTERS = {
    "format": "'journal export' has a --format",
    "times": "'journal assert' has a --times",
}
"""What the API takes beside the filters."""

_NOT_FULFILLED = 412


def _define_where(parser: Parser) -> None:
    parser.add_argument(
        _WHERE,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only requests like that, as in operation=GetObject, status=4xx, key='live/*' or "
        "min_duration_ms=50; may be given again, and all have to be fulfilled",
    )


def _conditions(arguments: argparse.Namespace) -> dict[str, str]:
    found = assignments(arguments.where, _WHERE, f"{_WHERE} operation=GetObject")
    for name, instead in _NO_FILTERS.items():
        if name in found:
            raise UsageError(f"{_WHERE}: {name} is no filter; {instead}")
    return found


def _define_show(parser: Parser) -> None:
    _define_where(parser)
    parser.add_argument("--last", type=whole_number(1), metavar="N", help="only the last N of them")


def _prepare_show(arguments: argparse.Namespace) -> Request:
    conditions = _conditions(arguments)
    path = with_query(JOURNAL, conditions)

    def show(client: Client) -> None:
        told = client.call("GET", path, answer={"calls": list, "dropped": int})
        if arguments.last is not None:
            calls = told["calls"][-arguments.last :]
            told = {**told, "calls": calls, "count": len(calls)}
        if arguments.json:
            print_json(told)
        else:
            print(_shown(told, filtered=bool(conditions)))

    return show


def _shown(told: Told, *, filtered: bool) -> str:
    if told["calls"]:
        header = ("#", "TIME", "OPERATION", "STATUS", "OUTCOME", "MS", "BY", "FAULTS", "REQUEST")
        text = table(header, [_row(call) for call in told["calls"]])
    else:
        text = "There are no such requests." if filtered else "There are no requests."
    if told["dropped"]:
        text += f"\n{counted(told['dropped'], 'older request')} had been dropped before."
    return text


def _row(call: Mapping[str, Any]) -> list[str]:
    duration = call["duration_ms"]
    return [
        str(call["number"]),
        str(call["time"]),
        call["operation"] or "-",
        _status(call),
        call["outcome"] or "-",
        "-" if duration is None else f"{duration:.1f}",
        call["role"] or call["key_id"] or "-",
        ",".join(call["faults"]) or "-",
        f"{call['method']} {call['target']}",
    ]


def _status(call: Mapping[str, Any]) -> str:
    if call["status"] is None:
        return "running" if call["running"] else "no answer"
    if call["complete"]:
        return str(call["status"])
    return f"{call['status']} {'running' if call['running'] else 'cut off'}"


def _define_export(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        type=one_of(*_MEDIA_TYPES),
        default="jsonl",
        metavar="|".join(_MEDIA_TYPES),
        help="JSON Lines, a request on each, or an HTTP archive for browsers (default: jsonl)",
    )
    parser.add_argument(
        "--output",
        type=not_empty,
        default=STREAM,
        metavar="FILE",
        help="the file to write, in place of what it holds (default: stdout)",
    )
    _define_where(parser)


def _prepare_export(arguments: argparse.Namespace) -> Request:
    file: str = arguments.output
    path = with_query(JOURNAL, {"format": arguments.format, **_conditions(arguments)})

    def export(client: Client) -> None:
        content = client.content(path, _MEDIA_TYPES[arguments.format])
        if not content.endswith(b"\n") and content:
            content += b"\n"
        deliver(content, file, "--output")
        if file != STREAM and not arguments.json:
            print(one_line(f"Wrote the journal to {file}."))

    return export


def _define_assert(parser: Parser) -> None:
    _define_where(parser)
    parser.add_argument(
        "--times",
        type=whole_number(0),
        metavar="N",
        help="how many there have to be, 0 for none (default: at least one)",
    )


def _prepare_assert(arguments: argparse.Namespace) -> Request:
    document: dict[str, Any] = dict(_conditions(arguments))
    if arguments.times is not None:
        document["times"] = arguments.times

    def check(client: Client) -> None:
        try:
            told = client.call("POST", ASSERT, document, answer={"count": int})
        except RefusedError as error:
            if error.code != _NOT_FULFILLED:
                raise
            raise _complaint(error, arguments) from None
        if arguments.json:
            print_json(told)
        else:
            print(f"{counted(told['count'], 'request')}.")

    return check


def _complaint(error: RefusedError, arguments: argparse.Namespace) -> CommandError:
    """What is left to say, in one line, after what there was instead has been printed."""
    expected, *instead = error.lines
    if arguments.json:
        print_json({"message": "\n".join(error.lines)})
    elif instead:
        print("\n".join(instead))
    return CommandError(expected)


def _prepare_clear(arguments: argparse.Namespace) -> Request:
    return saying(arguments, "DELETE", JOURNAL, done="The journal is empty.")


COMMANDS: Mapping[str, Command] = {
    "show": Command(
        _define_show,
        _prepare_show,
        "  python -m emulator journal show --where operation='*Object' --where status=4xx --last 9",
        WITH_CONTROL_TOKEN,
    ),
    "export": Command(
        _define_export,
        _prepare_export,
        "  python -m emulator journal export --format har --output requests.har",
        WITH_CONTROL_TOKEN,
    ),
    "assert": Command(
        _define_assert,
        _prepare_assert,
        "  python -m emulator journal assert --where key='live/*' --where outcome=miss --times 1",
        WITH_CONTROL_TOKEN,
    ),
    "clear": Command(
        lambda _: None,
        _prepare_clear,
        "  python -m emulator journal clear",
        WITH_CONTROL_TOKEN,
    ),
}
