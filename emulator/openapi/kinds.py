"""Schemas of what control operations take: kinds of members, and conditions on calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_type_hints

from emulator.control.conditions import CallConditions, Flag, Instant, Number, Text
from emulator.control.operation import Kind
from emulator.control.tiers import TIERS
from emulator.core.instants import DURATION
from emulator.openapi.json_schema import (
    Schema,
    listed,
    number,
    one_of,
    pattern_of,
    ref,
    text,
    texts,
    whole,
)
from emulator.openapi.store_schemas import KEY, NAME

_INSTANT: Schema = {"oneOf": [number(), text(minLength=1)]}
_FLAG: Schema = {"oneOf": [{"type": "boolean"}, one_of(("true", "false"))]}

KINDS: Mapping[Kind, Schema] = {
    Kind.STORE: NAME,
    Kind.KEY: KEY,
    Kind.LOG_GROUP: text(minLength=1),
    Kind.CLUSTER: NAME,
    Kind.RULE: text(minLength=1, maxLength=64),
    Kind.CHECKPOINT: text(minLength=1),
    Kind.DOCUMENT: text(minLength=1),
    Kind.INSTANT: _INSTANT,
    Kind.INSTANT_TEXT: _INSTANT,
    Kind.DURATION: {"oneOf": [number(minimum=0), text(pattern=pattern_of(DURATION))]},
    Kind.TIER: one_of(TIERS),
    Kind.PATTERN: text(minLength=1),
    Kind.TEXT: text(),
    Kind.ANY_TEXT: text(),
    Kind.ID: text(minLength=1),
    Kind.KEY_ID: text(minLength=1),
    Kind.COUNT: whole(minimum=0),
    Kind.POSITIVE: whole(minimum=1),
    Kind.PROBABILITY: number(minimum=0, maximum=1),
    Kind.CONTENT: text(),
    Kind.TEXTS: texts(),
    Kind.OBJECT: {"type": "object"},
    Kind.FLAG: _FLAG,
    Kind.EFFECT: ref("Effect"),
    Kind.EFFECTS: listed(ref("Effect"), minItems=1),
}
"""The schemas of kinds of members."""

_OF_CONDITIONS: Mapping[object, Schema] = {
    Text: text(minLength=1),
    Number: {"oneOf": [number(), text("a number or, of a status, a class as in 4xx")]},
    Flag: _FLAG,
    Instant: _INSTANT,
}

CONDITIONS: Mapping[str, Schema] = {
    name: _OF_CONDITIONS[hint] for name, hint in get_type_hints(CallConditions).items()
}
"""The schema of each condition on calls."""

_PATTERN = "a pattern with * and ?"

_OF_FIELDS: Mapping[str, str] = {
    "status": "a status, or a class as in 4xx",
    "fault": f"the id of a fault rule that fired: {_PATTERN}",
    "hint": f"the id of a hint: {_PATTERN}",
    "request_header": "a header's name, or name: pattern",
    "response_header": "a header's name, or name: pattern",
    "since": "requests of this instant or later",
    "until": "requests before this instant",
}
_OF_BOUNDS: Mapping[str, str] = {"min_": "at least this", "max_": "at most this"}
_OF_TYPES: Mapping[object, str] = {
    Text: _PATTERN,
    Number: "exactly this number",
    Flag: "true or false",
}


def meaning_of(condition: str) -> str:
    """What a condition on calls takes."""
    if condition in _OF_FIELDS:
        return _OF_FIELDS[condition]
    hint = get_type_hints(CallConditions)[condition]
    return _OF_BOUNDS.get(condition[:4], _OF_TYPES[hint])


def schema_of(kind: Kind) -> Schema:
    """The schema of a kind; anything, of one that the table does not have."""
    return KINDS.get(kind, {})
