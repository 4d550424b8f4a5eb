"""The OpenAPI document of the service's HTTP API, as a revision has it (D160)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.auth.system_roles import OWNER, SYSTEM_ROLES
from emulator.core.headers import (
    ACTING_MEMBER,
    CORS,
    METADATA_PREFIX,
    PERSISTENCE,
    READ_CONCERN,
    REQUEST_ID,
    TAG_PREFIX,
)
from emulator.core.revisions import Feature, Revision, store_deletion_status
from emulator.core.routes import Resource, has_method, path_template
from emulator.openapi import examples
from emulator.openapi.account_schemas import ACCOUNT_SCHEMAS
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    one_of,
    ref,
    text,
    used_by,
    whole,
)
from emulator.openapi.responses import (
    BODY,
    ERROR_SCHEMAS,
    HEALTH_SCHEMAS,
    JSON,
    OVER_LIMIT,
    Document,
    document,
    error_response,
    response,
    without_body,
)
from emulator.openapi.service_operations import (
    ACCOUNT,
    AUTH,
    EMULATOR,
    OBJECTS,
    SERVICE_OPERATIONS,
    TAGS,
    ServiceOperation,
    Shape,
)
from emulator.openapi.store_schemas import CLUSTER_SCHEMAS, KEY, NAME, store_schemas
from emulator.service.account.pages import LARGEST_PAGE
from emulator.service.metadata import BLOCKED_NAMES, BLOCKED_PREFIXES
from emulator.service.persistence import DURABLE, EPHEMERAL, MAX_EPHEMERAL_SECONDS
from emulator.service.read_concern import READ_CONCERNS
from emulator.service.tags import MAX_KEY_CHARACTERS, MAX_TAGS, MAX_VALUE_CHARACTERS, RESERVED

_ANY_TYPE = "*/*"

_ITEMS: Mapping[Resource, str] = {
    Resource.API_KEY: "key_id",
    Resource.ROLE: "role_id",
    Resource.MEMBER: "user_name",
    Resource.INVITATION: "invitation_id",
}
"""What the last part of a path is called; the name of a cluster otherwise."""

_PATH: Mapping[str, tuple[Schema, Any, str]] = {
    "storeName": (NAME, examples.STORE_NAME, "The name of the store."),
    "key": (
        KEY,
        examples.KEY,
        "The key of the object. Slashes may be percent-encoded.",
    ),
    "name": (NAME, examples.CLUSTER_NAME, "The name of the cluster."),
    "key_id": (text(minLength=1), examples.KEY_INFO["key_id"], "The id of the API key."),
    "role_id": (text(minLength=1), examples.ROLE["role_id"], "The id of the role."),
    "user_name": (text(minLength=1), examples.MEMBER["user_name"], "The name of the member."),
    "invitation_id": (text(minLength=1), examples.INVITATION["id"], "The id of the invitation."),
}

_QUERY: Mapping[str, tuple[Schema, Any, str]] = {
    "ttl_seconds": (
        whole(minimum=1),
        examples.TTL_SECONDS,
        "Time to live in seconds. Without it, the object does not expire.",
    ),
    "limit": (
        whole(minimum=1, maximum=LARGEST_PAGE, default=LARGEST_PAGE),
        LARGEST_PAGE,
        "The most items of a page.",
    ),
    "next_token": (text(), None, "What the page before has as `next_token`."),
    "type": (one_of(("system", "custom")), "custom", "Only roles of this type."),
}

_HEADERS: Mapping[str, tuple[Feature | None, Schema, Any, str]] = {
    READ_CONCERN: (
        Feature.READ_CONCERN,
        {**one_of(READ_CONCERNS), "default": READ_CONCERNS[0]},
        READ_CONCERNS[0],
        "Which node of the cache is read.",
    ),
    f"{METADATA_PREFIX}content-type": (
        None,
        text(),
        "image/png",
        f"Any header `{METADATA_PREFIX}*` is metadata; this one is the answer's `Content-Type`.",
    ),
    f"{METADATA_PREFIX}cache-control": (None, text(), "max-age=86400", "Metadata, too."),
    PERSISTENCE: (
        Feature.EPHEMERAL_OBJECTS,
        {**one_of((DURABLE, EPHEMERAL)), "default": DURABLE},
        DURABLE,
        f"An ephemeral object is only in the cache, for at most {MAX_EPHEMERAL_SECONDS} seconds.",
    ),
    ACTING_MEMBER: (None, text(), None, "The member on whose behalf the request is made."),
}
"""The headers of requests, with the feature that adds each."""


def operations_of(revision: Revision) -> Iterator[ServiceOperation]:
    """The operations that the revision has."""
    for each in SERVICE_OPERATIONS:
        if has_method(revision, each.resource, each.method):
            yield each


def path_of(resource: Resource) -> str:
    """The path of a resource in the document."""
    names = {"store": "{storeName}", "key": "{key}", "item": f"{{{_ITEMS.get(resource, 'name')}}}"}
    return path_template(resource).format(**names)


def service_document(revision: Revision, endpoint: str) -> Document:
    """The document of the HTTP API that the revision has, at this endpoint."""
    schemas = _schemas(revision)
    paths: dict[str, Document] = {}
    for each in operations_of(revision):
        path = path_of(each.resource)
        methods = paths.setdefault(path, {})
        if not methods and (parameters := _path_parameters(path)):
            methods["parameters"] = parameters
        described = methods[each.method.lower()] = _operation(each, revision)
        if each.method == "GET":
            summary = f"{each.summary}: the answer's head alone"
            methods["head"] = without_body(described, f"{each.name}Head", summary)
    return document(
        _info(revision),
        [endpoint],
        paths,
        {
            "schemas": used_by(paths, schemas),
            **({"headers": headers} if (headers := _headers(revision)) else {}),
            "securitySchemes": {
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The API key or token itself, without a scheme.",
                }
            },
        },
        security=[{"apiKey": []}],
        tags=[{"name": name, "description": each} for name, each in TAGS.items()],
    )


def _info(revision: Revision) -> Document:
    return {
        "title": "Momento Object Store",
        "version": revision.date,
        "description": (
            f"The HTTP API of revision {revision.date}, as the emulator serves it. Descriptions "
            "name the statuses that the API's reference does not list for an operation. A fault "
            "rule can bring about others."
        ),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _schemas(revision: Revision) -> Schemas:
    return {
        **ERROR_SCHEMAS,
        **store_schemas(revision),
        **CLUSTER_SCHEMAS,
        **ACCOUNT_SCHEMAS,
        **HEALTH_SCHEMAS,
    }


def _path_parameters(path: str) -> list[Document]:
    return [
        _parameter(name, "path", *each, required=True)
        for name, each in _PATH.items()
        if f"{{{name}}}" in path
    ]


def _parameter(
    name: str, where: str, schema: Schema, example: Any, description: str, *, required: bool = False
) -> Document:
    shown = {} if example is None else {"example": example}
    return {
        "name": name,
        "in": where,
        "required": required,
        "description": description,
        "schema": schema,
        **shown,
    }


def _operation(each: ServiceOperation, revision: Revision) -> Document:
    described: Document = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
    }
    description = " ".join(_sentences(each, revision))
    if description:
        described["description"] = description
    if parameters := _parameters(each, revision):
        described["parameters"] = parameters
    if each.name == "PutObject":
        described["requestBody"] = {"content": {BODY: {"schema": _bytes()}}}
    elif each.body is not None:
        shape = _of_revision(each.body, revision)
        described["requestBody"] = {"required": True, "content": {JSON: _content(shape)}}
    described["responses"] = _responses(each, revision)
    if each.tag == EMULATOR or each.method == "OPTIONS":
        described["security"] = []
    return described


def parameters_of_put(revision: Revision) -> list[Document]:
    """The parameters of Put Object in the query and in headers."""
    (put,) = (each for each in SERVICE_OPERATIONS if each.name == "PutObject")
    return _parameters(put, revision)


def _parameters(each: ServiceOperation, revision: Revision) -> list[Document]:
    return [
        *(_parameter(name, "query", *_QUERY[name]) for name in each.query),
        *(
            _parameter(name, "header", *_HEADERS[name][1:])
            for name in each.headers
            if (feature := _HEADERS[name][0]) is None or revision.has(feature)
        ),
    ]


def _sentences(each: ServiceOperation, revision: Revision) -> Iterator[str]:
    if each.description:
        yield each.description
    if each.name == "PutObject":
        yield f"Each header `{METADATA_PREFIX}*` is stored as metadata, without this prefix."
        ignored = (*sorted(BLOCKED_NAMES), *(f"{prefix}*" for prefix in BLOCKED_PREFIXES))
        yield f"Metadata of these names is ignored: {_and([f'`{each}`' for each in ignored])}."
        if revision.has(Feature.TAGS):
            yield (
                f"Each header `{TAG_PREFIX}*` is an S3 object tag: at most {MAX_TAGS}, with keys "
                f"of 1 to {MAX_KEY_CHARACTERS} characters that do not begin with `{RESERVED}`, "
                f"and values of at most {MAX_VALUE_CHARACTERS}."
            )
    if each.access is not None:
        able = [
            role.role_name
            for role in SYSTEM_ROLES.values()
            if role.permissions.allows(each.access, examples.STORE_NAME, examples.KEY)
        ]
        yield (
            f"Needs the permission `{each.access.permission}` in a rule of type "
            f"`{each.access.resource}`; of the system roles, {_and(able)} may."
        )
    elif each.tag == ACCOUNT:
        yield f"Only the role {OWNER.role_name} may."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _responses(each: ServiceOperation, revision: Revision) -> Document:
    headers = _answer_headers(each, revision)
    found: Document = {}
    is_503 = revision.has(Feature.LIMITS) and not revision.has(Feature.OVER_LIMIT_429)
    for status, shape in each.answers.items():
        if each.name == "GetObject":
            found[str(status)] = _object_response(headers)
        elif each.name == "DeleteObjectStore":
            found[str(store_deletion_status(revision))] = response(200, "The store is deleted.")
        else:
            content = None if shape is None else _content(_of_revision(shape, revision))
            found[str(status)] = response(status, "", content, headers=headers)
    own = {
        *each.own,
        *((408,) if each.body or each.name == "PutObject" else ()),
        *((503,) if is_503 and each.tag == OBJECTS and each.documented else ()),
    }
    for status in sorted({*each.documented, *own}):
        found[str(status)] = error_response(
            status,
            with_code=each.tag in (AUTH, ACCOUNT),
            messages=_messages(each, status),
            # Nor can what is not even parsed be known to be for an object (D102).
            headers=_answer_headers(each, revision, required=False) if status == 400 else headers,
            note="Not in the reference." if status in own and each.documented else "",
        )
    return found


def _messages(each: ServiceOperation, status: int) -> tuple[str, ...]:
    if status == 404:
        return tuple(each.not_found)
    if status not in (429, 503) or each.tag != OBJECTS:
        return ()
    # The limits of bytes do not apply to what has no body.
    return OVER_LIMIT[:1] if each.method == "DELETE" else OVER_LIMIT


def _object_response(headers: Document) -> Document:
    found = response(200, "The object; its metadata are further headers.", headers=headers)
    found["content"] = {_ANY_TYPE: {"schema": _bytes()}}
    return found


def _answer_headers(
    each: ServiceOperation, revision: Revision, *, required: bool = True
) -> Document:
    """The headers of every answer of an operation on an object."""
    if each.tag != OBJECTS:
        return {}
    found = _headers(revision)
    if each.method == "OPTIONS":
        found.pop(REQUEST_ID, None)
    if required:
        return {name: {"$ref": f"#/components/headers/{name}"} for name in found}
    return {name: {**header, "required": False} for name, header in found.items()}


def _headers(revision: Revision) -> Document:
    headers: Document = {}
    if revision.has(Feature.REQUEST_ID):
        schema = text(format="uuid")
        headers[REQUEST_ID] = {"description": "a UUIDv7", "required": True, "schema": schema}
    if revision.has(Feature.CORS):
        headers |= {
            name: {"required": True, "schema": one_of([value])} for name, value in CORS.items()
        }
    return headers


def _of_revision(shape: Shape, revision: Revision) -> Shape:
    """The shape, with the members that the revision adds to a store in its examples."""
    if shape.schema not in ("Store", "StoreConfiguration"):
        return shape
    known = store_schemas(revision)[shape.schema]["properties"]
    later = {name: value for name, value in examples.LATER_STORE_MEMBERS.items() if name in known}
    return shape._replace(
        examples={name: {**each, **later} for name, each in shape.examples.items()}
    )


def _content(shape: Shape) -> Document:
    shown = {name: {"value": each} for name, each in shape.examples.items()}
    return {"schema": ref(shape.schema), **({"examples": shown} if shown else {})}


def _bytes() -> Schema:
    return {"type": "string", "format": "binary"}
