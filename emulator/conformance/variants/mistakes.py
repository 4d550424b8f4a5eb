"""Exactly one mistake in a valid request, with the statuses that the contract allows for it.

A change that the reference neither promises to accept nor to refuse is here as well: it may be
answered with a success, or as what is wrong.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any

from jsonschema import Draft202012Validator

from emulator.openapi.json_schema import Schema

from .operations import CREATE_CLUSTER, OBJECTS
from .request import SPARE, UNKNOWN_KEY, Request
from .scene import UNKNOWN, Scene

Mistakes = Mapping[str, list[Request]]
"""Requests by what is wrong with them."""

_BAD = frozenset({400})
_REFUSED = frozenset({400, 404})
_NOT_FOUND = frozenset({404})

_VALUES: tuple[Any, ...] = ("word", 5, 1.5, True, None, [], {})
"""A value of every type."""

_NO_RANGES = ("10.0.0.1", "10.0.0.0/33", "word")

_SELECTORS = ("caches", "databases", "functions", "items", "resources", "stores", "topics")
"""Members of rules of which the reference does not say what happens without them."""

_ODD_KEYS = (
    "%20",
    "%C3%A9%F0%9F%98%80",
    "a//b",
    "a%2Fb",
    "%2E%2E/a",
    "a/%2E/b",
    "%25",
    "a%00b",
    "~!$&'()*+,;=:@",
)
_ODD_TEXTS = ("", "é😀", "x" * 3000, "a\nb", " a ")
_ODD_NUMBERS = (0, -1, 1 << 31, 1 << 63, 1 << 80)
_NAMED = {"storeName": "store", "key_id": "API key", "role_id": "role", "name": "cluster"}
"""What is named by the parts of a path."""

_UNSAFE_NAMES = ("a%20b", "%22", "%3Cb%3E", "%C3%A9", "a%5Cb", "%7B%7D")


def mistakes(request: Request, scene: Scene) -> Mistakes:
    """Return the request with each mistake that can be made in it."""
    operation = request.operation
    if operation.method == "OPTIONS":
        return {}
    found: dict[str, list[Request]] = defaultdict(list)
    for made in chain.from_iterable(maker(request, scene) for maker in _makers(scene)):
        if not scene.is_guarded:
            found[made.wrong].append(made)
        elif operation.name != CREATE_CLUSTER:
            found[made.wrong].append(made._replace(statuses=made.statuses | _NOT_FOUND))
        elif not made.statuses & operation.successes:
            found[made.wrong].append(made)
    return found


def _makers(scene: Scene) -> Iterator[Callable[[Request, Scene], Iterator[Request]]]:
    yield _keys
    operation = scene.operation
    if operation.name == CREATE_CLUSTER and not scene.options.create_clusters:
        return  # What accepts another mistake makes a cluster, which costs money.
    yield from (_names, _queries)
    if operation.group == OBJECTS:
        yield _objects
    if operation.body is not None:
        yield from (_documents, _bodies, _references)


def _keys(request: Request, scene: Scene) -> Iterator[Request]:
    unauthorized = frozenset({401})
    yield request._replace(key=None, wrong="without a key", statuses=unauthorized)
    yield request._replace(key=UNKNOWN_KEY, wrong="with an unknown key", statuses=unauthorized)
    yield request._replace(key="word", wrong="with an unknown key", statuses=unauthorized)
    if request.operation.method != "GET" and scene.has_roles:
        forbidden = frozenset({403})
        yield request._replace(key="viewer", wrong="with a Viewer's key", statuses=forbidden)


def _names(request: Request, scene: Scene) -> Iterator[Request]:
    unknown = f"{scene.run}-{UNKNOWN}"
    operation = request.operation
    for name, what in _NAMED.items():
        if name not in request.values or operation.name == "CreateOrUpdateObjectStore":
            continue
        changed = request.with_value(name, unknown)
        if not (name == "name" and scene.is_guarded):
            yield changed._replace(wrong=f"for an unknown {what}", statuses=_NOT_FOUND)
    if request.values.get("key") == SPARE:
        changed = request.with_value("key", f"{scene.run}/{UNKNOWN}")
        yield changed._replace(wrong="for an unknown object", statuses=_NOT_FOUND)
    if "storeName" in request.values:
        for unsafe in _UNSAFE_NAMES:
            changed = request.with_value("storeName", f"{scene.run}-{unsafe}")
            yield changed._replace(wrong="for a store's name not URL-safe", statuses=_REFUSED)


def _queries(request: Request, scene: Scene) -> Iterator[Request]:  # noqa: ARG001
    refused = {
        "limit": ("0", "101", "-1", "abc", "1.5"),
        "type": ("word",),
        "ttl_seconds": ("abc", "1.5", "60s"),
    }
    odd = {
        "limit": ("", "+5", "1e1"),
        "type": ("", "Custom"),
        "ttl_seconds": ("", "0", "-1", "+5", "1e3", str(1 << 63), str(1 << 80)),
        "next_token": ("word", "", "é"),
        "unknown": ("word",),
    }
    names = {each.name for each in request.operation.parameters if each.place == "query"}
    for name in sorted(names):
        for value in refused.get(name, ()):
            changed = request.with_query(name, value)
            yield changed._replace(wrong=f"with a wrong {name}", statuses=_BAD)
    for name in sorted({*names, "unknown"}):
        for value in odd.get(name, ()):
            yield _odd(request.with_query(name, value), f"with an odd {name}")


def _objects(request: Request, scene: Scene) -> Iterator[Request]:
    for key in _ODD_KEYS:
        yield _odd(request.with_value("key", f"{scene.run}/{key}"), "with an odd key")
    yield _odd(request.with_value("key", f"{scene.run}/{'k' * 1100}"), "with an odd key")
    for parameter in request.operation.parameters:
        if parameter.place == "header" and "enum" in parameter.schema:
            name = parameter.name
            yield _odd(request.with_fields((name, "word")), f"with an odd {name}")
    if request.operation.name != "PutObject":
        return
    for value in ("é😀", ""):
        yield _odd(request.with_fields(("mo-meta-title", _wired(value))), "with odd metadata")
    for media_type in ("text/plain", "application/json", "word"):
        yield _odd(request.with_fields(("Content-Type", media_type)), "with an odd Content-Type")
    yield _odd(request.without_field("Content-Type"), "with an odd Content-Type")
    if not scene.is_first:
        yield from _tags(request)


def _tags(request: Request) -> Iterator[Request]:
    wrong = {
        "with too many tags": tuple((f"mo-tag-k{number}", "v") for number in range(11)),
        "with too long a tag": (("mo-tag-" + "k" * 129, "v"),),
        "with too long a tag's value": (("mo-tag-k", "v" * 257),),
        "with a wrong character in a tag": (("mo-tag-k", "a*b"),),
        "with a wrong character in a tag's key": (("mo-tag-k!", "v"),),
    }
    for what, fields in wrong.items():
        yield request.with_fields(*fields)._replace(wrong=what, statuses=_BAD)


def _documents(request: Request, scene: Scene) -> Iterator[Request]:  # noqa: ARG001
    """Mistakes in one member of the document."""
    for what, statuses, document in _changed(request.document, request.operation.promised):
        changed = request.with_document(document)
        if statuses:
            yield changed._replace(wrong=what, statuses=statuses)
        else:
            yield _odd(changed, what)
    document = {**request.document, "unknown_member": 1}
    yield _odd(request.with_document(document), "with an unknown member")
    if "permissions" in request.document:
        document = {**request.document, "permissions": {"super_user": True}}
        changed = request.with_document(document)
        yield changed._replace(wrong="for a super-user", statuses=_BAD)


def _bodies(request: Request, scene: Scene) -> Iterator[Request]:  # noqa: ARG001
    """Mistakes in the body as a whole."""
    body = request.body or b""
    for malformed in (body[:-1], b"", body + b"}", b"word", b"\xff" + body):
        yield request._replace(body=malformed, wrong="with malformed JSON", statuses=_BAD)
    for other in (b"[]", b'"word"', b"5", b"null"):
        yield request._replace(body=other, wrong="with JSON that is no object", statuses=_BAD)
    for media_type in ("text/plain", "application/octet-stream", "application/xml"):
        changed = request.with_fields(("Content-Type", media_type))
        yield changed._replace(wrong="with another Content-Type", statuses=_BAD)
    changed = request.without_field("Content-Type")
    yield changed._replace(wrong="without a Content-Type", statuses=_BAD)
    changed = request.with_fields(("Content-Type", "application/json; charset=utf-8"))
    yield _odd(changed, "with an odd Content-Type")


def _references(request: Request, scene: Scene) -> Iterator[Request]:
    """Names in the document of what is not there, or is there already."""
    unknown = f"{scene.run}-{UNKNOWN}"
    document = copy.deepcopy(request.document)
    name = request.operation.name
    if name == "CreateApiKey":
        changed = request.with_document({**document, "role_id": unknown})
        yield changed._replace(wrong="for an unknown role", statuses=_NOT_FOUND)
    elif name == "CreateRole":
        changed = request.with_document({**document, "role_name": scene.role_name})
        conflict = frozenset({409})
        yield changed._replace(wrong="for a taken name", statuses=conflict, needs=("role_id",))
    elif name == "CreateOrUpdateObjectStore" and not scene.is_first:
        document["cache_config"]["valkey_cluster"]["cluster_name"] = unknown
        changed = request.with_document(document).with_value("storeName", f"{scene.run}-new")
        yield changed._replace(wrong="for an unknown cluster", statuses=_REFUSED)


def _changed(
    document: Any, schema: Schema, name: str = ""
) -> Iterator[tuple[str, frozenset[int], Any]]:
    """Yield what is wrong, the statuses (none where nothing is promised), and the document, for
    each change of one value in it."""
    if isinstance(document, dict) and "properties" in (schema := _branch(schema, document)):
        for member in document:
            if member in schema.get("required", ()):
                rest = {each: value for each, value in document.items() if each != member}
                statuses = frozenset() if member in _SELECTORS else _BAD
                yield f"without {member}", statuses, rest
        for member, value in document.items():
            described = schema["properties"][member]
            for wrong, statuses, changed in _changed(value, described, member):
                yield wrong, statuses, {**document, member: changed}
            for wrong in _wrong_values(described, is_required=member in schema.get("required", ())):
                yield f"with a wrong {member}", _BAD, {**document, member: wrong}
            for odd in _odd_values(value):
                yield f"with an odd {member}", frozenset(), {**document, member: odd}
    elif isinstance(document, list):
        for index, item in enumerate(document):
            for wrong, statuses, changed in _changed(item, schema["items"], name):
                yield wrong, statuses, _with_item(document, index, changed)
            others: Iterable[Any] = _wrong_values(schema["items"], is_required=True)
            for value in _NO_RANGES if name == "allowed_cidr_ranges" else others:
                yield f"with a wrong item of {name}", _BAD, _with_item(document, index, value)


def _branch(schema: Schema, document: Any) -> Schema:
    """The alternative of the schema that the document follows."""
    for each in schema.get("oneOf", ()):
        if Draft202012Validator(each).is_valid(document):
            found: Schema = each
            return found
    return schema


def _wrong_values(schema: Schema, *, is_required: bool) -> list[Any]:
    """Values that the schema refuses; null may count as left out."""
    refused = _refused_by(json.dumps(schema))
    return [value for value in refused if is_required or value is not None]


@cache
def _refused_by(schema: str) -> list[Any]:
    validator = Draft202012Validator(json.loads(schema))
    return [value for value in _VALUES if not validator.is_valid(value)]


def _odd_values(value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return _ODD_TEXTS
    return _ODD_NUMBERS if type(value) is int else ()


def _with_item(items: list[Any], index: int, item: Any) -> list[Any]:
    return [*items[:index], item, *items[index + 1 :]]


def _odd(request: Request, what: str) -> Request:
    operation = request.operation
    answers = {status for status in operation.responses if status in (400, 404, 409, 412)}
    return request._replace(wrong=what, statuses=operation.successes | answers)


def _wired(text: str) -> str:
    """The text as it is sent in a header: UTF-8, read as Latin-1."""
    return text.encode().decode("latin-1")
