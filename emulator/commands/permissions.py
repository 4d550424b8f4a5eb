"""Permission sets that users give in a file, or on stdin."""

from __future__ import annotations

import json
import sys

from emulator.commands.errors import UsageError
from emulator.config import parse_path

FLAG = "--permissions"
STDIN = "-"


def read_permission_set(file: str) -> object:
    """What a file holds as JSON, or stdin where ``file`` is ``-``. The service judges it further.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    content = _read_stdin() if file == STDIN else _read(file)
    name = "stdin" if file == STDIN else repr(file)
    if not content.strip():
        raise UsageError(f"{FLAG}: {name} is empty: it takes a permission set as JSON")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        where = "it is no text, or nested too deeply"
    raise UsageError(f"{FLAG}: {name} is not JSON: {where}")


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise UsageError(f"{FLAG}: stdin is closed; give a file, or pipe one in")
    return sys.stdin.buffer.read()


def _read(file: str) -> bytes:
    if file.lstrip().startswith("{"):
        raise UsageError(
            f"{FLAG} takes a file, not the permission set itself: "
            f"write it to one, or pipe it in with {FLAG} {STDIN}"
        )
    try:
        return parse_path(file).read_bytes()
    except OSError as error:
        cause = error.strerror or str(error)
    except ValueError as error:
        cause = str(error)
    raise UsageError(
        f"{FLAG}: cannot read {file!r}: {cause}; give a JSON file, or {STDIN} for stdin"
    )
