"""The tree of parsers: of the program, the groups, and their commands.

A command line needs one branch of it, so each parser is made when it is asked for. The completion
of shells has the whole tree.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from emulator.commands import COMMANDS, LONE_COMMANDS
from emulator.commands.command import (
    command_name,
    command_parser,
    group_parser,
    unknown_command,
)
from emulator.commands.errors import UsageError
from emulator.commands.parser import Parser


def lone_parser(name: str) -> Parser:
    """Return the parser of a command without a group."""
    parser: Parser = importlib.import_module(f"emulator.commands.{name}").parser()
    return parser


def find(words: Sequence[str], others: Sequence[str]) -> Parser:
    """Return the parser that the words name: that of a group, or of a command.

    Args:
        words: the name of a command or of a group, or both names of a command.
        others: the commands without a group, for messages.

    Raises:
        UsageError: there is no such command.
    """
    first, *rest = words
    if first in LONE_COMMANDS and not rest:
        return lone_parser(first)
    if first not in COMMANDS:
        if first in others:
            raise UsageError(f"{first} has no command {rest[0]!r}; see {first} --help")
        raise unknown_command(words, others)
    if not rest:
        return group_parser(first)
    return command_parser(first, command_name(first, rest))


def whole_tree(make_root: Callable[[], Parser], default: str) -> Parser:
    """Return the parser of the program with every command below it.

    Args:
        make_root: makes the parser of the program, which has the options of the default command.
        default: the name of that command.
    """
    root = make_root()
    commands = root.add_subparsers(metavar="COMMAND")
    commands.add_parser(default, parents=[make_root()], add_help=False, help=f"{default} it")
    for name, summary in LONE_COMMANDS.items():
        commands.add_parser(name, parents=[lone_parser(name)], add_help=False, help=summary)
    for group, names in COMMANDS.items():
        actions = commands.add_parser(group, help=", ".join(names)).add_subparsers(
            metavar="COMMAND"
        )
        for name, summary in names.items():
            leaf = command_parser(group, name)
            actions.add_parser(name, parents=[leaf], add_help=False, help=summary)
    return root
