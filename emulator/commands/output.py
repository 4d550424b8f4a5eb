"""Print the results of commands as facts, tables or JSON, and handle a closed stdout."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from emulator.commands.errors import CommandError
from emulator.core import one_line as escapes
from emulator.core.redaction import redact

EXIT_BROKEN_PIPE = 141
"""The exit status when the reader of stdout has gone, the same as for SIGPIPE in a shell."""

NEVER = "never"

_GAP = "  "


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Format rows under a header, in aligned columns; None is a dash. API keys are redacted.
    On a terminal the header is bold."""
    from emulator.core.colors import BOLD, paint, wants_color  # The start of `serve` needs none.

    lines = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    first, *others = (
        _GAP.join(
            value + " " * (width - _width(value)) for value, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
    return "\n".join([paint(first, BOLD) if wants_color(sys.stdout) else first, *others])


def _cell(value: object) -> str:
    return "-" if value is None else one_line(str(value))


def facts(named: Mapping[str, str]) -> str:
    """Format a line for each fact that is not empty, with names and values aligned. API keys are
    redacted."""
    known = {name: one_line(value) for name, value in named.items() if value}
    width = max(map(len, known), default=0)
    return "\n".join(f"{_GAP}{name:{width}}{_GAP}{value}" for name, value in known.items())


def counted(count: int, noun: str) -> str:
    """Format a count with its noun, in the plural unless it is 1."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def instant(seconds: object) -> str:
    """Format seconds since the Unix epoch as ISO 8601 in UTC; ``never`` for None."""
    if seconds is None:
        return NEVER
    try:
        found = datetime.fromtimestamp(int(str(seconds)), timezone.utc)
    except (ValueError, OverflowError, OSError):
        return str(seconds)
    return found.isoformat().replace("+00:00", "Z")


def instant_of_milliseconds(milliseconds: int) -> str:
    """Format milliseconds since the Unix epoch as ISO 8601 in UTC."""
    seconds, rest = divmod(milliseconds, 1000)
    found = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=rest * 1000)
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of_text(text: str | None) -> str:
    """Format an instant in ISO 8601 to the second; ``never`` for None."""
    return NEVER if text is None else re.sub(r"\.[0-9]+", "", text)


def one_line(value: str) -> str:
    """Return ``value`` in one line, with API keys redacted and what is not printable escaped."""
    return escapes.one_line(redact(value))


def print_lines(text: str) -> None:
    """Print lines; nothing, not even an empty line, if there are none."""
    if text:
        print(text)


def print_json(document: object, *, with_secret: bool = False) -> None:
    """Print a document of the API as ASCII, which every encoding has. API keys are redacted, unless
    ``with_secret`` is set, for a document whose purpose is to show one."""
    text = json.dumps(document, indent=2)
    print(text if with_secret else redact(text))


def bytes_writer() -> Callable[[bytes], object]:
    """Return what prints pieces of bytes unchanged, whatever the encoding of the terminal."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.flush()
        write: Callable[[bytes], object] = stream.buffer.write
        return write
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda piece: stream.write(decoder.decode(piece))


def _width(value: str) -> int:
    """The number of terminal columns that ``value`` takes."""
    if value.isascii():
        return len(value)
    return sum(0 if unicodedata.combining(each) else 2 if _is_wide(each) else 1 for each in value)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


class ReaderGoneError(Exception):
    """The reader of stdout has closed it."""


@contextlib.contextmanager
def flushed_stdout() -> Iterator[None]:
    """Flush stdout at the end of the block, so that a failure can be reported.

    Raises:
        ReaderGoneError: the reader has closed its end, as ``head`` does when it has enough.
        CommandError: stdout cannot be written for another reason.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
        raise ReaderGoneError from None
    except OSError as error:
        _discard_stdout()
        raise CommandError(f"cannot write to stdout: {error.strerror or error}") from None


def _discard_stdout() -> None:
    """Redirect stdout to nowhere, so that Python's own flush at the exit succeeds."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
