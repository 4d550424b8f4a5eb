"""One control operation: its HTTP request, its members, and how they are read."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from emulator.core.clock import MICROSECONDS
from emulator.core.documents import as_object, forbid_unknown, invalid, member, text, unknown
from emulator.core.instants import from_iso, parse_seconds
from emulator.service.names import parse_cluster_name, parse_key, parse_segment, parse_store_name

if TYPE_CHECKING:
    from emulator.control.parts import Control

JSON = "json"

MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    "jsonl": "application/x-ndjson",
    "har": "application/json",
    "prometheus": "text/plain; version=0.0.4; charset=utf-8",
}
"""The media type of each form of an answer (the parameter ``format``)."""


class Kind(enum.Enum):
    """The kind of a member's value. ``_READERS`` and ``_PATH_READERS`` check the kinds that an
    operation does not check itself; ``emulator.commands.control`` has the kinds of arguments."""

    STORE = "the name of a store"
    KEY = "the key of an object"
    LOG_GROUP = "the name of a log group"
    CLUSTER = "the name of a Valkey cluster"
    RULE = "the id of a fault rule"
    CHECKPOINT = "the name of a checkpoint"
    INSTANT = "an instant in seconds since the Unix epoch, or in ISO 8601"
    INSTANT_TEXT = "an instant in ISO 8601, or in seconds since the Unix epoch"
    DURATION = "a number of seconds, or a text as 1h"
    TIER = "storage or cache"
    PATTERN = "a text with * and ?"
    TEXT = "a text"
    ANY_TEXT = "a text, which may be empty"
    KEY_ID = "the id of an API key"
    COUNT = "a whole number from 0 on"
    POSITIVE = "a whole number from 1 on"
    PROBABILITY = "a number from 0 to 1"
    CONTENT = "the body of an object"
    TEXTS = "an object whose members are texts"
    EFFECT = "an effect of a fault rule, by its name or as an object"
    EFFECTS = "a list of such effects"
    OBJECT = "a JSON object"
    FLAG = "true or false"
    ID = "an id or a name"


class Member(NamedTuple):
    """A named value that an operation takes."""

    name: str
    where: Literal["path", "query", "body"]
    kind: Kind
    help: str
    required: bool


def in_path(name: str, kind: Kind, help_text: str) -> Member:
    """A part of the path; always required."""
    return Member(name, "path", kind, help_text, required=True)


def in_query(name: str, kind: Kind, help_text: str) -> Member:
    """An optional parameter of the query."""
    return Member(name, "query", kind, help_text, required=False)


def in_body(name: str, kind: Kind, help_text: str, *, required: bool = False) -> Member:
    """A member of the JSON object in the body."""
    return Member(name, "body", kind, help_text, required)


@dataclass
class Given:
    """The input of an operation, read from one request.

    ``given["name"]`` is a member's value, None if the request does not give it. ``conditions`` and
    ``document`` are unchecked. ``endpoint`` returns the URL at which the caller reaches the
    emulator, ``header`` the value of a header of the request.
    """

    members: dict[str, Any]
    conditions: Mapping[str, object]
    form: str
    endpoint: Callable[[], str]
    document: Any = None
    header: Callable[[str], str | None] = lambda _: None

    def __getitem__(self, name: str) -> Any:
        return self.members[name]


Do = Callable[["Control", Given], object]
"""Runs an operation, and returns its answer or an awaitable of it: a JSON object, None for an empty
one, a text to send as it is or an iterator of its pieces, a ``StoredObject`` to send as Get Object
does, an ``EventStream``, or else the value of the answer's only member. Any of these may be in a
``WithStatus``."""


class BodyReader(Protocol):
    """Reads the body of a request while it arrives."""

    def feed(self, content: bytes) -> None:
        """Read on.

        Raises:
            BadRequestError: the body is not valid.
        """

    def close(self) -> object:
        """Return what was read, now that the body has ended.

        Raises:
            BadRequestError: the body is not valid.
        """


@dataclass(frozen=True)
class ControlOperation:
    """A row of the table.

    Args:
        name: the group and the action, which are the two words of the command too.
        request: the method and the template of the path, as in ``DELETE /_emulator/faults/{id}``;
            ``{key*}`` may hold slashes.
        help: one line of help.
        do: runs the operation.
        members: the values that it takes; those of the path in their order.
        conditions: the names of its conditions, in the body if that is read, else in the query.
        forms: functions that make the answer in other forms than JSON, by the value of ``format``.
        body: whether a request's body is ignored, an object of the members and conditions, a
            document that the operation checks itself, or the body of an object with the headers and
            the query of Put Object, which the operation reads itself (``NewObject``).
        carries_objects: whether the body holds whole objects, and so may be large.
        reader: makes what reads a document that may be too large to be parsed at once; raises what
            refuses the operation whatever the document has.
        answer: members that every answer has, with their types.
        status: the HTTP status of the answer.
        example: the arguments in the help of the command.
        has_command: whether the operation has a command.
        export_help: one line of help for the command ``export`` of its group, which writes the
            answer in another form; empty if the group has none.
    """

    name: str
    request: str
    help: str
    do: Do
    members: tuple[Member, ...] = ()
    conditions: tuple[str, ...] = ()
    forms: Mapping[str, Do] = field(default_factory=dict)
    body: Literal["ignored", "members", "document", "object"] = "ignored"
    carries_objects: bool = False
    reader: Callable[[Control], BodyReader] | None = None
    answer: Mapping[str, type] = field(default_factory=dict)
    status: int = 200
    example: str = ""
    has_command: bool = True
    export_help: str = ""

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    @property
    def action(self) -> str:
        return self.name.partition(".")[2]

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.request.partition(" ")[2]

    @property
    def reads_body(self) -> bool:
        """Whether the operation reads a request's body."""
        return self.body != "ignored"

    def of(self, where: str) -> list[Member]:
        """Return the members in the path, the query or the body."""
        return [each for each in self.members if each.where == where]

    def read_target(
        self,
        parts: Sequence[str],
        query: MutableMapping[str, object],
        endpoint: Callable[[], str],
    ) -> Given:
        """Read the path (``parts`` as they came, percent-encoded) and the query.

        Raises:
            BadRequestError: a value is not valid, or a parameter or form is unknown.
        """
        known = (
            *(("format",) if self.forms else ()),
            *(each.name for each in self.of("query")),
            *(() if self.reads_body else self.conditions),
        )
        for name in query:
            if name not in known:
                raise unknown("parameter", name, known)
        found: dict[str, Any] = dict.fromkeys(each.name for each in self.members)
        for each, raw in zip(self.of("path"), parts, strict=True):
            found[each.name] = _PATH_READERS[each.kind](raw)
        form = query.pop("format", JSON)
        if form not in (JSON, *self.forms):
            raise unknown("format", str(form), (JSON, *self.forms))
        for each in self.of("query"):
            if each.name in query:
                found[each.name] = _read_parameter(each, query.pop(each.name))
        return Given(found, query, str(form), endpoint)

    def read_body(self, document: object, given: Given) -> None:
        """Read the body of the request, and add its values to ``given``.

        Raises:
            BadRequestError: a member is missing, not valid or unknown.
        """
        if self.body in ("document", "object"):
            given.document = document
            return
        body = as_object(document, "request body")
        names = tuple(each.name for each in self.of("body"))
        if not self.conditions:
            forbid_unknown(body, "", names)
        for each in self.of("body"):
            if each.required or body.get(each.name) is not None:
                given.members[each.name] = _read(each, member(body, each.name))
        given.conditions = {name: value for name, value in body.items() if name not in names}


