"""The operations of ``docs/control-api.md``, from the OpenAPI document of the control API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from emulator.control.conditions import CallConditions
from emulator.control.operations import OPERATIONS
from emulator.core.revisions import latest
from emulator.openapi.documents import ENDPOINT, document

CONDITIONS = frozenset(CallConditions.__annotations__)
"""Parameters that every operation on calls has; one sentence stands for all of them."""

_ERRORS = 400
"""The lowest status of an error."""

_MANY = 6
"""From this number on, members are listed once in a group."""

_REFERENCE = "#/components/schemas/"

_ROWS = {each.name: each for each in OPERATIONS}


@cache
def openapi() -> Mapping[str, Any]:
    """The document, of the revision that has the most operations."""
    return document("control.json", latest(), ENDPOINT)


def groups() -> list[str]:
    """The names of the groups of operations."""
    return [each["name"] for each in openapi()["tags"]]


def operations_of_group(names: Sequence[str]) -> Iterator[str]:
    """The lines that describe each operation of these groups."""
    told: dict[tuple[str, ...], str] = {}
    for path, methods in openapi()["paths"].items():
        for method, each in methods.items():
            if method != "head" and each["tags"][0] in names:
                request = f"`{method.upper()} {path}`"
                yield from ("", f"### {request}", "", _sentences(each))
                yield from _takes(each)
                yield from ("", _answers(each["responses"], request, told))


def _sentences(described: Mapping[str, Any]) -> str:
    row = _ROWS[described["operationId"]]
    found = [described["summary"], described.get("description", "")]
    if row.has_command:
        found.append(f"In a shell: `{row.group} {row.action}`.")
    return " ".join(f"{each.rstrip('.')}." for each in found if each)


def _takes(described: Mapping[str, Any]) -> Iterator[str]:
    """The table of what the operation takes, and a sentence for all of the journal's conditions."""
    helps = {member.name: member.help for member in _ROWS[described["operationId"]].members}
    every = [*_parameters(described), *_body(described)]
    conditions = [each for each in every if each.name in CONDITIONS]
    takes_conditions = {each.name for each in conditions} == CONDITIONS
    taken = [each for each in every if not (takes_conditions and each in conditions)]
    if taken:
        yield from ("", "| | in | |", "|---|---|---|")
        for each in taken:
            yield f"| `{each.name}` | {each.where} | {each.text or helps.get(each.name, '')} |"
    if takes_conditions:
        where = conditions[0].where
        yield from ("", f"In the {where} also the conditions of the [journal](testing.md#journal).")


class _Taken(NamedTuple):
    """What an operation takes: a parameter, or a member of its body."""

    name: str
    where: str
    text: str


def _parameters(described: Mapping[str, Any]) -> Iterator[_Taken]:
    for each in described.get("parameters", ()):
        is_required = each.get("required", False) and each["in"] != "path"
        text = _text(each, each["schema"], is_required=is_required)
        yield _Taken(each["name"], each["in"], text)


def _body(described: Mapping[str, Any]) -> Iterator[_Taken]:
    content = described.get("requestBody", {}).get("content", {})
    for each in content.values():
        schema = _resolved(each["schema"])
        required = schema.get("required", ())
        for name, member in schema.get("properties", {}).items():
            yield _Taken(name, "body", _text(member, member, is_required=name in required))


def _text(described: Mapping[str, Any], schema: Mapping[str, Any], *, is_required: bool) -> str:
    """What stands in the table: the description, the words to choose from, whether it must be."""
    text = described.get("description") or _resolved(schema).get("description", "")
    words = ", ".join(f"`{word}`" for word in schema.get("enum", ()))
    required = "required" if is_required else ""
    return "; ".join(filter(None, [_escaped(text.rstrip(".")), words, required]))


def _escaped(text: str) -> str:
    """The text without signs that Markdown would read; those between backticks are code already."""
    pieces = text.split("`")
    pieces[::2] = [re.sub(r"[*|]", r"\\\g<0>", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def _answers(responses: Mapping[str, Any], request: str, told: dict[tuple[str, ...], str]) -> str:
    """What the operation answers.

    Args:
        responses: by status.
        request: the method and the path, for operations below it with the same members.
        told: the request above that has the same members, by these; it gets those of this one.
    """
    successes = [status for status in responses if int(status) < _ERRORS]
    members = tuple(_members(responses[successes[0]].get("content", {})))
    having = f" with {_listed(members)}" if members else ""
    if members in told:
        having = f" with the members of {told[members]}"
    elif len(members) >= _MANY:
        told[members] = request
    errors = [status for status in responses if int(status) >= _ERRORS and status not in _usual()]
    failing = f" Errors beside the usual: {', '.join(errors)}." if errors else ""
    return f"Answers {' or '.join(successes)}{having}.{failing}"


def _members(content: Mapping[str, Any]) -> list[str]:
    schema = _resolved(content.get("application/json", {}).get("schema", {}))
    return [*schema.get("properties", {})]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference names, or the first of several forms."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        found: Mapping[str, Any] = openapi()["components"]["schemas"][name]
        return _resolved(found)
    return _resolved(schema["anyOf"][0]) if "anyOf" in schema else schema


@cache
def _usual() -> frozenset[str]:
    """The statuses of errors that any operation can have, or any that reads a body (408)."""
    every = [each["responses"] for path in openapi()["paths"].values() for each in path.values()]
    return frozenset({"408"}.union(set(every[0]).intersection(*every)))
