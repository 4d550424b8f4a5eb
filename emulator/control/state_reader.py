"""Read an exported state piece by piece, as it arrives.

The document may be large, so neither its text nor its lines are ever in memory as a whole: each
object is checked and put together as soon as it has been read. No step takes long: the parser of
the standard library parses at most ``LARGE`` characters of an object at a time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from emulator.control.state_body import BodyReader
from emulator.control.state_file import ObjectsReader, State, from_document
from emulator.core.json_text import (
    DECODER,
    MAX_LEVELS,
    NotJsonError,
    distinct,
    require_few_levels,
    too_deep,
)

LARGE = 128 * 1024
"""An object that is longer is read line by line, and a line that is longer in parts. In
characters."""

_SPACE = re.compile(r"[ \t\n\r]*")
_STRINGS = re.compile(r'(?:"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"[ \t\n\r]*,[ \t\n\r]*)+')
"""Whole strings of a list, each with the comma after it."""
_PART = re.compile(r'[^"\\\x00-\x1f]*(?:\\(?:u[0-9a-fA-F]{4}|[^u\x00-\x1f])[^"\\\x00-\x1f]*)*')
"""Whole characters of a string."""
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
"""The first half of an escaped character; the part of a string must not end with it."""

_scan: Callable[[str, int], tuple[object, int]] = DECODER.scan_once  # type: ignore[attr-defined]

_Reading = Generator[int, None, Any]
"""A part of the reader that yields how many characters it has to see to go on."""


class StateReader:
    """Reads one document: ``feed`` its bytes in order, then ``close``."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._arrived: list[str] = []
        self._has_ended = False
        self._reading = self._document()
        self._wanted: int | None = next(self._reading)
        """How many characters the parser waits for, without those before ``_at``."""
        self._result: object = None

    def feed(self, content: bytes) -> None:
        """Read on.

        Raises:
            BadRequestError: the document is not JSON.
        """
        self._arrive(content)
        if self._wanted is not None and self._waiting() >= self._wanted:
            self._go_on()

    def close(self) -> State:
        """Return the state, now that all of the document has been read.

        Raises:
            BadRequestError: it is not JSON, is not a valid state, or has a newer format.
        """
        self._arrive(b"", final=True)
        self._has_ended = True
        while self._wanted is not None:
            self._go_on()
        return from_document(self._result)

    def _arrive(self, content: bytes, *, final: bool = False) -> None:
        try:
            self._arrived.append(self._decoder.decode(content, final))
        except UnicodeDecodeError:
            raise NotJsonError from None

    def _waiting(self) -> int:
        return len(self._text) - self._at + sum(map(len, self._arrived))

    def _go_on(self) -> None:
        self._text = "".join((self._text[self._at :], *self._arrived))
        self._at = 0
        self._arrived = []
        try:
            self._wanted = next(self._reading)
        except StopIteration as stop:
            self._wanted, self._result = None, stop.value

    # The parts of the parser. Each begins and ends at ``_at``.

    def _more(self) -> Generator[int, None, None]:
        """Wait until there is more text than now."""
        if self._has_ended:
            raise NotJsonError
        yield max(LARGE // 2, 2 * (len(self._text) - self._at))

    def _next(self) -> Generator[int, None, str]:
        """The next character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._has_ended:
                return ""
            yield 1

    def _expect(self, characters: str) -> Generator[int, None, str]:
        """Take the next character, which is one of these."""
        found = yield from self._next()
        if not found or found not in characters:
            raise NotJsonError
        self._at += 1
        return found

    def _value(self, *, most: int = 0) -> _Reading:
        """Take a value; return ``_TOO_LONG`` if it has more than ``most`` characters."""
        yield from self._next()
        while True:
            try:
                value, end = _scan(self._text, self._at)
            except RecursionError:
                raise too_deep() from None
            except (StopIteration, ValueError):
                if most and len(self._text) - self._at >= most:
                    return _TOO_LONG
            else:
                if len(self._text) - end >= _MAY_GO_ON or self._has_ended:
                    self._at = end
                    return value
            yield from self._more()

    def _document(self) -> _Reading:
        yield 1
        if not self._text:  # There is no body.
            return {}
        if (yield from self._next()) == "{":
            document = yield from self._members(self._top_level_value)
        else:
            document = yield from self._value()
            require_few_levels(document)
        if (yield from self._next()):
            raise NotJsonError
        return document

    def _top_level_value(self, name: str) -> _Reading:
        if name == "objects" and (yield from self._next()) == "[":
            return (yield from self._objects())
        value = yield from self._value()
        require_few_levels(value, MAX_LEVELS - 1)
        return value

    def _members(self, read: Any) -> _Reading:
        """Take an object whose values are read by ``read``, by their names."""
        yield from self._expect("{")
        members: list[tuple[str, object]] = []
        if (yield from self._next()) == "}":
            self._at += 1
            return {}
        while True:
            if (yield from self._next()) != '"':
                raise NotJsonError
            name = yield from self._value()
            yield from self._expect(":")
            members.append((name, (yield from read(name))))
            if (yield from self._expect(",}")) == "}":
                return distinct(members)

    def _objects(self) -> _Reading:
        objects = ObjectsReader()
        yield from self._expect("[")
        if (yield from self._next()) == "]":
            self._at += 1
            return objects
        while True:
            value = yield from self._value(most=LARGE)
            if value is _TOO_LONG:
                value = yield from self._large(len(objects))
            objects.add(value)
            if (yield from self._expect(",]")) == "]":
                return objects

    def _large(self, index: int) -> _Reading:
        """Take a value that is too long to be parsed in one go: an object with a large body."""
        if self._text[self._at] != "{":
            return (yield from self._value())

        def read(name: str) -> _Reading:
            if name in ("text", "base64") and (yield from self._next()) == "[":
                path = f"objects[{index}].{name}"
                return (yield from self._lines(BodyReader(path, name)))  # type: ignore[arg-type]
            return (yield from self._value())

        return (yield from self._members(read))

    def _lines(self, body: BodyReader) -> _Reading:
        """Take a list of lines."""
        yield from self._expect("[")
        if (yield from self._next()) == "]":
            self._at += 1
            return body
        while True:
            found = _STRINGS.match(self._text, self._at, self._at + LARGE)
            if found is not None:
                body.add(_strings(found.group()))
                self._at = found.end()
                yield from self._next()
                continue
            line = yield from self._value(most=LARGE)
            if line is not _TOO_LONG:
                require_few_levels(line, MAX_LEVELS - 4)
                body.add([line])
            elif self._text[self._at] == '"':
                yield from self._long_line(body)
            else:
                line = yield from self._value()
                require_few_levels(line, MAX_LEVELS - 4)
                body.add([line])
            if (yield from self._expect(",]")) == "]":
                return body
            yield from self._next()

    def _long_line(self, body: BodyReader) -> Generator[int, None, None]:
        """Take a string, in parts."""
        self._at += 1
        while True:
            found = _PART.match(self._text, self._at, self._at + LARGE)
            assert found is not None
            end = found.end()
            is_last = self._text[end : end + 1] == '"'
            if not is_last and (half := _HIGH_SURROGATE.search(found.group())) is not None:
                end = self._at + half.start()
            body.add_part(_strings(f'"{self._text[self._at : end]}"')[0], is_last=is_last)
            if is_last:
                self._at = end + 1
                return
            is_stuck = end == self._at
            if is_stuck and len(self._text) - self._at > _LONGEST_ESCAPE:
                raise NotJsonError  # Something that cannot be in a string.
            self._at = end
            if is_stuck or end == len(self._text):
                yield from self._more()


def read_state(path: Path) -> State:
    """Read an exported state from a file.

    Raises:
        ValueError: it is not JSON.
        BadRequestError: it is not a valid state.
        OSError: it cannot be read.
    """
    reader = StateReader()
    try:
        with path.open("rb") as file:
            while content := file.read(LARGE):
                reader.feed(content)
        return reader.close()
    except NotJsonError:
        raise ValueError(f"{path} is not valid JSON") from None


_TOO_LONG = object()

_LONGEST_ESCAPE = len(r"\ud83d\ude00")

_MAY_GO_ON = len("e+1")
"""With fewer characters behind it, a number may go on: ``1`` is all that is read of ``1e+``."""


def _strings(items: str) -> list[str]:
    try:
        found: list[str] = DECODER.decode("[" + items.rstrip(" \t\n\r").rstrip(",") + "]")
    except ValueError:
        raise NotJsonError from None
    return found
