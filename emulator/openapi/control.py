"""The OpenAPI document of the control API, from the table of control operations (D161)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from emulator.control.operation import JSON, MEDIA_TYPES, ControlOperation, Member
from emulator.control.operations import OPERATIONS
from emulator.core.headers import CONTROL_TOKEN, HARMLESS, LAST_EVENT_ID
from emulator.core.revisions import Revision
from emulator.core.version import __version__
from emulator.openapi.control_schemas import (
    ANSWERS,
    BODIES,
    DESCRIPTIONS,
    MEMBERS,
    OPTIONAL_BODIES,
    OPTIONAL_MEMBERS,
    control_schemas,
)
from emulator.openapi.json_schema import (
    Schema,
    flag,
    number,
    one_of,
    record,
    text,
    used_by,
    whole,
)
from emulator.openapi.kinds import CONDITIONS, meaning_of, schema_of
from emulator.openapi.responses import (
    BODY,
    ERROR_SCHEMAS,
    Document,
    document,
    error_response,
    response,
    without_body,
)
from emulator.openapi.service import parameters_of_put

_TYPES: Mapping[type, Schema] = {
    str: text(),
    int: whole(),
    float: number(),
    bool: flag(),
    list: {"type": "array", "items": {}},
    dict: {"type": "object"},
}
"""The schemas of the types in the table."""

_TEXT: Document = {"schema": text()}

_ANY_TYPE, _EVENTS = "*/*", "text/event-stream"
"""The media types of an object, and of a stream of events."""

_HEADERS: Mapping[str, Document] = {
    _ANY_TYPE: {
        name: {"required": True, "schema": one_of([value])} for name, value in HARMLESS.items()
    },
    _EVENTS: {"Cache-Control": {"required": True, "schema": one_of(["no-store"])}},
}
"""The headers of answers of a media type."""

_OF_ANY = (400, 401, 403, 500)
"""The statuses of errors that every operation can have."""


def control_document(revision: Revision, endpoint: str) -> Document:
    """The document of the control API at this endpoint."""
    paths: dict[str, Document] = {}
    for each in OPERATIONS:
        methods = paths.setdefault(each.path.replace("*}", "}"), {})
        described = methods[each.method.lower()] = _operation(each, revision)
        if each.method == "GET":
            summary = f"{_sentence(each.help)}: the answer's head alone"
            methods["head"] = without_body(described, f"{each.name}.head", summary)
    return document(
        {
            "title": "Control API of the Momento Object Store emulator",
            "version": __version__,
            "description": (
                "What only an emulator has: its clock, faults, journal and state. It takes no API "
                "key. Where the emulator listens on loopback addresses alone, no token is needed. "
                f"This one serves revision {revision.date} of the service's API."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        [endpoint],
        paths,
        {
            "schemas": used_by(paths, {**ERROR_SCHEMAS, **control_schemas(revision)}),
            "securitySchemes": {
                "controlToken": {"type": "apiKey", "in": "header", "name": CONTROL_TOKEN}
            },
        },
        security=[{}, {"controlToken": []}],
        tags=[{"name": each} for each in dict.fromkeys(each.group for each in OPERATIONS)],
    )


def _operation(each: ControlOperation, revision: Revision) -> Document:
    described: Document = {
        "operationId": each.name,
        "tags": [each.group],
        "summary": _sentence(each.help),
    }
    if each.name in DESCRIPTIONS:
        described["description"] = DESCRIPTIONS[each.name]
    if each.body == "object":
        parameters = [*map(_parameter, each.of("path")), *parameters_of_put(revision)]
    else:
        parameters = [*map(_parameter, (*each.of("path"), *each.of("query")))]
    if not each.reads_body:
        parameters += [_query(name, CONDITIONS[name], meaning_of(name)) for name in each.conditions]
    if each.media_type == _EVENTS:
        goes_on = _query(LAST_EVENT_ID, whole(minimum=0), "the same as since, and stronger")
        parameters.append({**goes_on, "in": "header"})
    if each.forms:
        forms: Schema = {"type": "string", "enum": [JSON, *each.forms], "default": JSON}
        parameters.append(_query("format", forms, "the form of the answer"))
    if parameters:
        described["parameters"] = parameters
    if each.reads_body:
        described["requestBody"] = _body(each)
    statuses = sorted({*_OF_ANY, *each.errors, *_of_kind(each)})
    described["responses"] = {
        **{str(status): _success(each, status) for status in _successes(each)},
        **{str(status): error_response(status) for status in statuses},
    }
    return described


def _successes(each: ControlOperation) -> tuple[int, ...]:
    return (each.status,) if each.other_status is None else (each.status, each.other_status)


def _success(each: ControlOperation, status: int) -> Document:
    if status == HTTPStatus.NO_CONTENT:
        return response(status)
    if each.media_type != MEDIA_TYPES[JSON]:
        content = {"schema": text(format="binary")} if each.media_type == _ANY_TYPE else _TEXT
        headers = _HEADERS.get(each.media_type)
        return response(status, "", content, media_type=each.media_type, headers=headers)
    found = response(status, "", {"schema": _answer(each)})
    for form in each.forms:
        found["content"].setdefault(_plain(MEDIA_TYPES[form]), _TEXT)
    return found


def _of_kind(each: ControlOperation) -> tuple[int, ...]:
    """The statuses of errors that operations of this kind can have."""
    return (*((404,) if each.of("path") else ()), *((408,) if each.reads_body else ()))


def _parameter(member: Member) -> Document:
    found = _query(member.name, schema_of(member.kind), member.help)
    return {**found, "in": member.where, "required": member.required}


def _query(name: str, schema: Schema, description: str = "") -> Document:
    described = {"description": description} if description else {}
    return {"name": name, "in": "query", **described, "schema": schema}


def _body(each: ControlOperation) -> Document:
    if each.body == "object":
        return {"content": {BODY: {"schema": text(format="binary")}}}
    required = [member for member in each.of("body") if member.required]
    return {
        "required": bool(required) or each.name in {*BODIES} - OPTIONAL_BODIES,
        "content": {MEDIA_TYPES[JSON]: {"schema": _body_schema(each)}},
    }


def _body_schema(each: ControlOperation) -> Schema:
    if each.name in BODIES:
        return BODIES[each.name]
    members = {
        member.name: {**schema_of(member.kind), "description": member.help}
        for member in each.of("body")
    }
    required = {
        member.name: members.pop(member.name) for member in each.of("body") if member.required
    }
    conditions = {
        name: {**CONDITIONS[name], "description": meaning_of(name)} for name in each.conditions
    }
    return record(required, {**members, **conditions}, closed=each.body == "members")


def _answer(each: ControlOperation) -> Schema:
    if each.name in ANSWERS:
        schema = ANSWERS[each.name]
    else:
        richer = {**MEMBERS.get(each.group, {}), **MEMBERS.get(each.name, {})}
        schema = record(
            {name: richer.get(name, _TYPES[kind]) for name, kind in each.answer.items()},
            OPTIONAL_MEMBERS.get(each.name),
        )
    has_other_json = any(_plain(MEDIA_TYPES[form]) == MEDIA_TYPES[JSON] for form in each.forms)
    return {"anyOf": [schema, {"type": "object", "title": "HAR"}]} if has_other_json else schema


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0]


def _sentence(help_text: str) -> str:
    return help_text[0].upper() + help_text[1:]
