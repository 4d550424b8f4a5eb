"""What commands for the control API have in common: paths, and one question with its answer."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from emulator.commands.client import Client
from emulator.commands.command import Request
from emulator.commands.output import one_line, print_json

Told = Mapping[str, Any]
"""The document that the service answers with."""


def asking(
    arguments: argparse.Namespace,
    method: str,
    path: str,
    document: object = None,
    *,
    answer: Mapping[str, type] | None = None,
    shown: Callable[[Told], str],
) -> Request:
    """A request whose answer is printed as it is with ``--json``, and else as ``shown`` says."""

    def ask(client: Client) -> None:
        told = client.call(method, path, document, answer=answer)
        if arguments.json:
            print_json(told)
        else:
            print(shown(told))

    return ask


def saying(
    arguments: argparse.Namespace, method: str, path: str, document: object = None, *, done: str
) -> Request:
    """A request that is answered with nothing that is worth telling: ``done`` is said of it."""
    return asking(arguments, method, path, document, shown=lambda _: one_line(done))


def item(collection: str, *names: str) -> str:
    """The path of what lies in a collection under names, which may be any text."""
    return "/".join([collection, *(quote(os.fsencode(name), safe="") for name in names)])


def with_query(path: str, parameters: Mapping[str, str]) -> str:
    """A path with a query, where there is something to be asked."""
    if not parameters:
        return path
    return f"{path}?{urlencode({name: os.fsencode(each) for name, each in parameters.items()})}"


def counted(count: int, noun: str) -> str:
    """So many of that."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
