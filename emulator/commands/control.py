"""Commands of the control API, made from the table of control operations.

The module of a group has the handwritten part of its commands, if there is any: their output, and
arguments that differ from the operation's members.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from emulator.commands.client import Client
from emulator.commands.command import (
    FOLLOW,
    FOLLOW_FLAGS,
    WITH_CONTROL_TOKEN,
    Command,
    Request,
)
from emulator.commands.errors import CommandError, RefusedError
from emulator.commands.keys import key_id
from emulator.commands.output import one_line, print_json, print_lines
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

Document = Mapping[str, Any]
"""The JSON document of an answer."""


class Answer(NamedTuple):
    """The answer to a command, to print as text. ``client`` can send further requests."""

    document: Document
    arguments: argparse.Namespace
    client: Client


class Quiet(NamedTuple):
    """What a command prints with ``--quiet``, and the same in words for its help."""

    output: Callable[[Answer], str]
    help: str


def quiet_list(name: str, member: str, what: str) -> Quiet:
    """Return the quiet output of a command that lists: one member of each entry, one per line.

    Args:
        name: the member of the answer with the entries.
        member: the member of an entry to print.
        what: the values in words, as in ``the names``.
    """
    return Quiet(
        lambda answer: "\n".join(one_line(str(each[member])) for each in answer.document[name]),
        f"{what} alone, one per line",
    )


def quiet_member(member: str, what: str) -> Quiet:
    """Return the quiet output of a command that makes or shows one thing: a member of it."""
    return Quiet(lambda answer: one_line(str(answer.document[member])), f"{what} alone")


@dataclass(frozen=True)
class Handwritten:
    """The handwritten part of a command.

    Args:
        output: its text output: a function, or a line with the names of arguments and of members
            of the answer in braces, or ``endpoint``. Without it the command prints the JSON answer.
        define: adds arguments that are not members of the operation.
        payload: makes the body or the query, from the arguments and the members among them.
        select: selects the part of the answer to print, with ``--json`` too.
        on_refusal: makes the error that ends the command from the service's refusal.
        examples: lines of the help instead of the operation's example.
        quiet: what it prints with ``--quiet``; nothing without this.
    """

    output: str | Callable[[Answer], str]
    define: Callable[[Parser], None] = lambda _: None
    payload: Callable[[argparse.Namespace, dict[str, Any]], object] = lambda _, given: given
    select: Callable[[Document, argparse.Namespace], Document] = lambda document, _: document
    on_refusal: Callable[[RefusedError, argparse.Namespace], CommandError] = lambda error, _: error
    examples: str = ""
    quiet: Quiet | None = None


_AS_JSON = Handwritten("")
"""A command without a handwritten part prints the JSON answer."""


def commands(group: str, handwritten: Mapping[str, Handwritten]) -> dict[str, Command]:
    """Return the commands of a group by name. ``handwritten`` is by name too."""
    return {
        operation.action: from_operation(operation, handwritten.get(operation.action, _AS_JSON))
        for operation in OPERATIONS
        if operation.group == group and operation.has_command
    }


def define_last(parser: Parser) -> None:
    """Add the option ``--last``."""
    parser.add_argument("--last", type=whole_number(1), metavar="N", help="show only the last N")


def define_follow(parser: Parser, group: str) -> None:
    """Add the option ``--follow``, with which the command is another one of the group."""
    parser.add_argument(*FOLLOW_FLAGS, action="store_true", help=f"the same as '{group} {FOLLOW}'")


def last_of(name: str) -> Callable[[Document, argparse.Namespace], Document]:
    """Return a function that keeps the last N of the list ``name`` in an answer, by ``--last``."""

    def select(document: Document, arguments: argparse.Namespace) -> Document:
        if arguments.last is None:
            return document
        kept = document[name][-arguments.last :]
        return {**document, name: kept, "count": len(kept)}

    return select


def from_operation(operation: ControlOperation, handwritten: Handwritten) -> Command:
    """Return the command of a control operation."""

    def define(parser: Parser) -> None:
        define_members(parser, operation)
        handwritten.define(parser)

    def prepare(arguments: argparse.Namespace) -> Request:
        given = {
            each.name: value
            for each in (*operation.of("query"), *operation.of("body"))
            if (value := getattr(arguments, each.name, None)) is not None and each.kind in _KINDS
        }
        payload: Any = handwritten.payload(arguments, given)
        body, query = (payload, {}) if operation.reads_body else (None, payload)
        path = target(operation, arguments, query)

        def request(client: Client) -> None:
            try:
                answered = _called(client, operation, path, body, arguments)
            except RefusedError as error:
                raise handwritten.on_refusal(error, arguments) from None
            document = handwritten.select(answered, arguments)
            answer = Answer(document, arguments, client)
            if arguments.json or not (handwritten.output or arguments.quiet):
                print_json(document)
            elif not arguments.quiet:
                print(_output(handwritten, answer))
            elif handwritten.quiet is not None:
                print_lines(handwritten.quiet.output(answer))

        return request

    examples = handwritten.examples or example(operation.group, operation.action, operation.example)
    quiet = "" if handwritten.quiet is None else handwritten.quiet.help
    return Command(define, prepare, examples, WITH_CONTROL_TOKEN, quiet)


def _called(
    client: Client,
    operation: ControlOperation,
    path: str,
    body: object,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """Send the request of a command, and show how far a large body has come."""
    if not isinstance(body, bytes):
        return client.call(operation.method, path, body, answer=operation.answer)
    from emulator.commands.progress import Progress

    progress = Progress(len(body), hidden=arguments.quiet or arguments.json)
    with contextlib.closing(progress):
        return client.call(
            operation.method, path, body, answer=operation.answer, note=progress.advance
        )


def _output(handwritten: Handwritten, answer: Answer) -> str:
    if callable(handwritten.output):
        return handwritten.output(answer)
    names = {**vars(answer.arguments), **answer.document, "endpoint": answer.client.endpoint}
    return one_line(handwritten.output.format(**names))


class _Argument(NamedTuple):
    """How an argument takes values of a kind; ``hint`` ends its help."""

    metavar: str
    parse: Callable[[str], object] = not_empty
    hint: str = ""


_KINDS: Mapping[Kind, _Argument] = {
    Kind.STORE: _Argument("STORE"),
    Kind.KEY: _Argument("KEY"),
    Kind.LOG_GROUP: _Argument("GROUP"),
    Kind.CLUSTER: _Argument("CLUSTER"),
    Kind.RULE: _Argument("ID"),
    Kind.CHECKPOINT: _Argument("NAME"),
    Kind.PATTERN: _Argument("PATTERN"),
    Kind.INSTANT: _Argument(
        "INSTANT",
        instant,
        ", as in 2030-01-01T00:00:00Z, or in seconds since the Unix epoch",
    ),
    Kind.INSTANT_TEXT: _Argument("INSTANT", hint=", as in 2030-01-01T00:00:00Z"),
    Kind.DURATION: _Argument("DURATION", duration, ", as in 90s, 15m, 1h or 7d, or in seconds"),
    Kind.TIER: _Argument("storage|cache", one_of("storage", "cache")),
    Kind.TEXT: _Argument("TEXT"),
    Kind.ANY_TEXT: _Argument("TEXT", str),
    Kind.KEY_ID: _Argument("ID", key_id),
    Kind.COUNT: _Argument("N", whole_number(0)),
    Kind.POSITIVE: _Argument("N", whole_number(1)),
    Kind.PROBABILITY: _Argument("P", probability),
    Kind.FLAG: _Argument("true|false", lambda word: one_of("true", "false")(word) == "true"),
}
"""Kinds of members that are arguments. Arguments for other kinds are handwritten."""

_FLAGS = {"ttl_seconds": "--ttl"}
"""Options whose names differ from those of their members."""


def define_members(parser: Parser, operation: ControlOperation) -> None:
    """Add an argument for each member: required ones are positional, the others are options."""
    for member in operation.members:
        if member.kind not in _KINDS:
            continue
        argument = _KINDS[member.kind]
        flag = _FLAGS.get(member.name, f"--{member.name.replace('_', '-')}")
        name: Mapping[str, Any] = {} if member.required else {"dest": member.name}
        parser.add_argument(
            member.name if member.required else flag,
            type=argument.parse,
            metavar=argument.metavar,
            help=member.help + argument.hint,
            **name,
        )


def target(
    operation: ControlOperation, arguments: argparse.Namespace, query: Mapping[str, object]
) -> str:
    """Return the target of a request: its path filled from the arguments, and the query."""
    parts = {each.name: getattr(arguments, each.name) for each in operation.of("path")}
    path = fill(
        operation.path,
        {name: quote(os.fsencode(value), safe="") for name, value in parts.items()},
    )
    if not query:
        return path
    return f"{path}?{urlencode({name: os.fsencode(str(value)) for name, value in query.items()})}"


def example(group: str, action: str, arguments: str) -> str:
    """Return an example for the help of a command."""
    return f"  {INVOCATION} {group} {action} {arguments}".rstrip()
