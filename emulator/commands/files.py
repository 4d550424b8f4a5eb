"""Files that commands read and write: documents, bodies, exports."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator

from emulator.commands.errors import UsageError
from emulator.commands.output import bytes_writer
from emulator.config.values import file_path
from emulator.core.files import replacing

STREAM = "-"
"""Given instead of a file: stdin or stdout."""

PERMISSIONS_FLAG = "--permissions"

FILE = "FILE"
"""The name of an argument that is a file."""


def read_json(file: str, argument: str, what: str) -> object:
    """Read a file as JSON, or stdin if ``file`` is ``-``. The service checks the content.

    Args:
        file: the path as the user gave it.
        argument: the name of the argument, for messages.
        what: what the file should contain, with its article, for messages.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    require_file(file, argument)
    return parse_json(read_bytes(file, argument), file, argument, what)


def require_file(file: str, argument: str) -> None:
    """Refuse JSON in the place of a file's name.

    Raises:
        UsageError: it is JSON.
    """
    if file.lstrip().startswith("{"):
        stream = f"{argument} {STREAM}" if argument.startswith("-") else STREAM
        raise UsageError(
            f"{argument} takes a file, not its content: "
            f"write the JSON to a file, or pipe it in with {stream}"
        )


def parse_json(content: bytes, file: str, argument: str, what: str) -> object:
    """Parse the content of a file that ``read_bytes`` has read; see ``read_json``.

    Raises:
        UsageError: it is not JSON.
    """
    name = "stdin" if file == STREAM else repr(file)
    if not content or content.isspace():
        raise UsageError(f"{argument}: {name} is empty: it must be {what} as JSON")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        where = "it is not text, or nested too deeply"
    raise UsageError(f"{argument}: {name} is not JSON: {where}")


def read_bytes(file: str, argument: str) -> bytes:
    """Read a file, or stdin if ``file`` is ``-``.

    Raises:
        UsageError: it cannot be read.
    """
    if file == STREAM:
        if sys.stdin is None:
            raise UsageError(f"{argument}: stdin is closed; give a file, or use a pipe")
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


@contextlib.contextmanager
def written(file: str, argument: str) -> Iterator[Callable[[bytes], object]]:
    """Give what writes pieces to a file, or to stdout if ``file`` is ``-``.

    A file appears at the end of the block, whole; an error in the block leaves what was there. What
    is no file, as a pipe or a device, is written at once.

    Raises:
        UsageError: it cannot be written.
    """
    if file == STREAM:
        yield bytes_writer()
        return
    try:
        path = file_path(file)
        if path.exists() and not path.is_file():
            with path.open("wb") as opened:
                yield opened.write
            return
        with replacing(path.resolve()) as new:
            yield new.write
        return
    except OSError as error:
        cause = error.strerror or str(error)
    except ValueError as error:
        cause = str(error)
    raise UsageError(
        f"{argument}: cannot write {file!r}: {cause}; give a file, or {STREAM} for stdout"
    )


def read_permission_set(file: str) -> object:
    """Read a permission set from a file, or from stdin if ``file`` is ``-``.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    return read_json(file, PERMISSIONS_FLAG, "a permission set")
