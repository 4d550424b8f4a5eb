"""Find, describe and run the commands that call a running emulator."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emulator.commands import COMMANDS
from emulator.commands.client import (
    DEFAULT_ENDPOINT,
    ENDPOINT_VARIABLE,
    KEY_VARIABLE,
    TOKEN_VARIABLE,
    Client,
    client_with_api_key,
    client_with_control_token,
)
from emulator.commands.errors import UsageError
from emulator.commands.parser import INVOCATION, Parser, did_you_mean, listed

_EXIT_STATUS = """\
exit status: 0 on success, 1 when the service refuses or does not answer, 2 when the command itself
is wrong.
"""

_SYNONYMS = (
    ("show", "describe", "inspect"),
    ("get", "cat", "read", "fetch"),
    ("upload", "cp", "copy", "sync", "push"),
    ("download", "pull"),
    ("create", "add", "new", "make", "mint", "generate", "put", "checkpoint", "save", "snapshot"),
    ("list", "ls", "show", "get", "describe", "checkpoints"),
    ("delete", "rm", "remove", "del", "drop", "revoke"),
    ("clear", "empty", "flush", "reset"),
    ("restore", "revert", "rollback"),
    ("import", "load"),
    ("export", "dump", "download"),
    ("assert", "check", "expect", "verify"),
    ("counts", "stats", "statistics"),
)
"""Synonyms, one group per line. If a group of commands has two of a line, its first is meant; if it
has none, the next line with the word counts."""

FOLLOW, FOLLOW_FLAGS = "follow", ("-f", "--follow")
"""The command that prints what happens as it happens, and the options that stand for it."""

_NAMES_OF_SERVE = ("start", "run", "up")

Request = Callable[[Client], None]
"""The rest of a command after its arguments are parsed: send the request, and print the answer."""


class Access(NamedTuple):
    """The credential of a command: the client that sends it, and its explanation in the help."""

    client: Callable[[str | None], Client]
    explanation: str


WITH_API_KEY = Access(
    client_with_api_key,
    f"""\
The command takes the API key from {KEY_VARIABLE}. There is no flag for it, because other users of
the machine could read it. The key needs auth_management permission, as Owner and Operator have.""",
)

WITH_CONTROL_TOKEN = Access(
    client_with_control_token,
    f"""\
An emulator on this machine needs no key for this. An emulator that was started with --control-token
needs the same token in {TOKEN_VARIABLE}.""",
)


class Command(NamedTuple):
    """One command.

    ``define`` adds its arguments to a parser. ``prepare`` checks them before anything is sent, and
    raises ``UsageError`` if they contradict each other.
    """

    define: Callable[[Parser], None]
    prepare: Callable[[argparse.Namespace], Request]
    example: str
    access: Access = WITH_API_KEY
    quiet: str = ""
    """What the command still prints with ``--quiet``; empty for nothing."""


class _CommandParser(Parser):
    def hint_for_option(self, flag: str) -> str:
        if "key" in flag and "api" in flag:
            return f"set {KEY_VARIABLE} instead; "
        return ""


def run(group: str, words: Sequence[str]) -> None:
    """Run a command of the group; ``words`` are its name and its arguments.

    Raises:
        CommandError: the command failed.
    """
    words = _as_follow(group, words)
    if not words or words[0] in ("-h", "--help"):
        group_parser(group).print_help()
        return
    name = command_name(group, words)
    command = _commands(group)[name]
    arguments = command_parser(group, name).parse(words[1:])
    request = command.prepare(arguments)
    request(command.access.client(arguments.endpoint))


def _as_follow(group: str, words: Sequence[str]) -> Sequence[str]:
    """Return the words of the command ``follow`` for ``--follow`` in its place, or behind ``show``;
    others as they are."""
    if FOLLOW not in COMMANDS[group] or not set(FOLLOW_FLAGS) & set(words):
        return words
    others = [word for word in words if word not in FOLLOW_FLAGS]
    if others[:1] == ["show"]:
        del others[0]
    return words if {"-h", "--help"} & set(words) else [FOLLOW, *others]


def _commands(group: str) -> Mapping[str, Command]:
    module = f"emulator.commands.{group}"
    found: Mapping[str, Command]
    if importlib.util.find_spec(module) is not None:
        found = importlib.import_module(module).COMMANDS
    else:  # Its commands are made from the table alone.
        found = importlib.import_module("emulator.commands.control").commands(group, {})
    return found


def unknown_command(words: Sequence[str], others: Sequence[str]) -> UsageError:
    """Return the error for words that begin with no known command; ``others`` are the commands
    without a group."""
    typed, *rest = words
    known = [*others, *COMMANDS]
    meant = did_you_mean(typed.lower(), known)
    groups = [group for group, actions in COMMANDS.items() if typed in actions]
    if groups:
        meant = f"did you mean {_listed([f'{group} {typed}' for group in groups], 'or')}? "
    elif typed.lower() in _NAMES_OF_SERVE:
        meant = "did you mean serve? "
    elif meant and rest:
        group = meant.removeprefix("did you mean ").removesuffix("? ")
        if rest[0] in COMMANDS.get(group, ()):
            meant = f"did you mean {group} {rest[0]}? "
    return UsageError(
        f"unknown command {typed!r}: {meant or f'the commands are {_listed(known)}; '}see --help"
    )


def command_name(group: str, words: Sequence[str]) -> str:
    """Return the command of the group that ``words`` begin with.

    Raises:
        UsageError: there is no such command.
    """
    known = COMMANDS[group]
    see = f"see {group} --help"
    typed = words[0]
    if typed in known:
        return typed
    if typed.startswith("-"):
        raise UsageError(
            f"a command, {_listed(known, 'or')}, must follow {group}, before the options; {see}"
        )
    lines = [line for line in _SYNONYMS if typed.lower() in line]
    synonym = next((each for line in lines for each in known if each in line), typed.lower())
    meant = did_you_mean(synonym, known).replace("mean ", f"mean {group} ")
    if group == "tokens" and any("revoke" in line for line in lines):
        meant = "tokens cannot be revoked, they expire; "
    raise UsageError(
        f"unknown command {f'{group} {typed}'!r}: "
        f"{meant or f'the commands are {_listed(known)}; '}{see}"
    )


def group_parser(group: str) -> Parser:
    """Return a parser whose help lists the commands of the group."""
    return Parser(
        prog=f"{INVOCATION} {group}",
        usage=f"{INVOCATION} {group} COMMAND [options]",
        description=f"commands:\n{listed(COMMANDS[group])}\n\nEach command has its own --help.",
        add_help=False,
    )


def command_parser(group: str, name: str) -> Parser:
    """Return the parser of a command's arguments."""
    command, summary = _commands(group)[name], COMMANDS[group][name]
    parser = _CommandParser(
        see=f"{group} {name} --help",
        prog=f"{INVOCATION} {group} {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example:\n{command.example}\n\n{command.access.explanation}\n\n{_EXIT_STATUS}",
    )
    command.define(parser)
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help=f"URL of the emulator (default: {ENDPOINT_VARIABLE}, or else {DEFAULT_ENDPOINT})",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the JSON document of the API, for scripts"
    )
    parser.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help=f"print {command.quiet or 'nothing, but errors'}",
    )
    return parser


def _listed(names: Sequence[str] | Mapping[str, str], conjunction: str = "and") -> str:
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last
