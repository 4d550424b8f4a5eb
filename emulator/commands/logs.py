"""``logs``: the access logs of stores, shown, written and forgotten."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import Told, asking, item, saying, with_query
from emulator.commands.files import STREAM, deliver
from emulator.commands.output import instant_of_milliseconds, one_line, print_json, table
from emulator.commands.parser import Parser, not_empty, whole_number

LOGS = "/_emulator/logs"

_NOTHING = "-"


def _prepare_list(arguments: argparse.Namespace) -> Request:
    return asking(arguments, "GET", LOGS, answer={"log_groups": list}, shown=_groups)


def _groups(told: Told) -> str:
    if not told["log_groups"]:
        return "There are no log groups: no store has access_logging_config."
    rows = [
        [each["log_group"], str(each["count"]), str(each["dropped"])] for each in told["log_groups"]
    ]
    return table(("LOG GROUP", "ENTRIES", "DROPPED"), rows)


def _define_group(parser: Parser) -> None:
    parser.add_argument(
        "group", type=not_empty, metavar="GROUP", help="the log group's name, as 'logs list' has it"
    )


def _define_show(parser: Parser) -> None:
    _define_group(parser)
    parser.add_argument("--last", type=whole_number(1), metavar="N", help="only the last N of them")


def _prepare_show(arguments: argparse.Namespace) -> Request:
    path = item(LOGS, arguments.group)

    def show(client: Client) -> None:
        told = client.call("GET", path, answer={"entries": list, "dropped": int})
        if arguments.last is not None:
            entries = told["entries"][-arguments.last :]
            told = {**told, "entries": entries, "count": len(entries)}
        if arguments.json:
            print_json(told)
        else:
            print(_shown(told))

    return show


def _shown(told: Told) -> str:
    text = "There are no entries."
    if told["entries"]:
        header = ("TIME", "OPERATION", "HTTP", "STATUS", "SIZE", "AGE S", "MS", "STORE", "KEY")
        text = table(header, [_row(entry) for entry in told["entries"]])
    if told["dropped"]:
        text += f"\nOlder ones had been dropped before: {told['dropped']}."
    return text


def _row(entry: Mapping[str, Any]) -> list[str]:
    return [
        instant_of_milliseconds(entry["timestamp"]),
        _operation(entry),
        str(entry.get("http_status_code", _NOTHING)),
        str(entry["status"]),
        str(entry.get("size", _NOTHING)),
        _in(entry.get("object_age_us"), 1_000_000),
        _in(entry.get("total_time_us"), 1000),
        str(entry["store"]),
        str(entry["key"]),
    ]


def _operation(entry: Mapping[str, Any]) -> str:
    if entry.get("persistence") == "ephemeral":
        return f"{entry['operation']} (ephemeral)"
    return str(entry["operation"])


def _in(microseconds: int | None, unit: int) -> str:
    return _NOTHING if microseconds is None else f"{microseconds / unit:.1f}"


def _define_export(parser: Parser) -> None:
    _define_group(parser)
    parser.add_argument(
        "--output",
        type=not_empty,
        default=STREAM,
        metavar="FILE",
        help="the file to write, in place of what it holds (default: stdout)",
    )


def _prepare_export(arguments: argparse.Namespace) -> Request:
    file: str = arguments.output
    path = with_query(item(LOGS, arguments.group), {"format": "jsonl"})

    def export(client: Client) -> None:
        deliver(client.content(path, "application/x-ndjson"), file, "--output")
        if file != STREAM and not arguments.json:
            print(one_line(f"Wrote the access log to {file}."))

    return export


def _prepare_clear(arguments: argparse.Namespace) -> Request:
    return saying(arguments, "DELETE", LOGS, done="The access logs are empty.")


COMMANDS: Mapping[str, Command] = {
    "list": Command(
        lambda _: None,
        _prepare_list,
        "  python -m emulator logs list",
        WITH_CONTROL_TOKEN,
    ),
    "show": Command(
        _define_show,
        _prepare_show,
        "  python -m emulator logs show /aws/objectstore/media --last 20",
        WITH_CONTROL_TOKEN,
    ),
    "export": Command(
        _define_export,
        _prepare_export,
        "  python -m emulator logs export /aws/objectstore/media --output media.jsonl",
        WITH_CONTROL_TOKEN,
    ),
    "clear": Command(
        lambda _: None,
        _prepare_clear,
        "  python -m emulator logs clear",
        WITH_CONTROL_TOKEN,
    ),
}
