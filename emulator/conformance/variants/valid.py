"""Strategies of valid requests: all that the contract promises to accept.

Every choice is one of fewer than a hundred. For larger ranges and for texts, Hypothesis also tries
constants that it finds in the modules that happen to be loaded: a seed would not decide alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from emulator.openapi.json_schema import Schema

from .operations import CREATE_CLUSTER, Operation
from .request import JSON_FIELD, SPARE, Field, Request
from .scene import Scene

Values = SearchStrategy[Any]

_WORDS = ("a", "b1", "images", "v2", "Z_9", "x-y", "0", "folder", "m3u8", "file.txt", "logo.png")
_NUMBERS = (1, 2, 7, 60, 99, 100)
_SECONDS = ("60", "600", "3600", "86400", "31536000")
_RANGES = ("10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0", "2001:db8::/32", "::/0")
_EXPIRIES = ("never", 2_000_000_000, 4_102_444_800)
_PIECES = (b"a", b"\r\n", b"\x00", b"\xff\xfe", "é😀".encode(), b'{"}', b"<%25>", b"\x7f\x80")

_HARMLESS: Sequence[Field] = (
    ("Accept", "*/*"),
    ("Accept-Language", "en"),
    ("User-Agent", "conformance"),
    ("Cache-Control", "no-cache"),
)
"""Fields that HTTP lets any client send."""

_OF_PREFLIGHT: Sequence[Field] = (
    ("Origin", "https://a.example"),
    ("Access-Control-Request-Method", "PUT"),
    ("Access-Control-Request-Headers", "authorization"),
)
_NAMES = ("made-by", "X-Long", "title", "cache-control", "content-language", "sprite_map")
BLOCKED = ("content-length", "connection", "te", "set-cookie", "authorization", "host", "via")
"""Metadata that is ignored."""
_METADATA_VALUES = ("a", "max-age=86400", "en", "text/html; charset=utf-8", "a, b", "x" * 200)
_MEDIA_TYPES = ("image/png", "video/mp2t", "text/plain; charset=utf-8", "application/json")
_TAG_KEYS = ("team", "cost_center", "a.b", "1", "x-y", "k+v", "t" * 128)
_TAG_VALUES = ("", "media", "a b", "_.:/=+-@", "0", "v" * 256)


def _some(fields: Sequence[Field]) -> SearchStrategy[list[Field]]:
    return st.lists(st.sampled_from(fields), max_size=len(fields), unique=True)


def _pairs(names: Sequence[str], values: Sequence[str]) -> SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), st.sampled_from(values), max_size=len(names))


_FIELDS = _some(_HARMLESS)
_PREFLIGHTS = _some(_OF_PREFLIGHT)
_METADATA = _pairs((*_NAMES, *BLOCKED), _METADATA_VALUES)
_TAGS = _pairs(_TAG_KEYS, _TAG_VALUES)
_BODIES = st.lists(st.sampled_from(_PIECES), max_size=10).map(b"".join)
_TIMES = st.sampled_from((1, 10, 200))
_YES_OR_NO = st.booleans()


class Valid:
    """Draws requests of an operation that are answered with a success.

    Of an operation that would change a cluster of the user's, it names one that is not there.
    """

    def __init__(self, scene: Scene) -> None:
        operation = scene.operation
        self._scene = scene
        self._operation = operation
        self._values = _path_of(operation, scene)
        self._key = st.sampled_from(_roles_of(operation, scene))
        self._query = _parameters(operation, "query")
        self._fields = _parameters(operation, "header")
        self._name = _named(scene)
        body = operation.body
        self._statuses = _statuses(operation, scene)
        self._document = st.none() if body is None else value(body, _members(scene))

    def draw(self, draw: DrawFn) -> Request:
        """Draw a request."""
        operation = self._operation
        request = Request(operation, draw(self._values), statuses=self._statuses)
        if operation.method == "OPTIONS":
            return request._replace(fields=tuple(draw(_PREFLIGHTS)))
        request = request._replace(
            key=draw(self._key),
            query=tuple(draw(self._query)),
            fields=(*draw(self._fields), *draw(_FIELDS)),
        )
        if operation.name == "PutObject":
            return self._put(draw, request)
        document = draw(self._document)
        if operation.name == "CreateOrUpdateObjectStore":
            request, document = self._store(draw, request, document)
        elif operation.name == CREATE_CLUSTER:
            document = {**document, "name": draw(self._name)}
            document.pop("shard_placements", None)  # They would have to fit the numbers.
        if document is None:
            return request
        return request.with_fields(JSON_FIELD).with_document(document)

    def _put(self, draw: DrawFn, request: Request) -> Request:
        fields = {f"mo-meta-{name}": value for name, value in draw(_METADATA).items()}
        if not self._scene.is_first:
            fields |= {f"mo-tag-{name}": value for name, value in draw(_TAGS).items()}
        content = ("Content-Type", "application/octet-stream")
        body = draw(_BODIES) * draw(_TIMES)
        return request.with_fields(*fields.items(), content)._replace(body=body)

    def _store(self, draw: DrawFn, request: Request, document: Any) -> tuple[Request, Any]:
        """A new store, or an update of the one that is there, which keeps what cannot change."""
        if draw(_YES_OR_NO):
            document["storage_config"]["s3"]["prefix"] = self._scene.prefix
            status = 200
        else:
            request = request.with_value("storeName", draw(self._name))
            status = 201
        if {"access_logging_config", "metrics_config"} & {*document}:
            # The role may not be one for CloudWatch.
            statuses = frozenset({status, 400})
            return request._replace(statuses=statuses, wrong="with logs or metrics"), document
        return request._replace(statuses=frozenset({status})), document


def value(schema: Schema, members: Mapping[str, Values]) -> Values:
    """A value of the schema; members that are known by their names have their own strategies."""
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return st.one_of([value(each, members) for each in choices if each != {"type": "null"}])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"]
    if isinstance(kind, list):
        kind = kind[0]
    return _OF_TYPES[kind](schema, members)


def _object(schema: Schema, members: Mapping[str, Values]) -> Values:
    required = schema.get("required", ())
    of_members = {
        name: members[name] if name in members else value(each, members)
        for name, each in schema["properties"].items()
    }
    return st.fixed_dictionaries(
        {name: each for name, each in of_members.items() if name in required},
        optional={name: each for name, each in of_members.items() if name not in required},
    )


def _array(schema: Schema, members: Mapping[str, Values]) -> Values:
    return st.lists(value(schema["items"], members), min_size=schema.get("minItems", 0), max_size=3)


def _whole(schema: Schema, members: Mapping[str, Values]) -> Values:  # noqa: ARG001
    least = schema.get("minimum", 0)
    # A default is what everybody has: no more than that is certain to be had.
    most = min(schema.get("maximum", 100), schema.get("default", 100))
    return st.sampled_from([each for each in (0, *_NUMBERS) if least <= each <= most])


_OF_TYPES: Mapping[str, Callable[[Schema, Mapping[str, Values]], Values]] = {
    "object": _object,
    "array": _array,
    "integer": _whole,
    "boolean": lambda *_: st.booleans(),
    "string": lambda *_: st.sampled_from(_WORDS),
}


def _members(scene: Scene) -> Mapping[str, Values]:
    """What the run was told, names that begin with the run's, and what the reference lists."""
    options = scene.options
    others: dict[str, Values] = {}
    if not options.log_group:
        others["access_logging_config"] = st.nothing()
    if scene.operation.name == "CreateApiKey":
        others["role_id"] = st.just(scene.viewer_id)
    return {
        "bucket_name": st.just(options.bucket),
        "prefix": st.just(scene.prefix),
        "iam_role_arn": st.just(options.role_arn),
        "cluster_name": st.just(options.cluster),
        "log_group_name": st.just(options.log_group),
        "region": st.just(options.region),
        "role_name": _named(scene),
        "description": st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map(" ".join),
        "expiry": st.sampled_from(_EXPIRIES),
        "allowed_cidr_ranges": st.lists(st.sampled_from(_RANGES), min_size=1, max_size=3),
        "node_instance_type": st.just("cache.m6g.large"),
        **others,
    }


