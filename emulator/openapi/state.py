"""The schema of an exported state, from the records that the account stores."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    LATER_STORE_FIELDS,
    LATER_TABLES,
    ROLE_NAMES,
    STORES,
    TABLES,
    Table,
)
from emulator.control.state_file import FORMAT, KIND, LARGEST, LAST_EXPIRY, LAST_INSTANT
from emulator.core.permission_set import PermissionSet
from emulator.openapi.account_schemas import ACCOUNT_SCHEMAS
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    flag,
    listed,
    nullable,
    one_of,
    record,
    ref,
    standalone,
    text,
    texts,
    whole,
)

_PRIVATE = {STORES.name: ("cache_namespace",)}
"""Fields that an export leaves out."""

_LATER = {STORES.name: tuple(LATER_STORE_FIELDS)}
"""Fields that an export may leave out."""


def state_schemas() -> Schemas:
    """The schema of an exported state, and those that it needs."""
    return {**ACCOUNT_SCHEMAS, "State": _state(), "StoredObject": _stored_object()}


def state_document() -> Schema:
    """The schema of files with an exported state."""
    title = "Exported state of the Momento Object Store emulator"
    return standalone(title, _state(), state_schemas())


def _state() -> Schema:
    clock = record(
        {
            "offset_us": whole(minimum=-LAST_INSTANT, maximum=LAST_INSTANT),
            "frozen_at_us": nullable(whole(minimum=0, maximum=LAST_INSTANT)),
        },
        closed=True,
    )
    tables = {each.name: _table(each) for each in TABLES if each is not ROLE_NAMES}
    later = {name: tables.pop(name) for name in sorted(LATER_TABLES)}
    return record(
        {
            "kind": one_of([KIND]),
            "format": whole(minimum=1, maximum=FORMAT),
            "clock": clock,
            "account": record(tables, later, closed=True),
            "objects": listed(ref("StoredObject")),
        },
        closed=True,
    )


def _table(table: Table[Any]) -> Schema:
    """The records of a table, by their ids."""
    if table is ACCOUNT:
        return record({ACCOUNT_ID: _record(table.record_type)}, closed=True)
    names = _PRIVATE.get(table.name, ()), _LATER.get(table.name, ())
    return {"type": "object", "additionalProperties": _record(table.record_type, *names)}


def _record(
    record_type: type[Any], private: tuple[str, ...] = (), later: tuple[str, ...] = ()
) -> Schema:
    hints = get_type_hints(record_type)
    members = {
        each.name: _value(hints[each.name])
        for each in fields(record_type)
        if each.name not in private
    }
    optional = {name: members.pop(name) for name in later}
    return record(members, optional, closed=True)


def _value(hint: Any) -> Schema:
    if hint is PermissionSet:
        return ref("PermissionSet")
    if is_dataclass(hint) and isinstance(hint, type):
        with_defaults = [each.name for each in fields(hint) if each.default is not MISSING]
        return _record(hint, later=tuple(with_defaults))
    if get_origin(hint) is tuple:
        return listed(_value(get_args(hint)[0]))
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (each for each in get_args(hint) if each is not type(None))
        return nullable(_value(inner))
    return {str: text(), int: whole(), bool: flag()}[hint]


def _stored_object() -> Schema:
    stored = record(
        {
            "bucket": text(minLength=1),
            "key": text(minLength=1),
            "created_at_us": whole(minimum=0, maximum=LAST_INSTANT),
            "version": whole(minimum=0, maximum=LARGEST),
        },
        {
            "expires_at_us": nullable(whole(minimum=0, maximum=LAST_EXPIRY)),
            "metadata": texts(),
            "tags": texts(),
            "text": listed(text(), "the lines of the body, each with its end"),
            "base64": listed(text(), "the lines of the body in base64"),
        },
        closed=True,
    )
    stored["oneOf"] = [{"required": [form]} for form in ("text", "base64")]
    return stored
