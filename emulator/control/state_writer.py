"""Write the state of an emulator as a document, or as the text of one in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

from emulator.backends.account.base import LATER_TABLES, ROLE_NAMES, STORES, Table, Versioned
from emulator.control.state_body import find_form, form_of, lines_of, text_of_lines
from emulator.control.state_file import FORMAT, KIND, StoredBody
from emulator.core.clock import ClockState

_PIECE = 64 * 1024
"""The length of the pieces of a text."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, indent=1)


class Exported:
    """A state to be written; its objects can be written once, since they are freed as they are.

    Args:
        objects: the objects in storage, ordered by bucket and key.
    """

    def __init__(
        self,
        clock: ClockState,
        tables: Mapping[Table[Any], Mapping[str, Versioned[Any]]],
        objects: list[StoredBody],
    ) -> None:
        self._clock = clock
        self._tables = tables
        self._objects = objects
        self._objects.reverse()

    def document(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {**self._head(), "objects": [self._object(each) for each in self._taken()]}

    def text(self) -> Iterator[str]:
        """Yield the same document as the text of a file, in pieces of bounded size. One is empty
        where it takes long to make the next."""
        return _joined(self._text())

    def _text(self) -> Iterator[str]:
        """Yield the text in pieces of any size."""
        end = "\n}"  # Of the head: the objects come before it.
        held = ""
        for piece in _ENCODER.iterencode(self._head()):
            held += piece
            yield held[: -len(end)]
            held = held[-len(end) :]
        yield ',\n "objects": ['
        between = "\n  "
        for stored in self._taken():
            form = yield from find_form(stored.body)
            yield f'{between}{_text_of_members(stored)},\n   "{form}": '
            yield from text_of_lines(stored.body, form)
            yield "\n  }"
            between = ",\n  "
        yield f"]{end}\n" if between == "\n  " else f"\n ]{end}\n"

    def _head(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "format": FORMAT,
            "clock": {"offset_us": self._clock.offset, "frozen_at_us": self._clock.frozen_at},
            "account": {
                table.name: {
                    record_id: _encoded(table, entry.record)
                    for record_id, entry in sorted(
                        entries.items(), key=lambda pair: pair[1].created
                    )
                }
                for table, entries in self._tables.items()
                if table is not ROLE_NAMES  # Each role's record has its name too.
                and (entries or table.name not in LATER_TABLES)  # Older emulators read it too.
            },
        }

    def _taken(self) -> Iterator[StoredBody]:
        while self._objects:
            yield self._objects.pop()

    def _object(self, stored: StoredBody) -> dict[str, Any]:
        form = form_of(stored.body)
        return {**_members(stored), form: lines_of(stored.body, form)}


def text_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a document as the text of a file, in pieces of bounded size."""
    yield from _joined(_ENCODER.iterencode(document))
    yield "\n"


def _encoded(table: Table[Any], record: Any) -> dict[str, Any]:
    document = table.encode(record)
    if table is STORES:
        del document["cache_namespace"]
    return document


def _members(stored: StoredBody) -> dict[str, Any]:
    """The members of an object except its body."""
    location, info, _ = stored
    document: dict[str, Any] = {
        "bucket": location.bucket,
        "key": location.key,
        "created_at_us": info.created_at,
        "version": info.version,
    }
    if info.expires_at is not None:
        document["expires_at_us"] = info.expires_at
    if info.metadata:
        document["metadata"] = dict(sorted(info.metadata.items()))
    if info.tags:
        document["tags"] = dict(sorted(info.tags.items()))
    return document


def _text_of_members(stored: StoredBody) -> str:
    """The members of an object except its body, as JSON text without its end.

    The encoder of the standard library is slow if it has to indent, so it gets only the values.
    """
    members = ",\n   ".join(
        f'"{name}": {_text_of(value)}' for name, value in _members(stored).items()
    )
    return f"{{\n   {members}"


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return str(value)
    return _ENCODER.encode(value).replace("\n", "\n   ")


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """Join small pieces to larger ones; pass empty ones on."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        if not piece:
            yield piece
            continue
        held.append(piece)
        size += len(piece)
        if size >= _PIECE or len(held) >= _PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)
