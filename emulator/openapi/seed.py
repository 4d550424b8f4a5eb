"""The schema of seed files."""

from __future__ import annotations

from emulator.auth.system_roles import OWNER, SYSTEM_ROLES, VIEWER
from emulator.core.instants import DURATION
from emulator.core.revisions import latest
from emulator.openapi.account_schemas import ACCOUNT_SCHEMAS
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    listed,
    nullable,
    one_of,
    pattern_of,
    record,
    standalone,
    text,
    texts,
)
from emulator.openapi.store_schemas import CLUSTER_SCHEMAS, KEY, NAME, store_members, store_schemas
from emulator.service.account.members import LONGEST_USER_NAME
from emulator.service.metadata import HEADER_NAME
from emulator.startup.seed_file import BODY_MEMBERS, SECTIONS

_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*([Zz]|[+-][0-9:]+)$"
"""A day, a time and an offset; the emulator checks the rest."""

_BASE64 = (
    r"^\s*(?:(?:[A-Za-z0-9+/]\s*){4})*"
    r"(?:(?:[A-Za-z0-9+/]\s*){2}=\s*=\s*|(?:[A-Za-z0-9+/]\s*){3}=\s*)?$"
)
"""Base64 with white space anywhere."""

_API_KEY = r"^(?:(?:[A-Za-z0-9_-]+\.){2}[A-Za-z0-9_-]+|[A-Za-z0-9+/]+={0,2})$"
"""A JWT, or base64 of an envelope."""

_PRINTABLE = r"^[^\u0000-\u001f\u007f-\u009f]*$"


def seed_document() -> Schema:
    """The schema of seed files, with what any revision of the API takes."""
    sections = {
        "clusters": _closed(CLUSTER_SCHEMAS["ClusterConfiguration"]),
        "stores": _store(),
        "roles": _role(),
        "api_keys": _api_key(),
        "members": _member(),
        "invitations": _member(),
        "objects": _object(),
    }
    assert tuple(sections) == SECTIONS
    schema = record(
        {},
        {name: nullable(listed(each)) for name, each in sections.items()},
        "What an emulator holds when it starts.",
        closed=True,
    )
    schema["type"] = ["object", "null"]
    members = schema["properties"]["members"]
    members["description"] = "at least one of them has the role owner"
    members["contains"] = {
        "properties": {"role": one_of([OWNER.role_id])},
        "required": ["role"],
    }
    return standalone("Seed file of the Momento Object Store emulator", schema, _schemas())


def _schemas() -> Schemas:
    return {**store_schemas(latest()), **CLUSTER_SCHEMAS, **ACCOUNT_SCHEMAS}


def _closed(schema: Schema) -> Schema:
    return {**schema, "additionalProperties": False}


def _store() -> Schema:
    required, later = store_members(latest())
    return record({"name": NAME}, {**required, **later}, closed=True)


def _role() -> Schema:
    role = _closed(ACCOUNT_SCHEMAS["RoleDefinition"])
    role_id = text("the same id at every start", minLength=1, **{"not": {"enum": [*SYSTEM_ROLES]}})
    return {**role, "properties": {"role_id": role_id, **role["properties"]}}


def _api_key() -> Schema:
    return record(
        {
            "role": text("the id or the name of a role", minLength=1),
            "api_key": text("a v2 or a v1 API key", pattern=_API_KEY),
        },
        {
            "description": text(),
            "expires_at": {
                "type": ["integer", "string", "null"],
                "pattern": _INSTANT,
                "description": "seconds since the Unix epoch, or as in 2030-01-01T00:00:00Z",
            },
        },
        closed=True,
    )


def _member() -> Schema:
    return record(
        {"user_name": text(minLength=1, maxLength=LONGEST_USER_NAME)},
        {"role": {**one_of(SYSTEM_ROLES), "default": VIEWER.role_id}},
        closed=True,
    )


def _object() -> Schema:
    bodies = {
        "file": text("a file beside the seed file", pattern=r"^[^\u0000]*$"),
        "text": text("the body itself"),
        "base64": text("the body in base64", pattern=_BASE64),
    }
    assert tuple(bodies) == BODY_MEMBERS
    schema = record(
        {"store": NAME, "key": KEY},
        {
            "metadata": {
                **texts(pattern=_PRINTABLE),
                "propertyNames": {"pattern": f"^(?:{HEADER_NAME.pattern})?$"},
            },
            "tags": texts("only in revisions that have tags"),
            "ttl_seconds": {
                "type": ["integer", "string", "null"],
                "minimum": 1,
                "pattern": pattern_of(DURATION),
                "description": "seconds, or as in 1h; without it, the object does not expire",
            },
            **bodies,
        },
        closed=True,
    )
    schema["oneOf"] = [{"required": [each]} for each in BODY_MEMBERS]
    return schema
