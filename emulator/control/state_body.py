"""The body of an object in an exported state: lines of text, or of base64 if it is not text.

Both directions work in pieces of bounded size: nothing here takes long, however large a body is.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Generator, Iterator, Sequence
from io import BytesIO
from json import encoder
from typing import Literal

from emulator.core.documents import invalid, text
from emulator.core.errors import BadRequestError

LINE_BYTES = 57
"""How many bytes are in a line of base64, which has 76 characters."""

_PIECE_BYTES = LINE_BYTES * 2048
_SOME_LINES = 2048

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE = re.compile(".{1,76}")

_BETWEEN = '",\n    "'
"""What is between two lines in the text of a document."""

Form = Literal["text", "base64"]


def find_form(body: bytes) -> Generator[Literal[""], None, Form]:
    """Return whether the body is text or has to be written in base64. To find that out may take
    long, so yield an empty text now and then."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for index, piece in enumerate(_pieces(body)):
            if index:
                yield ""
            if _NOT_TEXT.search(decoder.decode(piece)):
                return "base64"
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "base64"
    return "text"


def form_of(body: bytes) -> Form:
    """Return the same at once."""
    search = find_form(body)
    while True:
        try:
            next(search)
        except StopIteration as found:
            form: Form = found.value
            return form


def lines_of(body: bytes, form: Form) -> list[str]:
    """The lines of a body."""
    if form == "text":
        return body.decode().split("\n")
    pieces = range(0, len(body), LINE_BYTES)
    return [base64.b64encode(body[start : start + LINE_BYTES]).decode() for start in pieces]


def text_of_lines(body: bytes, form: Form) -> Iterator[str]:
    """Yield the list of the body's lines as JSON text, as ``json.dumps`` would indent it."""
    yield '[\n    "'
    if form == "text":
        decoder, escaped = codecs.getincrementaldecoder("utf-8")(), encoder.encode_basestring
        for piece in _pieces(body):
            lines = decoder.decode(piece).split("\n")
            yield _BETWEEN.join([escaped(line)[1:-1] for line in lines])
    else:
        for index, piece in enumerate(_pieces(body)):
            if index:
                yield _BETWEEN
            yield _BETWEEN.join(_LINE.findall(binascii.b2a_base64(piece, newline=False).decode()))
    yield '"\n   ]'


def _pieces(body: bytes) -> Iterator[memoryview]:
    view = memoryview(body)
    for start in range(0, len(body), _PIECE_BYTES):
        yield view[start : start + _PIECE_BYTES]


class BodyReader:
    """Puts a body together from its lines.

    Args:
        path: the place of the list of lines in the document, for messages.
        form: what the lines are.
    """

    def __init__(self, path: str, form: Form) -> None:
        self._path = path
        self._form = form
        self._content = BytesIO()
        """Gives its bytes away without a copy, which would take long."""
        self._lines = 0
        self._rest = ""
        """The end of a long line of base64 that is not a whole group of characters yet."""
        self._has_ended = False
        """Whether padding has ended the long line."""
        self._error: BadRequestError | None = None

    def add(self, lines: Sequence[object]) -> None:
        """Add whole lines."""
        for start in range(0, len(lines), _SOME_LINES):
            if self._error is None:
                try:
                    self._add(lines[start : start + _SOME_LINES])
                except BadRequestError as error:
                    self._error = error

    def add_part(self, part: str, *, is_last: bool) -> None:
        """Add a part of one long line."""
        if self._error is not None:
            return
        try:
            if self._form == "text":
                self._content.write(_utf_8(part, f"{self._path}[{self._lines}]"))
            else:
                self._add_base64_part(part, is_last=is_last)
        except BadRequestError as error:
            self._error = error
        self._end_line(is_last=is_last)

    def body(self) -> bytes:
        """Return the body.

        Raises:
            BadRequestError: a line is not valid. The message names it.
        """
        if self._error is not None:
            raise self._error
        if self._form == "text" and self._lines:
            self._content.truncate(self._content.tell() - 1)  # The end of the last line.
        return self._content.getvalue()

    def _add(self, lines: Sequence[object]) -> None:
        try:
            content = "\n".join(lines).encode() if self._form == "text" else _decoded(lines)  # type: ignore[arg-type]
        except (TypeError, ValueError):  # UnicodeEncodeError and binascii.Error are such too.
            for index, line in enumerate(lines, self._lines):
                text(line, f"{self._path}[{index}]", may_be_empty=True)
            invalid(self._path, "it is not valid base64")
        self._content.write(content)
        if self._form == "text":
            self._content.write(b"\n")
        self._lines += len(lines)

    def _add_base64_part(self, part: str, *, is_last: bool) -> None:
        part = self._rest + part
        whole = len(part) if is_last else len(part) // 4 * 4
        self._rest = part[whole:]
        if self._has_ended and part:
            invalid(self._path, "it is not valid base64")
        try:
            self._content.write(base64.b64decode(part[:whole], validate=True))
        except ValueError:
            _utf_8(part, f"{self._path}[{self._lines}]")
            invalid(self._path, "it is not valid base64")
        self._has_ended = self._has_ended or part[:whole].endswith("=")  # A part may be empty.

    def _end_line(self, *, is_last: bool) -> None:
        if is_last:
            self._lines += 1
            self._rest, self._has_ended = "", False
            if self._form == "text":
                self._content.write(b"\n")


def _decoded(lines: Sequence[str]) -> bytes:
    return b"".join([base64.b64decode(line, validate=True) for line in lines])


def _utf_8(part: str, path: str) -> bytes:
    try:
        return part.encode()
    except UnicodeEncodeError:
        invalid(path, "it is not valid Unicode text")
