"""Every operation of the service meets the rules, and nothing else does."""

from __future__ import annotations

from typing import Any, cast

import pytest

from emulator import Emulator
from emulator.core.operation import OPERATIONS as NAMES
from emulator.http.auth_handlers import AuthHandlers
from emulator.http.cluster_handlers import ClusterHandlers
from emulator.http.handlers import Handlers
from tests.contract.stores import Store
from tests.support.raw_client import Client

from .operations import OPERATIONS, Request
from .rules import FAIL, FAILED, PATH, Rules
from .wire import Connection

NOTHING = cast(Any, None)


def test_the_operations_are_those_that_the_endpoints_do() -> None:
    handlers = Handlers(NOTHING, NOTHING, NOTHING, NOTHING)
    tables = (
        handlers.table(),
        AuthHandlers(NOTHING, NOTHING, NOTHING).table(),
        ClusterHandlers(NOTHING).table(),
    )
    done = [
        endpoint.operation
        for table in tables
        for endpoints in table.values()
        for endpoint in endpoints.values()
        if endpoint.operation
    ]
    assert set(done) == set(NAMES) == set(OPERATIONS)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_is_hit_by_the_rule_of_its_name_and_by_no_other(
    emulator: Emulator, store: Store, name: str
) -> None:
    others = [
        emulator.faults.add(FAIL, operation=other, id=other) for other in NAMES if other != name
    ]
    hit = emulator.faults.add(FAIL, operation=name)
    assert OPERATIONS[name].send(store.client).status == FAILED
    assert (hit.matched, hit.fired) == (1, 1)
    assert not any(rule.matched for rule in others)


REFUSED_401 = [
    pytest.param(None, id="no key"),
    pytest.param("nonsense", id="no key's form"),
    pytest.param("", id="an empty key"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", REFUSED_401)
def test_who_is_not_known_meets_no_rule(
    emulator: Emulator, owner: Client, name: str, key: str | None
) -> None:
    rule = emulator.faults.add(FAIL)
    assert OPERATIONS[name].send(owner.with_key(key)).status == 401
    assert rule.matched == 0


def test_a_key_that_was_revoked_meets_no_rule(emulator: Emulator, owner: Client) -> None:
    key = emulator.create_api_key("owner")
    emulator.revoke_api_key(key)
    rule = emulator.faults.add(FAIL)
    for request in OPERATIONS.values():
        assert request.send(owner.with_key(key)).status == 401
    assert rule.matched == 0


READS = {"GetObject", "DescribeObjectStore", "ListObjectStores"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in READS])
def test_who_may_not_do_it_meets_no_rule(emulator: Emulator, owner: Client, name: str) -> None:
    nothing = emulator.create_role(
        "reads",
        {"rules": [{"type": "store", "stores": "*", "items": "*", "permissions": ["read"]}]},
    )
    key = emulator.create_api_key(nothing)
    rule = emulator.faults.add(FAIL)
    assert OPERATIONS[name].send(owner.with_key(key)).status == 403
    assert rule.matched == 0


BAD_REQUESTS = [
    Request("GET", "/objectstore/no%20name/key"),
    Request("PUT", "/objectstore/no%20name", {}),
    Request("GET", "/objectstore/store/%zz"),
    Request("GET", "/objectstore/store/"),
    Request("PUT", "/objectstore/store/%00", "body"),
    Request("GET", f"/objectstore/store/{'k' * 1025}"),
    Request("DELETE", "/api-keys/%ff"),
    Request("DELETE", "/roles/%zz"),
]


@pytest.mark.parametrize(
    "request_", BAD_REQUESTS, ids=lambda each: f"{each.method} {each.path[:40]}"
)
def test_what_names_nothing_meets_no_rule(
    emulator: Emulator, store: Store, request_: Request
) -> None:
    rule = emulator.faults.add(FAIL)
    assert request_.send(store.client).status == 400
    assert rule.matched == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/elsewhere", 404),
        ("POST", "/objectstore", 405),
        ("DELETE", "/objectstore/store/key", 405),
        ("GET", "/_emulator/nothing", 404),
    ],
)
def test_what_is_no_operation_meets_no_rule(
    emulator: Emulator, store: Store, method: str, path: str, status: int
) -> None:
    rule = emulator.faults.add(FAIL)
    assert store.client.request(method, path).status == status
    assert rule.matched == 0


def test_what_is_not_http_meets_no_rule(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(FAIL)
    with Connection(store.client) as connection:
        connection.send(b"GET /objectstore NONSENSE\r\n\r\n")
        assert connection.head()[0] == 400
    assert rule.matched == 0


def test_a_request_that_is_found_wrong_only_by_what_it_brings_meets_rules(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add({"type": "latency", "seconds": 0})
    assert store.put("key", query="ttl_seconds=never").status == 400
    assert store.configure({}).status == 400
    assert rule.fired == 2


ENDPOINTS = [
    ("GET", "/_emulator/health"),
    ("GET", "/_emulator/clock"),
    ("POST", "/_emulator/clock/freeze"),
    ("POST", "/_emulator/clock/release"),
    ("GET", "/_emulator/journal"),
    ("DELETE", "/_emulator/journal"),
    ("GET", PATH),
    ("GET", f"{PATH}/fault-1"),
    ("GET", "/_emulator/checkpoints"),
    ("PUT", "/_emulator/checkpoints/one"),
    ("DELETE", "/_emulator/checkpoints/one"),
    ("GET", "/_emulator/state"),
    ("GET", "/_emulator/objects/store"),
    ("GET", "/_emulator/counts"),
    ("DELETE", f"{PATH}/fault-1"),
    ("POST", "/_emulator/reset"),
]


@pytest.mark.parametrize(
    "effect", [FAIL, "close", "storage_down", "cache_down", {"type": "truncate", "after_bytes": 0}]
)
@pytest.mark.usefixtures("store")
def test_the_control_doors_are_never_hit(rules: Rules, effect: object) -> None:
    rules.new(effect)
    # A rule more, by which it is seen that none has matched.
    rules.new({"type": "latency", "seconds": 60}, id="witness")
    for method, path in ENDPOINTS[:-1]:
        answer = rules.client.request(method, path)
        assert answer.status == 200, (method, path, answer)
    assert rules.get("witness").json["matched"] == 0
    assert rules.client.request(*ENDPOINTS[-1]).status == 200
    assert rules.all() == []


def test_what_lies_in_the_tiers_is_seen_while_the_tiers_are_down(
    rules: Rules, store: Store
) -> None:
    store.put("key", b"body")
    rules.new("storage_down")
    rules.new("cache_down")
    document = b'{"text": "new", "tier": "storage"}'
    objects = "/_emulator/objects/store"
    assert rules.client.request("PUT", f"{objects}/other", body=document).status == 200
    listed = rules.client.get(objects).json["objects"]
    assert [each["key"] for each in listed] == ["key", "other"]
