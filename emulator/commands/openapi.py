"""The command ``openapi``: write the OpenAPI documents and JSON Schemas as files, or print one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from emulator.commands.errors import CommandError
from emulator.commands.parser import INVOCATION, Parser, of_lone_command
from emulator.core.errors import NotFoundError
from emulator.core.revisions import FIRST, REVISIONS

NAME = "openapi"

_EPILOG = f"""\
examples:
  {INVOCATION} {NAME} --api-revision 2026-08-12 > service.json
  {INVOCATION} {NAME} --write docs/openapi
"""


def run(words: Sequence[str]) -> None:
    """Run the command with these arguments.

    Raises:
        CommandError: the command failed.
    """
    from emulator.openapi.documents import ENDPOINT, document

    arguments = parser().parse(words)
    if arguments.write is not None:
        if arguments.document is not None:
            raise CommandError("--write: it writes every document; leave the DOCUMENT out")
        _write(Path(arguments.write))
        return
    try:
        name = arguments.document or "service.json"
        found = document(name, REVISIONS[arguments.api_revision], ENDPOINT)
    except NotFoundError as error:
        raise CommandError(error.message) from None
    print(json.dumps(found, ensure_ascii=False, indent=1))


def parser() -> Parser:
    """Return the parser of the arguments."""
    made = Parser(**of_lone_command(NAME, _EPILOG))
    made.add_argument(
        "document",
        nargs="?",
        metavar="DOCUMENT",
        help="the document to print (default: service.json)",
    )
    made.add_argument(
        "--api-revision",
        choices=REVISIONS,
        default=FIRST.date,
        help=f"the revision of the service's API (default: {FIRST.date})",
    )
    made.add_argument(
        "--write", metavar="DIR", help="write every document of every revision into a directory"
    )
    return made


def _write(directory: Path) -> None:
    from emulator.openapi.documents import files

    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files():
            (directory / name).write_text(text, encoding="utf-8")
            print(directory / name)
    except OSError as error:
        raise CommandError(f"--write: cannot write to {directory}: {error.strerror}") from None
