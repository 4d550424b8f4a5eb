"""Commands that write the answer of a control operation to a file, unchanged."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from emulator.commands.client import Client
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import define_members, example, target
from emulator.commands.files import FILE, STREAM, deliver
from emulator.commands.output import one_line
from emulator.commands.parser import Parser, not_empty
from emulator.control.operation import JSON, MEDIA_TYPES
from emulator.control.operations import BY_NAME

OUTPUT = "--output"


def export_command(
    name: str,
    what: str,
    example_arguments: str,
    *,
    file: str = OUTPUT,
    define: Callable[[Parser], None] = lambda _: None,
    filters: Callable[[argparse.Namespace], Mapping[str, str]] = lambda _: {},
) -> Command:
    """Return the command ``export`` of a group.

    Args:
        name: the operation's name. The command writes the form in the argument ``format``, or
            without such an argument the operation's first form.
        what: the content, in words.
        example_arguments: the arguments in the help's example.
        file: the argument for the file's name.
        define: adds further arguments.
        filters: makes parameters of the query from the further arguments.
    """
    operation = BY_NAME[name]
    forms = tuple(operation.forms)

    def define_all(parser: Parser) -> None:
        define_members(parser, operation)
        parser.add_argument(
            file,
            nargs=None if file == OUTPUT else "?",
            type=not_empty,
            default=STREAM,
            metavar=FILE,
            help="the file to write or overwrite (default: stdout)",
        )
        define(parser)

    def prepare(arguments: argparse.Namespace) -> Request:
        output: str = getattr(arguments, file.lstrip("-"))
        form = getattr(arguments, "format", forms[0] if forms else JSON)
        given = {each.name: getattr(arguments, each.name) for each in operation.of("query")}
        members = {name: str(value) for name, value in given.items() if value is not None}
        query = {**({"format": form} if forms else {}), **members, **filters(arguments)}
        path = target(operation, arguments, query)

        def export(client: Client) -> None:
            content = client.content(path, MEDIA_TYPES[form])
            if not content.endswith(b"\n") and content:
                content += b"\n"
            deliver(content, output, file if file == OUTPUT else FILE)
            if output != STREAM and not arguments.json:
                print(one_line(f"Wrote {what} to {output}."))

        return export

    examples = example(operation.group, "export", example_arguments)
    return Command(define_all, prepare, examples, WITH_CONTROL_TOKEN)