def _read(taken: Member, value: object) -> object:
    reader = _READERS.get(taken.kind)
    return value if reader is None else reader(value, taken.name)


def _read_parameter(taken: Member, value: object) -> object:
    """Read a value of the query, where numbers are texts too."""
    if taken.kind in _LEAST:
        return _whole_number(str(value), taken.name, taken.kind)
    return _read(taken, value)


def _whole_number(digits: str, name: str, kind: Kind) -> int:
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    if not is_number or int(digits) < _LEAST[kind]:
        invalid(name, f"it must be {kind.value}")
    return int(digits)


_MOST_DIGITS = 18


def _epoch_seconds(value: object, path: str) -> float:
    if not isinstance(value, str):
        return parse_seconds(value, path)
    instant = from_iso(value)
    if instant is None:
        invalid(path, "it must be a number of seconds, or as in 2030-01-01T00:00:00Z")
    return parse_seconds(instant / MICROSECONDS, path)


_LEAST: Mapping[Kind, int] = {Kind.COUNT: 0, Kind.POSITIVE: 1}
"""The kinds of whole numbers, and the least one of each."""

_READERS: Mapping[Kind, Callable[[object, str], object]] = {
    Kind.STORE: text,
    Kind.CLUSTER: text,
    Kind.TEXT: text,
    Kind.INSTANT: _epoch_seconds,
    Kind.DURATION: parse_seconds,
}
"""Checks of a value in a query or a body. The operation itself checks values of other kinds."""

_PATH_READERS: Mapping[Kind, Callable[[str], object]] = {
    Kind.COUNT: lambda raw: _whole_number(raw, "number", Kind.COUNT),
    Kind.STORE: parse_store_name,
    Kind.KEY: parse_key,
    Kind.LOG_GROUP: lambda raw: parse_segment(raw, "log group"),
    Kind.CLUSTER: parse_cluster_name,
    Kind.RULE: lambda raw: parse_segment(raw, "path"),
    Kind.CHECKPOINT: lambda raw: parse_segment(raw, "path"),
    Kind.KEY_ID: lambda raw: parse_segment(raw, "id"),
    Kind.ID: lambda raw: parse_segment(raw, "id"),
}
"""Decoders and checks of a part of a path."""
