"""Files that commands read and write: documents, bodies, exports."""

from __future__ import annotations

import json
import sys

from emulator.commands.errors import UsageError
from emulator.commands.output import print_bytes
from emulator.config.values import file_path

STREAM = "-"
"""What stands for stdin or stdout in place of a file."""

PERMISSIONS_FLAG = "--permissions"

FILE = "FILE"
"""How an argument is called that is a file."""


def read_json(file: str, argument: str, what: str) -> object:
    """What a file holds as JSON, or stdin where ``file`` is ``-``. The service judges it further.

    Args:
        file: as the user gives it.
        argument: the name of the argument, for what is said of it.
        what: what the file should hold, with its article.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    if file.lstrip().startswith("{"):
        stream = f"{argument} {STREAM}" if argument.startswith("-") else STREAM
        raise UsageError(
            f"{argument} takes a file, not what should be in it: "
            f"write it to one, or pipe it in with {stream}"
        )
    content = read_bytes(file, argument)
    name = "stdin" if file == STREAM else repr(file)
    if not content.strip():
        raise UsageError(f"{argument}: {name} is empty: it takes {what} as JSON")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        where = "it is no text, or nested too deeply"
    raise UsageError(f"{argument}: {name} is not JSON: {where}")


def read_bytes(file: str, argument: str) -> bytes:
    """What a file holds, or stdin where ``file`` is ``-``.

    Raises:
        UsageError: it cannot be read.
    """
    if file == STREAM:
        if sys.stdin is None:
            raise UsageError(f"{argument}: stdin is closed; give a file, or pipe one in")
        return sys.stdin.buffer.read()
    try:
        return file_path(file).read_bytes()
    except OSError as error:
        cause = error.strerror or str(error)
    except ValueError as error:
        cause = str(error)
    raise UsageError(
        f"{argument}: cannot read {file!r}: {cause}; give a file, or {STREAM} for stdin"
    )


def deliver(content: bytes, file: str, argument: str) -> None:
    """Write to a file in place of what it held, or to stdout where ``file`` is ``-``.

    Raises:
        UsageError: it cannot be written.
    """
    if file == STREAM:
        print_bytes(content)
        return
    try:
        file_path(file).write_bytes(content)
    except OSError as error:
        cause = error.strerror or str(error)
    except ValueError as error:
        cause = str(error)
    else:
        return
    raise UsageError(
        f"{argument}: cannot write {file!r}: {cause}; give a file, or {STREAM} for stdout"
    )


def read_permission_set(file: str) -> object:
    """What a file holds as JSON, or stdin where ``file`` is ``-``. The service judges it further.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    return read_json(file, PERMISSIONS_FLAG, "a permission set")
