"""The fuzz targets by name, apart from the server's."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import yaml

from emulator.control.call_filter import CallFilter
from emulator.control.fault_rule import parse_rule
from emulator.control.operations import OPERATIONS
from emulator.control.state_file import from_document
from emulator.control.state_reader import StateReader
from emulator.control.tiers import parse_new
from emulator.core.errors import BadRequestError, ServiceError
from emulator.core.failures import ConfigurationError
from emulator.core.json_text import parsed as parse_document
from emulator.core.path_templates import PathTemplates
from emulator.core.patterns import matches
from emulator.core.revisions import latest
from emulator.core.routes import conditions, parameter, parse_target
from emulator.revision_differences.journal_file import JournalFileError, read_journal
from emulator.service import metadata, tags
from emulator.service.account import api_keys, roles, tokens
from emulator.service.names import parse_key, parse_segment, parse_store_name
from emulator.service.store_configuration import parse_configuration
from emulator.service.ttl import parse_ttl
from emulator.startup.seed_file import read_seed
from tests.fuzz.http_target import HttpTarget
from tests.fuzz.mutation import mutate_bytes, mutate_document, to_json
from tests.fuzz.target import Target

_ARN = "arn:aws:iam::123456789012:role/R"

_PERMISSIONS = {
    "rules": [
        {"type": "store", "permissions": ["read"], "stores": {"name": "s"}, "items": "*"},
        {"type": "store", "permissions": ["write"], "stores": "*", "items": {"key_prefix": "a/"}},
        {"type": "resource_management", "permissions": ["list"], "resources": "*"},
    ],
    "conditions": [{"ip_filter": {"allowed_cidr_ranges": ["127.0.0.0/8", "::1/128"]}}],
}

_CALL = {
    "number": 1,
    "method": "PUT",
    "target": "/objectstore/s/k?ttl_seconds=5",
    "status": 200,
    "time": "2030-01-01T00:00:00Z",
    "operation": "PutObject",
    "outcome": "ok",
    "request_headers": [["Host", "localhost"]],
    "response_headers": [["Content-Length", "2"]],
    "request_size": 2,
}

_STATE = {
    "kind": "momento-objectstore-emulator state",
    "format": 1,
    "clock": {"offset_us": 0, "frozen_at_us": None},
    "account": {
        "account": {"account": {"account_id": "a", "signing_secret": "x" * 64}},
        "api_keys": {},
        "roles": {},
        "stores": {},
        "members": {"o@e": {"user_name": "o@e", "role_id": "owner"}},
        "invitations": {},
    },
    "objects": [
        {
            "bucket": "b",
            "key": "k",
            "created_at_us": 1,
            "version": 1,
            "expires_at_us": 2,
            "metadata": {"a": "b"},
            "text": ["one", "two"],
        },
        {"bucket": "b", "key": "l", "created_at_us": 1, "version": 1, "base64": ["AAECAw=="]},
    ],
}

DOCUMENTS: tuple[Any, ...] = (
    {
        "storage_config": {"s3": {"bucket_name": "b", "prefix": "p", "iam_role_arn": _ARN}},
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
        "access_logging_config": {
            "cloudwatch": {"log_group_name": "g", "region": "us-east-1", "iam_role_arn": _ARN}
        },
        "metrics_config": {"cloudwatch": {"region": "us-east-1", "iam_role_arn": _ARN}},
        "object_store_limits": {"read_requests_per_second": 10, "write_requests_per_second": 5},
    },
    {"role_name": "r", "description": "d", "permissions": _PERMISSIONS},
    {"role_id": "owner", "description": "d", "expiry": 4070908800},
    {"role_id": "viewer", "description": "d", "expiry": "never"},
    {"permissions": _PERMISSIONS, "expires_in_seconds": 60},
    {
        "id": "r1",
        "operation": "Put*",
        "key": "a*b?",
        "nth": 2,
        "times": 3,
        "probability": 0.5,
        "seed": 7,
        "since": "2030-01-01T00:00:00Z",
        "until": 1.9e9,
        "effects": [
            {"type": "latency", "seconds": "1s"},
            {"type": "close", "where": "request_body", "after_bytes": 10},
        ],
    },
    {
        "operation": "GetObject",
        "effects": [{"type": "trickle", "bytes_per_second": 9.5}, "cache_down"],
    },
    {"effect": {"type": "status", "status": 503, "message": "m", "after_work": True}},
    {"effect": {"type": "truncate", "after_fraction": 0.5, "announce": "part"}},
    {
        "effect": {
            "type": "latency",
            "distribution": "uniform",
            "min_seconds": 0,
            "max_seconds": 2,
            "before": "first_byte",
        }
    },
    {"text": "abc", "metadata": {"a": "b"}, "ttl_seconds": "5s", "tier": "cache"},
    {"base64": "AAECAw==", "tier": "storage"},
    {"at": "2030-01-01T00:00:00Z"},
    {"seconds": 3600},
    {"operation": "Get*", "min_status": "400", "request_header": "host: a*", "since": 0},
    {"calls": [_CALL]},
    {"log": {"entries": [{"request": {"method": "GET", "url": "http://h/objectstore/s/k"}}]}},
    _STATE,
)


class JsonTarget(Target):
    """The readers of JSON documents: each accepts a document, or says what is wrong with it.

    An exported state that is read in pieces is accepted or refused as the whole one is.
    """

    name = "json"
    seeds = tuple(to_json(document) for document in DOCUMENTS)
    tokens = (b'"', b"{", b"}", b"[", b"]", b",", b"null", b"1e999", b"NaN", b"\\ud800", b"\\u0000")

    def run(self, data: bytes) -> None:
        with suppress(JournalFileError):
            read_journal(data)
        whole = _is_refused(lambda: from_document(parse_document(data) if data else {}))
        assert _is_refused(lambda: _read_in_pieces(data)) == whole
        try:
            document = parse_document(data)
        except BadRequestError:
            return
        for read in READERS:
            with suppress(ServiceError):
                read(document)

    def mutate(self, data: bytes, random: Random) -> bytes:
        if random.random() < 0.2:
            return mutate_bytes(data, self.tokens, random)
        try:
            return to_json(mutate_document(json.loads(data), DOCUMENTS, random))
        except (ValueError, RecursionError):
            return to_json(mutate_document(random.choice(DOCUMENTS), (), random))


def _read_in_pieces(data: bytes) -> None:
    reader, cut = StateReader(), zlib.crc32(data) % (len(data) + 1)
    reader.feed(data[:cut])
    reader.feed(data[cut:])
    reader.close()


def _is_refused(read: Callable[[], object]) -> bool:
    try:
        read()
    except ServiceError:
        return True
    return False


def _call_filter(document: object) -> None:
    if isinstance(document, Mapping):
        CallFilter(document)


def _body_of(operation: Any) -> Callable[[object], None]:
    def read(document: object) -> None:
        given = operation.read_target(_PARTS[: len(operation.of("path"))], {}, str)
        operation.read_body(document, given)

    return read


_PARTS = ("a", "b")
"""Enough parts for the path of any operation."""

READERS: tuple[Callable[[Any], object], ...] = (
    lambda document: parse_configuration(document, latest()),
    roles.parse_definition,
    lambda document: api_keys.parse_definition(document, 0),
    tokens.parse_definition,
    lambda document: parse_rule(document, "r"),
    parse_new,
    from_document,
    _call_filter,
    *(_body_of(operation) for operation in OPERATIONS if operation.reads_body),
)

_TEMPLATES = PathTemplates(operation.path for operation in OPERATIONS)


class RouterTarget(Target):
    """What a request names in its path, its query and its headers."""

    name = "router"
    seeds = (
        b"/objectstore/store/a/b%2Fc?ttl_seconds=60",
        b"/objectstore/store",
        b"/objectstore?limit=10&next_token=abc",
        b"/roles/some-role",
        b"/_emulator/objects/s/a/b?tier=cache",
        b"/_emulator/journal?format=har&since=0&status=4xx&key=a*",
        b"/_emulator/logs/some%2Fgroup",
        b"http://host:80/objectstore/s/k?x=y",
        b"/objectstore/s/%F0%9F%98%80%ED%A0%80?ttl_seconds=1&ttl_seconds=2",
        b"content-type: application/json: b",
        b"a*b?c[d]**?*",
    )
    tokens = (
        b"/objectstore/",
        b"/_emulator/",
        b"%2F",
        b"%25",
        b"%C3%A9",
        b"%ED%A0%80",
        b"ttl_seconds=",
        b"&",
        b"*",
        b"?",
        b"..",
        b"//",
        b"k" * 1025,
    )

    def run(self, data: bytes) -> None:
        raw = data.decode("utf-8", "surrogateescape")
        target = parse_target(raw, _TEMPLATES)
        for read in _FROM_PATH:
            for part in (target.store, target.key, target.path, *target.parts):
                with suppress(ServiceError):
                    read(part)
        with suppress(ServiceError):
            conditions(target.query)
        with suppress(ServiceError):
            parse_ttl(parameter(target.query, "ttl_seconds"))
        name, _, value = raw.partition(": ")
        for collect in (metadata.collect, tags.collect):
            with suppress(ServiceError):
                collect([(name, value), ("x-b", raw)])
        pattern = raw[:64]
        assert matches(pattern, pattern), "a text matches the pattern that it is"


_FROM_PATH: tuple[Callable[[str], object], ...] = (
    parse_store_name,
    parse_key,
    lambda raw: parse_segment(raw, "path"),
)


def _seed_documents() -> tuple[Any, ...]:
    """The entries of a seed file that shows every form, each in a file of its own, and one of each
    section together: the shorter, the more inputs a second."""
    whole = yaml.safe_load((Path(__file__).parents[2] / "fixtures/seed.yaml").read_text())
    each = ({section: [entry]} for section in whole for entry in whole[section])
    return ({section: whole[section][:1] for section in whole}, *each)


class SeedTarget(Target):
    """Seed files: each is a seed, or the error says what is wrong with it."""

    name = "seed"
    tokens = (
        b"stores:\n",
        b"objects:\n",
        b"- ",
        b"  ",
        b": ",
        b"&a ",
        b"*a ",
        b"<<: *a\n",
        b"!!binary ",
        b"!!timestamp ",
        b"? ",
        b"| ",
        b"---\n",
        b"2030-01-01",
        b"0x_",
    )

    def __init__(self) -> None:
        self._documents = _seed_documents()
        self._texts = tuple(
            yaml.safe_dump(document, default_flow_style=None).encode()
            for document in self._documents
        )
        self.seeds = self._texts
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "seed.yaml"

    def run(self, data: bytes) -> None:
        self._path.write_bytes(data)
        with suppress(ConfigurationError):
            read_seed(self._path, latest())

    def mutate(self, data: bytes, random: Random) -> bytes:
        if random.random() < 0.4:
            return mutate_bytes(data, self.tokens, random)
        document = random.choice(self._documents)
        try:  # JSON is YAML, and much faster to write.
            return to_json(mutate_document(json.loads(data), self._documents, random))
        except (ValueError, RecursionError):
            return to_json(mutate_document(document, (), random))

    def close(self) -> None:
        self._folder.cleanup()


TARGETS: Mapping[str, Callable[[], Target]] = {
    "http": HttpTarget,
    "router": RouterTarget,
    "json": JsonTarget,
    "seed": SeedTarget,
}