def _named(scene: Scene) -> SearchStrategy[str]:
    words = st.lists(st.sampled_from(_WORDS[:7]), min_size=1, max_size=3).map("-".join)
    return words.map(lambda word: f"{scene.run}-{word}")


def _path_of(operation: Operation, scene: Scene) -> SearchStrategy[dict[str, str]]:
    found: dict[str, SearchStrategy[str]] = {}
    if "{key}" in operation.path:
        # What the first revision stores stays: few objects.
        most = 1 if scene.is_first else 3
        words = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=most).map("/".join)
        found["key"] = words.map(lambda word: f"{scene.run}/{word}")
        if operation.method == "GET":
            found["key"] = st.just(SPARE)
    for name in ("storeName", "name", "key_id", "role_id"):
        if f"{{{name}}}" in operation.path:
            found[name] = st.just(SPARE)
    return st.fixed_dictionaries(found)


def _roles_of(operation: Operation, scene: Scene) -> Sequence[str]:
    # Who else than the Owner may list the endpoints, the reference does not say.
    if operation.name == "ListEndpoints" or not scene.has_roles:
        return ("owner",)
    return ("owner", "operator", "viewer") if operation.method == "GET" else ("owner", "operator")


def _statuses(operation: Operation, scene: Scene) -> frozenset[int]:
    if operation.name == "DescribeValkeyCluster" and not scene.has_cluster:
        return frozenset({404})
    if not scene.is_guarded or operation.name == CREATE_CLUSTER:
        return operation.successes
    # To delete what is not there may be accepted; a change of it is none.
    return frozenset((202, 404) if operation.method == "DELETE" else (400, 404))


def _parameters(operation: Operation, place: str) -> SearchStrategy[list[Field]]:
    named = {
        "ttl_seconds": st.sampled_from(_SECONDS),
        "mo-meta-content-type": st.sampled_from(_MEDIA_TYPES),
        "mo-meta-cache-control": st.sampled_from(_METADATA_VALUES),
        "next_token": st.nothing(),  # Only the page before has one.
    }
    found = {
        each.name: named[each.name] if each.name in named else value(each.schema, {}).map(str)
        for each in operation.parameters
        if each.place == place
    }
    return st.fixed_dictionaries({}, optional=found).map(lambda given: [*given.items()])
