"""``journal follow`` and ``logs follow``: print what happens as it happens."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from emulator.commands.client import Client, Streamed
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.output import print_lines
from emulator.commands.parser import Parser
from emulator.control.operations import BY_NAME
from emulator.core.colors import FAINT, paint, wants_color
from emulator.core.redaction import redact


class Event(NamedTuple):
    """An event of the stream: its name, and the JSON object that it carries."""

    name: str
    data: Mapping[str, Any]


Line = Callable[[Event, argparse.Namespace, bool], str | None]
"""Returns the text about an event, coloured or not; None to print nothing."""


def follow_command(
    define: Callable[[Parser], None],
    query: Callable[[argparse.Namespace], Mapping[str, str]],
    line: Line,
    example: str,
    quiet: str,
) -> Command:
    """Return a command that prints events until Ctrl-C, or until the emulator stops.

    Args:
        define: adds its arguments.
        query: makes the query of the request from them.
        line: makes the text about an event, also with ``--quiet``.
        example: an example for the help.
        quiet: what it prints with ``--quiet``, for the help.
    """

    def prepare(arguments: argparse.Namespace) -> Request:
        asked = {name: os.fsencode(value) for name, value in query(arguments).items()}
        path = f"{BY_NAME['events.follow'].path}?{urlencode(asked)}"

        def follow(client: Client) -> None:
            colored = wants_color(sys.stdout)
            with client.streamed("GET", path) as answer:
                for event in _events(answer):
                    _print(event, arguments, line, colored=colored)

        return follow

    return Command(define, prepare, example, WITH_CONTROL_TOKEN, quiet)


def _print(event: Event, arguments: argparse.Namespace, line: Line, *, colored: bool) -> None:
    if arguments.json:
        text: str | None = redact(json.dumps({"event": event.name, **event.data}))
    elif event.name in ("cleared", "dropped"):
        text = None if arguments.quiet else _note(event)
        text = paint(text, FAINT) if text and colored else text
    else:
        text = line(event, arguments, colored)
    print_lines(text or "")
    sys.stdout.flush()


def _note(event: Event) -> str:
    if event.name == "dropped":
        return f"... {event.data['count']} more"
    if event.data.get("journal"):
        return "The journal was cleared."
    return "The state was replaced."


def _events(answer: Streamed) -> Iterator[Event]:
    """Read server-sent events; one that is cut off by the end of the stream is left out."""
    name, data = "", ""
    for line in answer.lines():
        text = line.decode(errors="replace").rstrip("\r\n")
        field, _, value = text.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data += value.strip()
        elif not text and data:
            yield Event(name, json.loads(data))
            name, data = "", ""
