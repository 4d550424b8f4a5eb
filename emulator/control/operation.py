"""One control operation: where it is over HTTP, what it takes, and how that is read."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.core.clock import LAST_SECOND
from emulator.core.documents import member, members, only, refuse, text, unknown
from emulator.service.names import parse_key, parse_segment, parse_store_name

if TYPE_CHECKING:
    from emulator.control.parts import Control

JSON = "json"

MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    "jsonl": "application/x-ndjson",
    "har": "application/json",
    "prometheus": "text/plain; version=0.0.4; charset=utf-8",
}
"""The forms that an answer can have (the parameter ``format``), with their media types."""


class Where(enum.Enum):
    """Where a request has a member."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"


class Kind(enum.Enum):
    """Which values a member takes. ``_READERS`` and ``_PATH_READERS`` check those that are not left
    to the operation itself; ``emulator.commands.control`` says how a command line has them."""

    STORE = "the name of a store"
    KEY = "the key of an object"
    LOG_GROUP = "the name of a log group"
    CLUSTER = "the name of a Valkey cluster"
    NAME = "the id or name of a rule or checkpoint"
    INSTANT = "an instant in seconds since the Unix epoch"
    INSTANT_TEXT = "an instant in ISO 8601, or in seconds since the Unix epoch"
    DURATION = "a number of seconds"
    TIER = "storage or cache"
    PATTERN = "a text with * and ?"
    KEY_ID = "the id of an API key"
    COUNT = "a whole number from 0 on"
    POSITIVE = "a whole number from 1 on"
    PROBABILITY = "a number from 0 to 1"
    TEXT = "any text"
    TEXTS = "an object of texts"
    EFFECT = "an effect of a fault rule, by its name or as an object"
    EFFECTS = "a list of such effects"


class Member(NamedTuple):
    """A value that an operation takes, by its name."""

    name: str
    where: Where
    kind: Kind
    help: str
    required: bool = False


def in_path(name: str, kind: Kind, help_text: str) -> Member:
    """A member that is a part of the path, and so needed."""
    return Member(name, Where.PATH, kind, help_text, required=True)


def in_query(name: str, kind: Kind, help_text: str) -> Member:
    """A member that may be among the parameters of the query."""
    return Member(name, Where.QUERY, kind, help_text)


def in_body(name: str, kind: Kind, help_text: str, *, required: bool = False) -> Member:
    """A member of the JSON object in the body."""
    return Member(name, Where.BODY, kind, help_text, required)


class Body(enum.Enum):
    """What becomes of a request's body."""

    IGNORED = "it is not read"
    MEMBERS = "an object with the operation's members, and no others unless they are conditions"
    DOCUMENT = "any JSON, which the operation itself checks"


@dataclass
class Given:
    """What one request gives to an operation: ``given["name"]`` is a member, None where it is not
    given. ``conditions`` are as they came; ``endpoint`` is where the caller knows the emulator."""

    members: dict[str, Any]
    conditions: Mapping[str, object]
    form: str
    endpoint: Callable[[], str]
    document: object = None

    def __getitem__(self, name: str) -> Any:
        return self.members[name]


Do = Callable[["Control", Given], object]
"""Does an operation and returns, or returns an awaitable of, its answer: an object as a mapping,
``{}`` as None, a text in another form as that text, and anything else as the value of the only
member that the answer has."""


