"""``--print-completion``: a script with which a shell completes commands, options and values.

The program may be called in two ways, but shells complete the first word of a line: the script is
for the command that the package installs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from emulator.commands.errors import CommandError, UsageError
from emulator.commands.parser import Parser
from emulator.commands.tree import whole_tree

SHELLS = ("bash", "zsh", "tcsh")


def script(make_root: Callable[[], Parser], default: str, shell: str) -> str:
    """Return the script for a shell; see ``whole_tree`` for the other arguments.

    Raises:
        UsageError: it is for no such shell.
        CommandError: the library that makes the script is not installed.
    """
    if shell not in SHELLS:
        raise UsageError(f"--print-completion: {shell!r} is not one of {', '.join(SHELLS)}")
    try:
        import shtab
    except ImportError:
        from emulator.core.installation import missing_package

        raise CommandError(missing_package("--print-completion", "shtab", "cli")) from None
    root = whole_tree(make_root, default)
    for action in _actions(root):
        _add_values(action, shtab.FILE, shtab.DIRECTORY)
    return f"{shtab.complete(root, shell=shell).rstrip()}\n"


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in dict.fromkeys(action.choices.values()):
                yield from _actions(child)
        else:
            yield action


def _add_values(action: argparse.Action, file: object, directory: object) -> None:
    """Let an argument complete files or its fixed values; its metavar names them."""
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    kinds = metavar.split("|")
    if "FILE" in kinds or "DIR" in kinds:
        action.complete = directory if "DIR" in kinds else file  # type: ignore[attr-defined]
    elif len(kinds) > 1:
        action.choices = [kind for kind in kinds if not kind.isupper() and kind != "..."]
