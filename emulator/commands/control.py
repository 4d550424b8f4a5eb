"""The commands for the control API, made from the table of its operations.

What is written by hand of a command is in the module of its group, if it has one: its words for
people, and what its arguments say in another way than a request does.
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
from emulator.core.path_templates import fill, part_names

Told = Mapping[str, Any]
"""The document that the service answers with."""


class Answer(NamedTuple):
    """What there is to make words of; ``client`` can be asked for more."""

    told: Told
    arguments: argparse.Namespace
    client: Client


@dataclass(frozen=True)
class Handmade:
    """What is written by hand of a command.

    Args:
        words: what it prints: a function, or a line with the names of arguments and of members of
            the answer in braces.
        define: adds arguments to those that are members of the operation.
        asks: what is sent, as the body or as the query, given the members among the arguments.
        told: what is kept of the answer, for ``--json`` too.
        refused: the error that ends the command where the service refuses it.
        examples: whole lines instead of the operation's example.
    """

    words: str | Callable[[Answer], str]
    define: Callable[[Parser], None] = lambda _: None
    asks: Callable[[argparse.Namespace, dict[str, Any]], object] = lambda _, given: given
    told: Callable[[Told, argparse.Namespace], Told] = lambda told, _: told
    refused: Callable[[RefusedError, argparse.Namespace], CommandError] = lambda error, _: error
    examples: str = ""


_AS_JSON = Handmade("")
"""A command that nothing is written for prints what the service answers."""


def commands(group: str, handmade: Mapping[str, Handmade]) -> dict[str, Command]:
    """The commands of a group by their names. ``handmade`` is by their names too."""
    return {
        operation.action: _command(operation, handmade.get(operation.action, _AS_JSON))
        for operation in OPERATIONS
        if operation.group == group and operation.has_command
    }


def define_last(parser: Parser) -> None:
    """Have a command take ``--last``."""
    parser.add_argument("--last", type=whole_number(1), metavar="N", help="only the last N of them")


def last_of(name: str) -> Callable[[Told, argparse.Namespace], Told]:
    """Keeps of the list ``name`` in an answer what ``--last`` says."""

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
    """How a command line has values of a kind; ``hint`` ends the help."""

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
"""Members of other kinds are no arguments: what stands for them is written by hand."""

_FLAGS = {"ttl_seconds": "--ttl"}
"""Options that are not called as their members are."""


def define_members(parser: Parser, operation: ControlOperation) -> None:
    """Add an argument for each member: the required ones by their place, the others as options."""
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
    """The target of a request, with the arguments that are parts of its path."""
    parts = {name: getattr(arguments, name) for name in part_names(operation.path)}
    path = fill(
        operation.path,
        {name: quote(os.fsencode(value), safe="") for name, value in parts.items()},
    )
    if not query:
        return path
    return f"{path}?{urlencode({name: os.fsencode(value) for name, value in query.items()})}"


def example(group: str, action: str, arguments: str) -> str:
    """A line for the help of a command."""
    return f"  {INVOCATION} {group} {action} {arguments}".rstrip()
