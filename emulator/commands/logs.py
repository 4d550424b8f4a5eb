"""``logs``: show, follow, export and forget the access logs of stores."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.control import (
    Answer,
    Handwritten,
    commands,
    define_follow,
    define_last,
    last_of,
    quiet_list,
)
from emulator.commands.events import Event, follow_command
from emulator.commands.export import export_command
from emulator.commands.output import instant_of_milliseconds, one_line, table
from emulator.commands.parser import Parser, not_empty


def _groups(answer: Answer) -> str:
    groups = answer.document["log_groups"]
    if not groups:
        return "There are no log groups: no store has access_logging_config."
    rows = [(each["log_group"], each["count"], each["dropped"]) for each in groups]
    return table(("LOG GROUP", "ENTRIES", "DROPPED"), rows)


def _entries(answer: Answer) -> str:
    text = "There are no entries."
    if answer.document["entries"]:
        header = ("TIME", "OPERATION", "HTTP", "STATUS", "SIZE", "AGE S", "MS", "STORE", "KEY")
        text = table(header, map(_row, answer.document["entries"]))
    if answer.document["dropped"]:
        text += f"\nOlder entries dropped: {answer.document['dropped']}."
    return text


def _row(entry: Mapping[str, Any]) -> list[object]:
    return [
        instant_of_milliseconds(entry["timestamp"]),
        _operation(entry),
        entry.get("http_status_code"),
        entry["status"],
        entry.get("size"),
        _in(entry.get("object_age_us"), 1_000_000),
        _in(entry.get("total_time_us"), 1000),
        entry["store"],
        entry["key"],
    ]


def _operation(entry: Mapping[str, Any]) -> str:
    if entry.get("persistence") == "ephemeral":
        return f"{entry['operation']} (ephemeral)"
    return str(entry["operation"])


def _in(microseconds: int | None, unit: int) -> str | None:
    return None if microseconds is None else f"{microseconds / unit:.1f}"


def _define_show(parser: Parser) -> None:
    define_last(parser)
    define_follow(parser, "logs")


def _define_follow(parser: Parser) -> None:
    parser.add_argument(
        "log_group",
        nargs="?",
        type=not_empty,
        default=_EVERY_GROUP,
        metavar="GROUP",
        help="the log group's name, as 'logs list' shows it (default: all)",
    )


def _followed(arguments: argparse.Namespace) -> dict[str, str]:
    return {"calls": "false", "logs": arguments.log_group}


def _line(event: Event, arguments: argparse.Namespace, _: bool) -> str | None:
    if event.name != "log" or arguments.quiet:
        return None
    cells = ["-" if cell is None else one_line(str(cell)) for cell in _row(event.data["entry"])]
    if arguments.log_group == _EVERY_GROUP:
        cells.append(one_line(event.data["log_group"]))
    return "  ".join(cells)


_EVERY_GROUP = "*"

COMMANDS = commands(
    "logs",
    {
        "list": Handwritten(_groups, quiet=quiet_list("log_groups", "log_group", "the names")),
        "show": Handwritten(_entries, _define_show, select=last_of("entries")),
        "clear": Handwritten("The access logs are empty."),
    },
) | {
    "follow": follow_command(
        _define_follow,
        _followed,
        _line,
        "  python -m emulator logs follow /aws/objectstore/media",
        "",
    ),
    "export": export_command(
        "logs.show", "the access log", "/aws/objectstore/media --output media.jsonl"
    ),
}
