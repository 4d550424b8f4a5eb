"""Schemas of fault rules and their effects, from the tables of control."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from emulator.control.fault_effects import ANSWERS, EFFECTS, FASTEST_BYTES_PER_SECOND, parse_effect
from emulator.control.fault_members import (
    LATENCY_MEMBERS,
    LONGEST_SECONDS,
    OF_DISTRIBUTION,
    PORTION_MEMBERS,
)
from emulator.control.operation import Kind
from emulator.control.operations import BY_NAME
from emulator.core.errors import BadRequestError
from emulator.core.instants import DURATION
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    flag,
    number,
    one_of,
    pattern_of,
    record,
    ref,
    standalone,
    text,
    whole,
)
from emulator.openapi.kinds import KINDS, schema_of

_SECONDS: Schema = {
    "oneOf": [
        number(minimum=0, maximum=LONGEST_SECONDS),
        text("as in 250ms", pattern=pattern_of(DURATION)),
    ]
}

_MEMBERS: Mapping[str, Schema] = {
    "status": {"type": "integer", "enum": [*ANSWERS]},
    "message": text("the text of the error", minLength=1, maxLength=1024),
    "after_work": flag("act when the operation is done, not instead of it"),
    "before": one_of(("answer", "first_byte")),
    "distribution": one_of(OF_DISTRIBUTION),
    **dict.fromkeys(("seconds", "min_seconds", "max_seconds", "median_seconds"), _SECONDS),
    "sigma": number("the standard deviation of the logarithm", minimum=0, maximum=10),
    "where": one_of(("before_answer", "answer_body", "request_body")),
    "after_bytes": whole(minimum=0),
    "after_fraction": number(minimum=0, maximum=1),
    "reset": flag("send RST"),
    "announce": one_of(("whole", "part"), "what Content-Length says"),
    "bytes_per_second": number(exclusiveMinimum=0, maximum=FASTEST_BYTES_PER_SECOND),
    "store": KINDS[Kind.PATTERN],
    "key": KINDS[Kind.PATTERN],
}
"""The members of effects."""

_REQUIRED = {"status": ("status",), "trickle": ("bytes_per_second",)}
"""The members that a type of effect requires, beside those of a latency."""


def effect_name(type_name: str) -> str:
    """The name of the schema of a type of effect."""
    return f"{''.join(map(str.capitalize, type_name.split('_')))}Effect"


def _effect(type_name: str) -> Schema:
    members = EFFECTS[type_name].members
    schema = record(
        {"type": one_of([type_name]), **{each: _MEMBERS[each] for each in _required(type_name)}},
        {each: _MEMBERS[each] for each in members if each not in _required(type_name)},
        closed=True,
    )
    if {*LATENCY_MEMBERS} <= {*members}:
        schema["oneOf"] = [_latency(distribution) for distribution in OF_DISTRIBUTION]
    elif {*PORTION_MEMBERS} <= {*members}:
        schema["not"] = {"required": [*PORTION_MEMBERS]}
    return schema


def _required(type_name: str) -> tuple[str, ...]:
    return _REQUIRED.get(type_name, ())


def _latency(distribution: str) -> Schema:
    """What the members of a latency have to be with this distribution, the first by default."""
    names = OF_DISTRIBUTION[distribution]
    others = {name for name in LATENCY_MEMBERS[1:] if name not in names}
    is_default = distribution == next(iter(OF_DISTRIBUTION))
    return {
        "title": f"a {distribution} latency",
        "properties": {
            "distribution": one_of([distribution]),
            **{name: {"not": {}} for name in sorted(others)},
        },
        "required": sorted({*names, *(() if is_default else ("distribution",))}),
    }


def _is_enough(type_name: str) -> bool:
    """Whether an effect may be given as the name of its type."""
    try:
        parse_effect(type_name, "effect")
    except BadRequestError:
        return False
    return True


@lru_cache(maxsize=1)
def effect_schemas() -> Schemas:
    """The schemas of effects, by name."""
    names = one_of(filter(_is_enough, EFFECTS), "the name of a type that requires no member")
    return {
        **{effect_name(each): _effect(each) for each in EFFECTS},
        "Effect": {"oneOf": [names, *(ref(effect_name(each)) for each in EFFECTS)]},
    }


def rule_schema() -> Schema:
    """The schema of a fault rule, as a request adds it."""
    members = {
        each.name: {**schema_of(each.kind), "description": each.help}
        for each in BY_NAME["faults.add"].of("body")
    }
    # A table's kind of a number is what commands take; a rule takes any.
    members["seed"] = {**whole(), "description": members["seed"]["description"]}
    rule = record({}, members, "Effects, and the operations that they act on.", closed=True)
    rule["oneOf"] = [{"required": [name]} for name in ("effect", "effects")]
    return rule


def rule_document() -> Schema:
    """The schema of files with a fault rule."""
    return standalone(
        "Fault rule of the Momento Object Store emulator", rule_schema(), effect_schemas()
    )
