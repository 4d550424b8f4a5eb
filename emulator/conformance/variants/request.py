"""A generated request, and the statuses that the contract allows for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .operations import Operation

SPARE = "{spare}"
"""A path's value: what is there for the request, whatever its name."""

JSON_FIELD = ("Content-Type", "application/json")
UNKNOWN_KEY = "unknown"
"""The key of a request: none that there is."""

Field = tuple[str, str]


class Request(NamedTuple):
    """A request of an operation."""

    operation: Operation
    values: Mapping[str, str]
    """Of the path, percent-encoded."""
    query: tuple[Field, ...] = ()
    fields: tuple[Field, ...] = ()
    """Header fields; values as Latin-1."""
    body: bytes | None = None
    document: Any = None
    """What the body is, of a JSON document."""
    key: str | None = None
    """The name of a role; or ``UNKNOWN_KEY``, another text as it is sent, or None."""
    statuses: frozenset[int] = frozenset()
    """Those that are allowed."""
    wrong: str = ""
    """What is wrong with it, or not promised; empty for nothing."""
    needs: tuple[str, ...] = ()
    """What has to be there beside what the path names."""

    @property
    def is_odd(self) -> bool:
        """Whether it may succeed, though that is not promised."""
        return bool(self.wrong and self.statuses & self.operation.successes)

    @property
    def size(self) -> int:
        """How much there is to read."""
        fields = sum(len(name) + len(value) for name, value in (*self.query, *self.fields))
        return fields + len(self.body or b"") + sum(map(len, self.values.values()))

    def with_value(self, name: str, value: str) -> Request:
        """The request with another value in its path."""
        return self._replace(values={**self.values, name: value})

    def with_query(self, name: str, value: str) -> Request:
        return self._replace(query=(*_without(self.query, name), (name, value)))

    def with_fields(self, *fields: Field) -> Request:
        kept = self.fields
        for name, _ in fields:
            kept = _without(kept, name)
        return self._replace(fields=(*kept, *fields))

    def without_field(self, name: str) -> Request:
        return self._replace(fields=_without(self.fields, name))

    def with_document(self, document: Any) -> Request:
        return self._replace(document=document, body=json.dumps(document).encode())


def _without(fields: Iterable[Field], name: str) -> tuple[Field, ...]:
    return tuple(each for each in fields if each[0].lower() != name.lower())
