"""``clock show``, ``freeze``, ``advance``, ``set`` and ``release``: the emulator's time."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.output import print_json
from emulator.commands.parser import Parser, duration

CLOCK = "/_emulator/clock"

_INSTANT = "INSTANT"
_AS_IN = "as in 2030-01-01T00:00:00Z, or in seconds since the Unix epoch"


def _instant(text: str) -> float:
    """The seconds since the Unix epoch that an instant in ISO 8601 with its offset, or a number
    of seconds, stands for.

    Raises:
        ArgumentTypeError: it is neither.
    """
    try:
        return float(text) if text.replace(".", "", 1).isdecimal() else _from_iso(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an instant: give one {_AS_IN}") from None


def _from_iso(text: str) -> float:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError("an instant without its offset is another one in every place")
    return found.timestamp()


def _asking(
    path: str, document: Callable[[argparse.Namespace], Mapping[str, object]] | None = None
) -> Callable[[argparse.Namespace], Request]:
    """What prepares a request to ``path``: a POST of a document, or a GET where there is none."""

    def prepare(arguments: argparse.Namespace) -> Request:
        def ask(client: Client) -> None:
            method = "GET" if document is None else "POST"
            body = None if document is None else document(arguments)
            told = client.call(method, path, body, answer={"now": str, "frozen": bool})
            if arguments.json:
                print_json(told)
            else:
                print(_line(told))

        return ask

    return prepare


def _line(told: Mapping[str, Any]) -> str:
    return f"{told['now']} (frozen)" if told["frozen"] else str(told["now"])


def _define_freeze(parser: Parser) -> None:
    parser.add_argument(
        "--at", type=_instant, metavar=_INSTANT, help=f"stop at this instant, {_AS_IN}"
    )


def _define_advance(parser: Parser) -> None:
    parser.add_argument(
        "duration",
        type=duration,
        metavar="DURATION",
        help="how far, as in 90s, 15m, 1h or 7d, or in seconds",
    )


def _define_set(parser: Parser) -> None:
    parser.add_argument(
        "instant", type=_instant, metavar=_INSTANT, help=f"before or after its time now, {_AS_IN}"
    )


COMMANDS: Mapping[str, Command] = {
    "show": Command(
        lambda _: None,
        _asking(CLOCK),
        "  python -m emulator clock show",
        WITH_CONTROL_TOKEN,
    ),
    "freeze": Command(
        _define_freeze,
        _asking(f"{CLOCK}/freeze", lambda given: {} if given.at is None else {"at": given.at}),
        "  python -m emulator clock freeze --at 2030-01-01T00:00:00Z",
        WITH_CONTROL_TOKEN,
    ),
    "advance": Command(
        _define_advance,
        _asking(f"{CLOCK}/advance", lambda given: {"seconds": given.duration}),
        "  python -m emulator clock advance 1h",
        WITH_CONTROL_TOKEN,
    ),
    "set": Command(
        _define_set,
        _asking(f"{CLOCK}/set", lambda given: {"at": given.instant}),
        "  python -m emulator clock set 2030-01-01T00:00:00Z",
        WITH_CONTROL_TOKEN,
    ),
    "release": Command(
        lambda _: None,
        _asking(f"{CLOCK}/release", lambda _: {}),
        "  python -m emulator clock release",
        WITH_CONTROL_TOKEN,
    ),
}
