"""The exported state of an emulator: one JSON document that diffs well. What it means.

Every line of a text and every record has lines of its own, in a stable order. Values that are
random in every emulator are left out: its first API keys, and the namespaces of the stores' caches.
The contents of the caches are left out too, so the caches are empty after an import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from emulator.auth.system_roles import OWNER
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    LATER_STORE_FIELDS,
    LATER_TABLES,
    ROLE_NAMES,
    STORES,
    TABLES,
    Change,
    Table,
)
from emulator.control.state_body import BodyReader, Form
from emulator.core.clock import LAST_SECOND, MICROSECONDS, ClockState
from emulator.core.documents import (
    as_object,
    forbid_unknown,
    invalid,
    items,
    member,
    text,
    whole_number,
)
from emulator.core.errors import BadRequestError
from emulator.core.json_text import MAX_LEVELS, require_few_levels
from emulator.core.model import Account, Cluster, Invitation, Member, Role, RoleName, Store
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.private import new_id
from emulator.core.revisions import latest
from emulator.service.account.members import parse_system_role, parse_user_name
from emulator.service.cluster_configuration import CHANGES, parse_cluster
from emulator.service.cluster_configuration import describe as describe_cluster
from emulator.service.metadata import collect
from emulator.service.names import check_store_name
from emulator.service.store_configuration import describe, parse_configuration
from emulator.service.tags import collect as collect_tags
from emulator.service.ttl import MAX_TTL_SECONDS

FORMAT = 1
"""The document's format. Documents with a higher number are refused."""

KIND = "momento-objectstore-emulator state"

_SHORTEST_SECRET = 64  # In characters: the algorithm that signs keys requires it.
LAST_INSTANT = LAST_SECOND * MICROSECONDS
LARGEST = 2**63 - 1
LAST_EXPIRY = LAST_INSTANT + MAX_TTL_SECONDS * MICROSECONDS

_OBJECT_MEMBERS = (
    "bucket",
    "key",
    "created_at_us",
    "version",
    "expires_at_us",
    "metadata",
    "tags",
    "text",
    "base64",
)

_KNOWN_BY = {
    "stores": "name",
    "api_keys": "digest",
    "roles": "role_id",
    "members": "user_name",
    "invitations": "user_name",
    "clusters": "name",
}
"""The member of a record that is its id in the table."""


class StoredBody(NamedTuple):
    """An object of the storage tier, with its whole body."""

    location: Location
    info: ObjectInfo
    body: bytes


class State(NamedTuple):
    """The contents of a document: the clock, the account's records in the order of their creation,
    and the objects in storage by their location."""

    clock: ClockState
    records: tuple[Change[Any], ...]
    objects: dict[Location, StoredBody]


class ObjectsReader:
    """Checks the objects of a document one after the other, and keeps them.

    The first that is not valid is an error of the document, raised when all has been read.
    """

    def __init__(self) -> None:
        self._found: dict[Location, StoredBody] = {}
        self._count = 0
        self._error: BadRequestError | None = None

    def __len__(self) -> int:
        return self._count

    def add(self, value: object) -> None:
        """Add the next object.

        Raises:
            BadRequestError: it is nested too deeply.
        """
        path = f"objects[{self._count}]"
        self._count += 1
        try:
            stored = _object(as_object(value, path), path)
            if stored.location in self._found:
                invalid(path, "the document has the same object twice")
        except BadRequestError as error:
            require_few_levels(value, MAX_LEVELS - 2)
            self._error = self._error or error
        else:
            self._found[stored.location] = stored

    def objects(self) -> dict[Location, StoredBody]:
        """Return the objects.

        Raises:
            BadRequestError: one is not valid. The message names it.
        """
        if self._error is not None:
            raise self._error
        return self._found


def from_document(document: object) -> State:
    """Parse the state in a document.

    Raises:
        BadRequestError: it is not a valid document, or has a newer format. The message names the
            member.
    """
    body = as_object(document, "state")
    if body.get("kind") != KIND:
        raise BadRequestError("The document is not the exported state of an emulator")
    file_format = whole_number(member(body, "format"), "format")
    if file_format < 1:
        invalid("format", "it must be at least 1")
    if file_format > FORMAT:
        raise BadRequestError(
            f"The state has format {file_format}, and this version of the emulator reads formats "
            f"up to {FORMAT}: import it with a newer version"
        )
    forbid_unknown(body, "", ("kind", "format", "clock", "account", "objects"))
    return State(
        _clock(as_object(member(body, "clock"), "clock")),
        _records(as_object(member(body, "account"), "account")),
        _objects(body),
    )


def _clock(body: Mapping[str, object]) -> ClockState:
    forbid_unknown(body, "clock", ("offset_us", "frozen_at_us"))
    offset = _whole(body, "clock.offset_us", -LAST_INSTANT, LAST_INSTANT)
    frozen_at = member(body, "clock.frozen_at_us")
    return ClockState(
        offset, None if frozen_at is None else _whole(body, "clock.frozen_at_us", 0, LAST_INSTANT)
    )


