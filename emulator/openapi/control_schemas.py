"""Schemas of answers of the control API, where more is known than the types of their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_type_hints

from emulator.control.conditions import EntryConditions, MetricDimensions
from emulator.control.hints.table import IDS
from emulator.control.tiers import TIERS
from emulator.core.outcome import Outcome
from emulator.core.revisions import Revision
from emulator.openapi.fault_rules import effect_schemas, rule_schema
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    flag,
    listed,
    nullable,
    number,
    one_of,
    patch_of,
    record,
    ref,
    text,
    texts,
    whole,
)
from emulator.openapi.responses import HEALTH_SCHEMAS
from emulator.openapi.state import state_schemas
from emulator.openapi.store_schemas import CLUSTER_SCHEMAS, store_schemas

_INSTANT = text("in ISO 8601", format="date-time")
_COUNTS = record({"hits": whole(), "expired": whole(), "misses": whole()})
_HEADERS = listed(listed(text(), minItems=2, maxItems=2), "names and values")
_MILLISECONDS = nullable(number())

_HINT = record(
    {
        "id": one_of(IDS),
        "text": text("one sentence"),
        "link": text("where the documentation describes it"),
    }
)

_CALL = record(
    {
        "number": whole("counts from 1 since the journal was last cleared", minimum=1),
        "time": _INSTANT,
        "operation": nullable(text("None of the service's if null")),
        "method": text(),
        "target": text("the path and query as they were sent"),
        "store": text(),
        "key": text(),
        "key_id": nullable(text()),
        "role": nullable(text()),
        "role_name": nullable(text()),
        "address": nullable(text()),
        "status": nullable(whole()),
        "outcome": nullable(one_of(map(str, Outcome))),
        "message": nullable(text("what an error says")),
        "complete": flag("whether the answer was sent to its end"),
        "running": flag(),
        "request_size": whole(),
        "response_size": whole(),
        "object_age_ms": _MILLISECONDS,
        "first_byte_ms": _MILLISECONDS,
        "duration_ms": _MILLISECONDS,
        "faults": listed(text(), "the ids of the fault rules that fired"),
        "hints": listed(ref("Hint"), "what the request leans on that nobody promised"),
        "request_headers": _HEADERS,
        "request_headers_cut": whole("bytes of headers that are not kept"),
        "response_headers": _HEADERS,
    }
)

_TYPES: Mapping[object, Schema] = {str: text(), int: whole(), int | str: {}}


def _placed_entry() -> Schema:
    entry = record(
        {
            "size": whole(),
            "created_at": _INSTANT,
            "expires_at": nullable(_INSTANT),
            "version": whole(),
            "metadata": texts(),
        },
        {"tags": texts(), "ephemeral": flag()},
    )
    return nullable(entry)


def _fault_rule() -> Schema:
    """A rule as an answer has it: with its id, and how often it has matched and fired."""
    members = dict(rule_schema()["properties"])
    known = {
        "id": members.pop("id"),
        "enabled": flag("a rule that is not enabled matches nothing"),
        "matched": whole(),
        "fired": whole(),
    }
    del members["enabled"]
    return record(known, members)


def _entry() -> Schema:
    return record(
        {}, {name: _TYPES[each] for name, each in get_type_hints(EntryConditions).items()}
    )


_RECENT = record(
    {
        "seconds": whole("of real time"),
        "requests": whole("that have begun and ended in it"),
        "errors": whole("5xx, 429 and those cut off"),
        "by_status": {
            "type": "object",
            "description": "by class, as in 2xx",
            "additionalProperties": whole(),
        },
        "p50_ms": _MILLISECONDS,
        "p99_ms": _MILLISECONDS,
    }
)
_OVERVIEW = record(
    {
        "endpoint": text(),
        "version": text("the emulator's"),
        "revision": text("of the service's API"),
        "uptime_seconds": number("of real time"),
        "clock": record({"now": _INSTANT, "epoch_seconds": number(), "frozen": flag()}),
        "tiers": record({name: ref("TierHealth") for name in ("cache", "storage", "account")}),
        "limits": flag("whether the limits of stores are enforced"),
        "requests": whole("since the journal was last cleared"),
        "dropped": whole("requests that the journal no longer has"),
        "recent": _RECENT,
        "counts": record(dict.fromkeys(TIERS, _COUNTS)),
        "keys": listed(
            record(
                {
                    "role": text(),
                    "name": text(),
                    "api_key": nullable(text("null if only its digest is stored")),
                }
            )
        ),
        "environment": texts("variables of a client's environment"),
        "features": listed(text(), "what the revision has"),
    },
    {"tls_endpoint": text()},
)


def control_schemas(revision: Revision) -> Schemas:
    """The schemas of the control API by name, stores as the revision has them."""
    of_stores = store_schemas(revision)
    change = patch_of(ref("StoreConfiguration"), of_stores)
    return {**_SCHEMAS, **of_stores, "StoreChange": change}


_SCHEMAS: Schemas = {
    **state_schemas(),
    **HEALTH_SCHEMAS,
    **CLUSTER_SCHEMAS,
    **effect_schemas(),
    "Call": _CALL,
    "Hint": _HINT,
    "Overview": _OVERVIEW,
    "FaultRule": _fault_rule(),
    "NewFaultRule": rule_schema(),
    "Checkpoint": record({"name": text(), "made_at": _INSTANT}),
    "PlacedObject": record({"key": text(), **{tier: _placed_entry() for tier in TIERS}}),
    "LogGroup": record({"log_group": text(), "count": whole(), "dropped": whole()}),
    "LogEntry": _entry(),
    "Metric": record(
        {
            "name": text(),
            "unit": text(),
            "dimensions": {
                "type": "object",
                "description": f"of {', '.join(MetricDimensions.__annotations__)}",
                "additionalProperties": {"type": "string"},
            },
            "sample_count": whole(),
            "sum": number(),
            "minimum": number(),
            "maximum": number(),
        }
    ),
}
"""The schemas that every revision shares."""

ANSWERS: Mapping[str, Schema] = {
    "overview.show": ref("Overview"),
    "faults.add": ref("FaultRule"),
    "faults.describe": ref("FaultRule"),
    "faults.disable": ref("FaultRule"),
    "faults.enable": ref("FaultRule"),
    "faults.remove": ref("FaultRule"),
    "keys.create": ref("NewApiKey"),
    "members.accept": ref("Member"),
    "members.change": ref("Member"),
    "invitations.create": ref("Invitation"),
    "journal.describe": ref("Call"),
    "tiers.show": ref("PlacedObject"),
    "state.checkpoint": ref("Checkpoint"),
    "state.restore": ref("Checkpoint"),
    "state.describe": ref("Checkpoint"),
    "state.drop": ref("Checkpoint"),
    "state.export": ref("State"),
    "openapi.show": {"type": "object", "description": "an OpenAPI document, or a JSON Schema"},
    **{f"stores.{action}": ref("Store") for action in ("create", "show", "update")},
    "clusters.create": ref("Cluster"),
    "clusters.show": ref("Cluster"),
}
"""The whole answers of operations."""

BODIES: Mapping[str, Schema] = {
    "faults.add": ref("NewFaultRule"),
    "state.import": ref("State"),
    "stores.create": ref("StoreChange"),
    "stores.update": ref("StoreChange"),
}
"""The documents that operations take."""

OPTIONAL_BODIES = frozenset({"stores.create", "stores.update"})
"""Operations whose document may be left out."""

DESCRIPTIONS: Mapping[str, str] = {
    "events.follow": (
        "Events are `call`, whose data is a call of the journal and whose id is its number; "
        "`log` with `log_group` and `entry`; `dropped` with the `count` of what the journal no "
        "longer has, and the `log_group` if those are entries; and `cleared`, where `journal` says "
        "whether numbers begin again. The stream ends when the emulator does."
    ),
    "bodies.get": "The object's metadata are further headers, except what a browser would act on.",
    "bodies.put": "Headers, query and errors are those of Put Object.",
    "stores.create": (
        "Members that are left out are those of the store, or of a new one that works. Null "
        "removes a member."
    ),
    "stores.update": "A JSON Merge Patch (RFC 7396): null removes a member.",
}
"""What is to be said of operations beyond their summary."""

OPTIONAL_MEMBERS: Mapping[str, Mapping[str, Schema]] = {
    "tiers.list": {
        "prefixes": listed(text(), "folders; only with delimiter"),
        "next": nullable(text("the after of the next page; only with limit")),
        "count": whole("of the keys that match on all pages; only with limit"),
    },
}
"""Members that only some answers of an operation have."""

MEMBERS: Mapping[str, Mapping[str, Schema]] = {
    "clock": {"now": _INSTANT},
    "faults.list": {"faults": listed(ref("FaultRule"))},
    "journal.show": {"calls": listed(ref("Call"))},
    "logs.list": {"log_groups": listed(ref("LogGroup"))},
    "logs.show": {"entries": listed(ref("LogEntry"))},
    "metrics.show": {"metrics": listed(ref("Metric"))},
    "state.checkpoints": {"checkpoints": listed(ref("Checkpoint"))},
    "tiers.list": {"objects": listed(ref("PlacedObject"))},
    "tiers.counts": dict.fromkeys(TIERS, _COUNTS),
    "keys.list": {"keys": listed(ref("ApiKeyInfo"))},
    "roles.list": {"roles": listed(ref("Role"))},
    "members.list": {"members": listed(ref("Member"))},
    "invitations.list": {"invitations": listed(ref("Invitation"))},
    "stores.list": {"stores": listed(ref("Store"))},
    "clusters.list": {"clusters": listed(ref("Cluster"))},
}
"""Members of the answers of an operation, or of all operations of a group."""
