"""The operations of a revision's OpenAPI document, without what only the emulator promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from emulator.core.revisions import REVISIONS
from emulator.openapi.documents import ENDPOINT, document
from emulator.openapi.json_schema import Schema
from emulator.openapi.responses import JSON, Document

OBJECTS, STORES, CLUSTERS, AUTH = (
    "Objects",
    "Object stores",
    "Valkey clusters",
    "API keys and roles",
)
_GROUPS = (OBJECTS, STORES, CLUSTERS, AUTH)
"""What the service has, too: the other tags of the document are of an emulator alone."""

CREATE_CLUSTER = "CreateValkeyCluster"

_METHODS = ("get", "put", "post", "delete", "options")
"""All but HEAD, of which no document speaks."""

_DECIDED = ("pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems")
"""Bounds of values. The reference gives types, members and choices; these are the emulator's."""

_OPEN = {"Cluster": ("status",), "Role": ("permissions",)}
"""Members whose values the reference does not list, or not in which form."""


class Parameter(NamedTuple):
    """A parameter in the query or in a header."""

    name: str
    place: str
    schema: Schema


class Response(NamedTuple):
    """What is promised of an answer."""

    headers: Mapping[str, Schema]
    """Those that it must have."""
    media_type: str
    """Empty where nothing is said of a body."""
    schema: Schema


class Operation(NamedTuple):
    """One operation."""

    name: str
    group: str
    method: str
    path: str
    """A template, as ``/objectstore/{storeName}``."""
    parameters: tuple[Parameter, ...]
    body: Schema | None
    """Of the JSON document that it takes."""
    promised: Schema
    """The same without what the reference does not state."""
    responses: Mapping[int, Response]

    @property
    def successes(self) -> frozenset[int]:
        return frozenset(status for status in self.responses if status < 300)


@cache
def operations(date: str) -> Mapping[str, Operation]:
    """Return the operations of the revision, by name."""
    found = document("service.json", REVISIONS[date], ENDPOINT)
    return {each.name: each for each in _operations(found)}


def revisions_of() -> Mapping[str, tuple[str, ...]]:
    """Return the name of every operation, with the revisions that have it."""
    names = dict.fromkeys(name for date in REVISIONS for name in operations(date))
    return {name: tuple(each for each in REVISIONS if name in operations(each)) for name in names}


def _operations(found: Document) -> Iterator[Operation]:
    for path, item in found["paths"].items():
        for method in _METHODS:
            described = item.get(method)
            if described is None or described["tags"][0] not in _GROUPS:
                continue
            taken = described.get("requestBody", {}).get("content", {}).get(JSON)
            yield Operation(
                described["operationId"],
                described["tags"][0],
                method.upper(),
                path,
                tuple(
                    Parameter(each["name"], each["in"], _resolved(each["schema"], found))
                    for each in described.get("parameters", ())
                ),
                None if taken is None else _resolved(taken["schema"], found),
                {} if taken is None else _promised(taken["schema"], found),
                {
                    int(status): _response(each, found)
                    for status, each in described["responses"].items()
                },
            )


def _response(described: Document, found: Document) -> Response:
    headers = {
        name: _resolved(given, found) for name, given in described.get("headers", {}).items()
    }
    contents: Document = described.get("content", {"": {}})
    ((media_type, content),) = contents.items()
    return Response(
        {name: each["schema"] for name, each in headers.items() if each.get("required")},
        media_type,
        _promised(content.get("schema", {}), found),
    )


def _promised(schema: Schema, found: Document) -> Schema:
    resolved: Schema = _without_decided(_resolved(schema, found, opened=_OPEN))
    return resolved


def _resolved(value: Any, found: Document, opened: Mapping[str, Sequence[str]] = {}) -> Any:
    """The value with what its references refer to; members that are ``opened`` take anything."""
    if isinstance(value, list):
        return [_resolved(each, found, opened) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" not in value:
        return {name: _resolved(each, found, opened) for name, each in value.items()}
    *parts, name = value["$ref"].removeprefix("#/").split("/")
    place: Any = found
    for part in (*parts, name):
        place = place[part]
    referred = _resolved(place, found, opened)
    for member in opened.get(name, ()):
        referred["properties"][member] = {}
    return referred


def _without_decided(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_decided(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_decided(each)
        for name, each in value.items()
        if name not in _DECIDED or isinstance(each, dict)
    }