@dataclass(frozen=True)
class ControlOperation:
    """A row of the table.

    Args:
        name: the group and the name in it. The command has these words.
        request: the method and the template of the path, as in ``DELETE /_emulator/faults/{id}``;
            ``{key*}`` may hold slashes.
        help: what it does, in one line.
        do: does it.
        members: what it takes, those of the path first.
        conditions: names that it takes too, and checks itself.
        forms: how the answer is made in other forms than JSON, by what ``format`` calls them.
        body: what becomes of the body.
        carries_objects: whether the body holds whole objects, and so may be large.
        answer: the members of the answer, with their types in JSON.
        status: of the answer.
        example: the arguments in the help of the command, if it takes any.
        has_command: whether there is a command for it.
        export_help: what the group's command ``export`` does, which writes the other forms.
    """

    name: str
    request: str
    help: str
    do: Do
    members: tuple[Member, ...] = ()
    conditions: tuple[str, ...] = ()
    forms: Mapping[str, Do] = field(default_factory=dict)
    body: Body = Body.IGNORED
    carries_objects: bool = False
    answer: Mapping[str, type] = field(default_factory=dict)
    status: int = 200
    example: str = ""
    has_command: bool = True
    export_help: str = ""

    @property
    def group(self) -> str:
        """The first word of its name."""
        return self.name.partition(".")[0]

    @property
    def action(self) -> str:
        """The rest of its name."""
        return self.name.partition(".")[2]

    @property
    def method(self) -> str:
        """The method of its requests."""
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """The template of its paths."""
        return self.request.partition(" ")[2]

    @property
    def reads_body(self) -> bool:
        """Whether the body is read. Conditions are then in it, and in the query otherwise."""
        return self.body is not Body.IGNORED

    def read_target(
        self,
        parts: Sequence[str],
        query: MutableMapping[str, object],
        endpoint: Callable[[], str],
    ) -> Given:
        """What the path (``parts`` as they came, percent-encoded) and the query give.

        Raises:
            BadRequestError: a value is not valid, or there is no such parameter or form.
        """
        known = (
            *(("format",) if self.forms else ()),
            *(each.name for each in self.members if each.where is Where.QUERY),
            *(() if self.reads_body else self.conditions),
        )
        for name in query:
            if name not in known:
                raise unknown("parameter", name, known or ("none",))
        found: dict[str, Any] = dict.fromkeys(each.name for each in self.members)
        in_path = [each for each in self.members if each.where is Where.PATH]
        for each, raw in zip(in_path, parts, strict=True):
            found[each.name] = _PATH_READERS[each.kind](raw)
        form = query.pop("format", JSON)
        if form not in (JSON, *self.forms):
            raise unknown("format", str(form), (JSON, *self.forms))
        for each in self.members:
            if each.where is Where.QUERY and each.name in query:
                found[each.name] = _read(each, query.pop(each.name))
        return Given(found, query, str(form), endpoint)

    def read_body(self, document: object, given: Given) -> None:
        """Add what the body of the request gives.

        Raises:
            BadRequestError: a member is missing, not valid or unknown.
        """
        if self.body is Body.DOCUMENT:
            given.document = document
            return
        body = members(document, "request body")
        taken = [each for each in self.members if each.where is Where.BODY]
        names = tuple(each.name for each in taken)
        if not self.conditions:
            only(body, "", names)
        for each in taken:
            if each.required or body.get(each.name) is not None:
                given.members[each.name] = _read(each, member(body, each.name))
        given.conditions = {name: value for name, value in body.items() if name not in names}


def _read(taken: Member, value: object) -> object:
    reader = _READERS.get(taken.kind)
    return value if reader is None else reader(value, taken.name)


def _seconds(value: object, path: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        refuse(path, "it must be a number of seconds")
    if not 0 <= value <= LAST_SECOND:
        refuse(path, "it must lie between 0 and the year 9999, in seconds")
    return value


_READERS: Mapping[Kind, Callable[[object, str], object]] = {
    Kind.STORE: text,
    Kind.CLUSTER: text,
    Kind.INSTANT: _seconds,
    Kind.DURATION: _seconds,
}
"""How a value of a query or body is checked. What is not here, the operation checks itself."""

_PATH_READERS: Mapping[Kind, Callable[[str], str]] = {
    Kind.STORE: parse_store_name,
    Kind.KEY: parse_key,
    Kind.LOG_GROUP: lambda raw: parse_segment(raw, "log group"),
    Kind.NAME: lambda raw: parse_segment(raw, "path"),
}
"""How a part of a path is decoded and checked."""
