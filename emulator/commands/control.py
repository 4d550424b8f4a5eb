"""Commands of the control API, made from the table of control operations.

The module of a group has the handwritten part of its commands, if there is any: their output, and
arguments that differ from the operation's members.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.errors import CommandError, RefusedError
from emulator.commands.keys import key_id
from emulator.commands.output import one_line, print_json
from emulator.commands.parser import (
    INVOCATION,
    Parser,
    duration,
    instant,
    not_empty,
    one_of,
    probability,
    whole_number,
)
from emulator.control.operation import ControlOperation, Kind
from emulator.control.operations import OPERATIONS
from emulator.core.path_templates import fill

Told = Mapping[str, Any]
"""The JSON document of an answer."""


class Answer(NamedTuple):
    """The input of a command's output. ``client`` can send further requests."""

    told: Told
    arguments: argparse.Namespace
    client: Client


@dataclass(frozen=True)
class Handmade:
    """The handwritten part of a command.

    Args:
        words: its output: a function, or a line with the names of arguments and of members of the
            answer in braces.
        define: adds arguments that are not members of the operation.
        asks: makes the body or the query, from the arguments and the members among them.
        told: selects the part of the answer to print, with ``--json`` too.
        refused: makes the error that ends the command from the service's refusal.
        examples: lines of the help instead of the operation's example.
    """

    words: str | Callable[[Answer], str]
    define: Callable[[Parser], None] = lambda _: None
    asks: Callable[[argparse.Namespace, dict[str, Any]], object] = lambda _, given: given
    told: Callable[[Told, argparse.Namespace], Told] = lambda told, _: told
    refused: Callable[[RefusedError, argparse.Namespace], CommandError] = lambda error, _: error
    examples: str = ""


_AS_JSON = Handmade("")
"""A command without a handwritten part prints the JSON answer."""


def commands(group: str, handmade: Mapping[str, Handmade]) -> dict[str, Command]:
    """Return the commands of a group by name. ``handmade`` is by name too."""
    return {
        operation.action: _command(operation, handmade.get(operation.action, _AS_JSON))
        for operation in OPERATIONS
        if operation.group == group and operation.has_command
    }


def define_last(parser: Parser) -> None:
    """Add the option ``--last``."""
    parser.add_argument("--last", type=whole_number(1), metavar="N", help="show only the last N")


def last_of(name: str) -> Callable[[Told, argparse.Namespace], Told]:
    """Return a function that keeps the last N of the list ``name`` in an answer, by ``--last``."""

    def told(whole: Told, arguments: argparse.Namespace) -> Told:
        if arguments.last is None:
            return whole
        kept = whole[name][-arguments.last :]
        return {**whole, name: kept, "count": len(kept)}

    return told


def _command(operation: ControlOperation, handmade: Handmade) -> Command:
    def define(parser: Parser) -> None:
        define_members(parser, operation)
        handmade.define(parser)

    def prepare(arguments: argparse.Namespace) -> Request:
        given = {
            each.name: value
            for each in (*operation.of("query"), *operation.of("body"))
            if (value := getattr(arguments, each.name, None)) is not None and each.kind in _KINDS
        }
        asked: Any = handmade.asks(arguments, given)
        document, query = (asked, {}) if operation.reads_body else (None, asked)
        path = target(operation, arguments, query)

        def request(client: Client) -> None:
            try:
                told: Told = client.call(operation.method, path, document, answer=operation.answer)
            except RefusedError as error:
                raise handmade.refused(error, arguments) from None
            told = handmade.told(told, arguments)
            if arguments.json or not handmade.words:
                print_json(told)
            else:
                print(_words(handmade, Answer(told, arguments, client)))

        return request

    examples = handmade.examples or example(operation.group, operation.action, operation.example)
    return Command(define, prepare, examples, WITH_CONTROL_TOKEN)


def _words(handmade: Handmade, answer: Answer) -> str:
    if callable(handmade.words):
        return handmade.words(answer)
    return one_line(handmade.words.format(**{**vars(answer.arguments), **answer.told}))


class _Words(NamedTuple):
    """How an argument takes values of a kind; ``hint`` ends its help."""

    metavar: str
    parse: Callable[[str], object] = not_empty
    hint: str = ""


_KINDS: Mapping[Kind, _Words] = {
    Kind.STORE: _Words("STORE"),
    Kind.KEY: _Words("KEY"),
    Kind.LOG_GROUP: _Words("GROUP"),
    Kind.CLUSTER: _Words("CLUSTER"),
    Kind.RULE: _Words("ID"),
    Kind.CHECKPOINT: _Words("NAME"),
    Kind.PATTERN: _Words("PATTERN"),
    Kind.INSTANT: _Words(
        "INSTANT",
        instant,
        ", as in 2030-01-01T00:00:00Z, or in seconds since the Unix epoch",
    ),
    Kind.INSTANT_TEXT: _Words("INSTANT", hint=", as in 2030-01-01T00:00:00Z"),
    Kind.DURATION: _Words("DURATION", duration, ", as in 90s, 15m, 1h or 7d, or in seconds"),
    Kind.TIER: _Words("storage|cache", one_of("storage", "cache")),
    Kind.KEY_ID: _Words("ID", key_id),
    Kind.COUNT: _Words("N", whole_number(0)),
    Kind.POSITIVE: _Words("N", whole_number(1)),
    Kind.PROBABILITY: _Words("P", probability),
}
"""Kinds of members that are arguments. Arguments for other kinds are handwritten."""

_FLAGS = {"ttl_seconds": "--ttl"}
"""Options whose names differ from those of their members."""


def define_members(parser: Parser, operation: ControlOperation) -> None:
    """Add an argument for each member: required ones are positional, the others are options."""
    for member in operation.members:
        if member.kind not in _KINDS:
            continue
        words = _KINDS[member.kind]
        flag = _FLAGS.get(member.name, f"--{member.name.replace('_', '-')}")
        name: Mapping[str, Any] = {} if member.required else {"dest": member.name}
        parser.add_argument(
            member.name if member.required else flag,
            type=words.parse,
            metavar=words.metavar,
            help=member.help + words.hint,
            **name,
        )


def target(
    operation: ControlOperation, arguments: argparse.Namespace, query: Mapping[str, str]
) -> str:
    """Return the target of a request: its path filled from the arguments, and the query."""
    parts = {each.name: getattr(arguments, each.name) for each in operation.of("path")}
    path = fill(
        operation.path,
        {name: quote(os.fsencode(value), safe="") for name, value in parts.items()},
    )
    if not query:
        return path
    return f"{path}?{urlencode({name: os.fsencode(value) for name, value in query.items()})}"


def example(group: str, action: str, arguments: str) -> str:
    """Return an example for the help of a command."""
    return f"  {INVOCATION} {group} {action} {arguments}".rstrip()
