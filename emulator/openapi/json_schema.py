"""Build JSON Schemas (draft 2020-12, that of OpenAPI 3.1), and collect those that one refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
"""A JSON Schema, as JSON values."""

Schemas = Mapping[str, Schema]
"""Named schemas, which refer to each other with ``ref``."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_COMPONENTS = "#/components/schemas/"
_DEFINITIONS = "#/$defs/"


def ref(name: str) -> Schema:
    """A reference to a named schema."""
    return {"$ref": f"{_COMPONENTS}{name}"}


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return _with({"type": "string", **more}, description)


def texts(description: str = "", **more: Any) -> Schema:
    """An object with any names, whose values are texts."""
    return _with({"type": "object", "additionalProperties": text(**more)}, description)


def one_of(choices: Iterable[str], description: str = "") -> Schema:
    """A text that is one of the choices."""
    return text(description, enum=[*choices])


def whole(description: str = "", **more: Any) -> Schema:
    """A whole number, which may be larger than 32 bits."""
    return _with({"type": "integer", "format": "int64", **more}, description)


def number(description: str = "", **more: Any) -> Schema:
    """A number."""
    return _with({"type": "number", **more}, description)


def flag(description: str = "") -> Schema:
    """True or false."""
    return _with({"type": "boolean"}, description)


def listed(items: Schema, description: str = "", **more: Any) -> Schema:
    """A list of items."""
    return _with({"type": "array", "items": items, **more}, description)


def record(
    required: Mapping[str, Schema],
    optional: Mapping[str, Schema] | None = None,
    description: str = "",
    *,
    closed: bool = False,
) -> Schema:
    """An object with these members; with ``closed``, no others are allowed."""
    schema: Schema = {"type": "object", "properties": {**required, **(optional or {})}}
    if required:
        schema["required"] = [*required]
    if closed:
        schema["additionalProperties"] = False
    return _with(schema, description)


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def patch_of(schema: Schema, schemas: Schemas) -> Schema:
    """What changes a value of the schema as a JSON Merge Patch: null removes a member."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_COMPONENTS)]
    if schema.get("type") != "object":
        return {name: value for name, value in schema.items() if name != "default"}
    members = schema["properties"].items()
    return record({}, {name: nullable(patch_of(each, schemas)) for name, each in members})


def pattern_of(expression: re.Pattern[str]) -> str:
    """The pattern of a text that the expression matches as a whole."""
    return f"^(?:{expression.pattern})$"


def used_by(value: object, schemas: Schemas) -> dict[str, Schema]:
    """The named schemas that ``value`` refers to, also through others, sorted by name."""
    found: dict[str, Schema] = {}
    waiting = [*_references(value)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += _references(schemas[name])
    return dict(sorted(found.items()))


def standalone(title: str, schema: Schema, schemas: Schemas) -> Schema:
    """The schema as a document of its own, with the definitions that it needs."""
    definitions = used_by(schema, schemas)
    whole_document = {"$schema": DIALECT, "title": title, **schema}
    if definitions:
        whole_document["$defs"] = definitions
    moved: Schema = _moved(whole_document)
    return moved


def _with(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description} if description else schema


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name == "$ref" and isinstance(each, str) and each.startswith(_COMPONENTS):
                yield each[len(_COMPONENTS) :]
            else:
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _moved(value: Any) -> Any:
    if isinstance(value, Mapping):
        moved = {
            name: each.replace(_COMPONENTS, _DEFINITIONS) if name == "$ref" else _moved(each)
            for name, each in value.items()
        }
        if isinstance(value.get("pattern"), str) and isinstance(value.get("description"), str):
            # Editors say this instead of the expression.
            moved["patternErrorMessage"] = f"It has to be: {value['description']}"
        return moved
    return [_moved(each) for each in value] if isinstance(value, list) else value