def _records(body: Mapping[str, object]) -> tuple[Change[Any], ...]:
    tables = [table for table in TABLES if table is not ROLE_NAMES]
    forbid_unknown(body, "account", tuple(table.name for table in tables))
    changes: list[Change[Any]] = []
    for table in tables:
        path = f"account.{table.name}"
        if table.name in LATER_TABLES and table.name not in body:
            continue
        for record_id, value in as_object(member(body, path), path).items():
            record = _record(table, record_id, as_object(value, f"{path}.{record_id}"))
            changes.append(Change(table, record_id, record, None))
            if isinstance(record, Role):
                name = RoleName(record.role_id)
                changes.append(Change(ROLE_NAMES, record.role_name, name, None))
    records = [change.record for change in changes]
    if not any(isinstance(record, Account) for record in records):
        invalid("account.account", "it must have one record, account")
    if not any(isinstance(each, Member) and each.role_id == OWNER.role_id for each in records):
        invalid("account.members", "at least one member must be an Owner")
    names = [change.record_id for change in changes if change.table is ROLE_NAMES]
    if len(set(names)) < len(names):
        invalid("account.roles", "two roles have the same name")
    return tuple(changes)


def _record(table: Table[Any], record_id: str, document: Mapping[str, object]) -> Any:
    path = f"account.{table.name}.{record_id}"
    given = dict(document)
    if table is STORES:
        given["cache_namespace"] = new_id()
    names = tuple(item.name for item in fields(table.record_type))
    forbid_unknown(given, path, names)
    for name in names:
        if table is STORES and name in LATER_STORE_FIELDS:
            continue
        member(given, f"{path}.{name}")
    try:
        record = table.decode(given)
    except TypeError as error:
        invalid(path, str(error))
    known_by = ACCOUNT_ID if table is ACCOUNT else getattr(record, _KNOWN_BY[table.name])
    if record_id != known_by:
        known_as = "id" if table is ACCOUNT else _KNOWN_BY[table.name]
        invalid(path, f"its {known_as} must be {record_id!r}")
    if isinstance(record, Account):
        text(record.account_id, f"{path}.account_id")
        if len(record.signing_secret) < _SHORTEST_SECRET:
            invalid(
                f"{path}.signing_secret", f"it must have at least {_SHORTEST_SECRET} characters"
            )
    if isinstance(record, (Member, Invitation)):
        parse_user_name(record.user_name)
        parse_system_role(record.role_id)
    if isinstance(record, Store):
        check_store_name(record.name)
        parse_configuration(describe(record, latest()), latest())
    if isinstance(record, Cluster):
        _require_valid(record, path)
        if record.change not in CHANGES:
            invalid(f"{path}.change", f"it must be one of {', '.join(CHANGES[1:])}, or empty")
        if not 0 <= record.until <= LAST_EXPIRY:
            invalid(f"{path}.until", f"it must lie between 0 and {LAST_EXPIRY}")
    return record


def _require_valid(cluster: Cluster, path: str) -> None:
    try:
        parse_cluster(describe_cluster(cluster, ""), may_have_gaps=True)
    except BadRequestError as error:
        invalid(path, error.message)


def _objects(body: Mapping[str, object]) -> dict[Location, StoredBody]:
    value = member(body, "objects")
    if not isinstance(value, ObjectsReader):
        objects = ObjectsReader()
        for each in items(value, "objects"):
            objects.add(each)
        return objects.objects()
    return value.objects()


def _object(body: Mapping[str, object], path: str) -> StoredBody:
    forbid_unknown(body, path, _OBJECT_MEMBERS)
    metadata = _texts(body, f"{path}.metadata", collect)
    tags = _texts(body, f"{path}.tags", collect_tags)
    expires_at = None
    if body.get("expires_at_us") is not None:
        expires_at = _whole(body, f"{path}.expires_at_us", 0, LAST_EXPIRY)
    content = _body(body, path)
    location = Location(
        text(member(body, f"{path}.bucket"), f"{path}.bucket"),
        text(member(body, f"{path}.key"), f"{path}.key"),
    )
    if "\0" in location.bucket + location.key:
        invalid(f"{path}.key", "it must not contain a NUL character")
    return StoredBody(
        location,
        ObjectInfo(
            size=len(content),
            created_at=_whole(body, f"{path}.created_at_us", 0, LAST_INSTANT),
            version=_whole(body, f"{path}.version", 0, LARGEST),
            expires_at=expires_at,
            metadata=metadata,
            tags=tags,
        ),
        content,
    )


def _texts(
    body: Mapping[str, object],
    path: str,
    collected: Callable[[Iterable[tuple[str, str]]], Mapping[str, str]],
) -> Mapping[str, str]:
    given = as_object(body.get(path.rpartition(".")[2], {}), path)
    found = collected(
        (name, text(value, f"{path}.{name}", may_be_empty=True)) for name, value in given.items()
    )
    if found.keys() != given.keys():
        invalid(path, "it has a name that the service does not keep")
    return found


def _whole(body: Mapping[str, object], path: str, least: int, most: int) -> int:
    number = whole_number(member(body, path), path)
    if not least <= number <= most:
        invalid(path, f"it must lie between {least} and {most}")
    return number


def _body(body: Mapping[str, object], path: str) -> bytes:
    if ("text" in body) == ("base64" in body):
        invalid(path, "it must have a body, either text or base64")
    form: Form = "text" if "text" in body else "base64"
    value = body[form]
    if not isinstance(value, BodyReader):
        lines = items(value, f"{path}.{form}")
        value = BodyReader(f"{path}.{form}", form)
        value.add(lines)
    return value.body()
