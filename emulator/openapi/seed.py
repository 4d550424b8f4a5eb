"""The schema of seed files."""

from __future__ import annotations

from emulator.auth.system_roles import OWNER, SYSTEM_ROLES, VIEWER
from emulator.core.revisions import latest
from emulator.openapi.account_schemas import ACCOUNT_SCHEMAS
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    listed,
    one_of,
    record,
    standalone,
    text,
    texts,
    whole,
)
from emulator.openapi.store_schemas import CLUSTER_SCHEMAS, NAME, store_members, store_schemas
from emulator.service.account.members import LONGEST_USER_NAME
from emulator.service.names import MAX_KEY_BYTES
from emulator.startup.seed_file import BODY_MEMBERS, SECTIONS

_EMPTY: Schema = {"type": "null"}


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
        {name: {"anyOf": [listed(each), _EMPTY]} for name, each in sections.items()},
        "What an emulator holds when it starts.",
        closed=True,
    )
    schema["type"] = ["object", "null"]
    schema["properties"]["members"]["anyOf"][0]["contains"] = {
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
    return record({"name": NAME, **required}, later, closed=True)


def _role() -> Schema:
    role = _closed(ACCOUNT_SCHEMAS["RoleDefinition"])
    role_id = text("the same id at every start", minLength=1, **{"not": {"enum": [*SYSTEM_ROLES]}})
    return {**role, "properties": {"role_id": role_id, **role["properties"]}}


def _api_key() -> Schema:
    return record(
        {
            "role": text("the id or the name of a role", minLength=1),
            "api_key": text("a v2 or a v1 API key"),
        },
        {
            "description": text(),
            "expires_at": {
                "type": ["integer", "string", "null"],
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
        "file": text("a file beside the seed file"),
        "text": text("the body itself"),
        "base64": text("the body in base64"),
    }
    assert tuple(bodies) == BODY_MEMBERS
    schema = record(
        {"store": NAME, "key": text(minLength=1, maxLength=MAX_KEY_BYTES)},
        {
            "metadata": texts(),
            "tags": texts("only in revisions that have tags"),
            "ttl_seconds": {
                "anyOf": [whole(minimum=1), text("as in 1h"), _EMPTY],
                "description": "time to live; without it, the object does not expire",
            },
            **bodies,
        },
        closed=True,
    )
    schema["oneOf"] = [{"required": [each]} for each in BODY_MEMBERS]
    return schema
