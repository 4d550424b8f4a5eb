"""Stores with access logs and metrics, and a way to each outcome of an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from emulator import Emulator
from emulator.core.revisions import REVISIONS
from tests.support.client import Answer, Client, put_configuration, store_configuration

REVISION = max(REVISIONS)

INSTANT = 1_893_456_000
"""2030-01-01T00:00:00Z, in seconds since the Unix epoch."""

MICROSECONDS = 1_000_000

GROUP = "/aws/objectstore/media"
ROLE = {
    "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoCloudWatchRole",
    "region": "us-east-1",
}
LIMITS = {
    "read_operations_per_second": 10_000,
    "write_operations_per_second": 10_000,
    "read_bytes_per_second": 2**40,
    "write_bytes_per_second": 2**40,
}
"""Limits that no test meets."""


def access_logging(log_group: str = GROUP) -> dict[str, Any]:
    return {"access_logging_config": {"cloudwatch": {"log_group_name": log_group, **ROLE}}}


def metrics() -> dict[str, Any]:
    return {"metrics_config": {"cloudwatch": ROLE}}


def observed(log_group: str = GROUP) -> dict[str, Any]:
    """The members of a store with an access log and metrics."""
    return {**access_logging(log_group), **metrics(), "object_store_limits": LIMITS}


def configure(owner: Client, store: str, **more: Any) -> Answer:
    """Create or update a store, over a bucket of its own."""
    return put_configuration(owner, store, {**store_configuration(store), **more})


def limited(**limits: int) -> dict[str, Any]:
    """The members of an observed store with some limits."""
    return {**observed(), "object_store_limits": {**LIMITS, **limits}}


def get(client: Client, key: str = "key", store: str = "media", **headers: str) -> Answer:
    return client.call("GET", path(key, store), None, _names(headers))


def put(
    client: Client, key: str = "key", store: str = "media", query: str = "", **headers: str
) -> Answer:
    return client.call("PUT", path(key, store) + query, b"12345", _names(headers))


def delete(client: Client, key: str = "key", store: str = "media") -> Answer:
    return client.call("DELETE", path(key, store))


def path(key: str, store: str = "media") -> str:
    return f"/objectstore/{store}/{quote(key, safe='')}"


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Case(NamedTuple):
    """A way to an outcome: what comes before, the request, and what is told of it."""

    prepare: Callable[[Emulator, Client], object]
    request: Callable[[Emulator, Client], Answer]
    operation: str
    outcome: str
    http_status: int
    result: str
    more: Mapping[str, object] = {}

    @property
    def api(self) -> str:
        return {"get_object": "GetObject", "put_object": "PutObject"}.get(
            self.operation, "DeleteObject"
        )


AGE = 7
"""How many seconds old an object is when it is read."""


def _stored(emulator: Emulator, **more: Any) -> None:
    emulator.tiers.put("media", "key", b"12345", **more)
    emulator.clock.advance(AGE)


def _nothing(_emulator: Emulator, _owner: Client) -> None:
    """Nothing comes before."""


def _storage_fails(emulator: Emulator, _owner: Client) -> None:
    emulator.faults.add("storage_down")


def _empty_of_operations(_emulator: Emulator, owner: Client) -> None:
    configure(
        owner, "media", **limited(read_operations_per_second=1, write_operations_per_second=1)
    )
    get(owner, "another")
    put(owner, "another")


def _in_debt(_emulator: Emulator, owner: Client) -> None:
    configure(owner, "media", **limited(read_bytes_per_second=1, write_bytes_per_second=1))
    put(owner, "another")
    get(owner, "another")


def _nobody(emulator: Emulator) -> Client:
    return Client(emulator.endpoint)


def _viewer(emulator: Emulator) -> Client:
    return Client(emulator.endpoint, emulator.api_key("viewer"))


def _elsewhere(emulator: Emulator) -> Client:
    """A client who may read and write in another store alone."""
    rule = {"type": "store", "permissions": ["read", "write"], "stores": {"name": "other"}}
    role = emulator.create_role("elsewhere", {"rules": [{**rule, "items": "*"}]})
    return Client(emulator.endpoint, emulator.create_api_key(role))


_AGED = {"object_age_us": AGE * MICROSECONDS}
_DURABLE = {"persistence": "durable"}

CASES: Mapping[str, Case] = {
    "a Put": Case(
        _nothing, lambda _, owner: put(owner),
        "put_object", "ok", 204, "Ok", {**_DURABLE, "size": 5},
    ),
    "an ephemeral Put": Case(
        _nothing, lambda _, owner: put(owner, mo_persistence="ephemeral"),
        "put_object", "ok", 204, "Ok", {"persistence": "ephemeral", "size": 5},
    ),
    "a Put with a wrong TTL": Case(
        _nothing, lambda _, owner: put(owner, query="?ttl_seconds=x"),
        "put_object", "bad_request", 400, "BadRequest", _DURABLE,
    ),
    "an ephemeral Put with a wrong TTL": Case(
        _nothing, lambda _, owner: put(owner, query="?ttl_seconds=x", mo_persistence="ephemeral"),
        "put_object", "bad_request", 400, "BadRequest", {"persistence": "ephemeral"},
    ),
    "a Put of an unknown persistence": Case(
        _nothing, lambda _, owner: put(owner, mo_persistence="Ephemeral"),
        "put_object", "bad_request", 400, "BadRequest", _DURABLE,
    ),
    "a Put without a key": Case(
        _nothing, lambda emulator, _: put(_nobody(emulator)),
        "put_object", "authz_error", 401, "AuthorizationError", _DURABLE,
    ),
    "a Put that the role does not allow": Case(
        _nothing, lambda emulator, _: put(_viewer(emulator)),
        "put_object", "authz_error", 403, "AuthorizationError", _DURABLE,
    ),
    "a Put over the limit of operations": Case(
        _empty_of_operations, lambda _, owner: put(owner),
        "put_object", "operations_rate_limited", 429, "LimitExceededError", _DURABLE,
    ),
    "a Put over the limit of bytes": Case(
        _in_debt, lambda _, owner: put(owner),
        "put_object", "throughput_rate_limited", 429, "LimitExceededError", _DURABLE,
    ),
    "a Put into a storage that fails": Case(
        _storage_fails, lambda _, owner: put(owner),
        "put_object", "internal_error", 500, "InternalError", _DURABLE,
    ),
    "a Get from the cache": Case(
        lambda emulator, _: _stored(emulator), lambda _, owner: get(owner),
        "get_object", "cache_hit", 200, "CacheHit", {**_AGED, "size": 5},
    ),
    "a HEAD": Case(
        lambda emulator, _: _stored(emulator), lambda _, owner: owner.call("HEAD", path("key")),
        "get_object", "cache_hit", 200, "CacheHit", {**_AGED, "size": 5},
    ),
    "a Get from storage": Case(
        lambda emulator, _: _stored(emulator, tier="storage"), lambda _, owner: get(owner),
        "get_object", "storage_hit", 200, "StorageHit", {**_AGED, "size": 5},
    ),
    "a Get of what has expired in the cache": Case(
        lambda emulator, _: _stored(emulator, ttl_seconds=1), lambda _, owner: get(owner),
        "get_object", "cache_hit_expired", 404, "CacheHitExpired", _AGED,
    ),
    "a Get of what has expired in storage": Case(
        lambda emulator, _: _stored(emulator, ttl_seconds=1, tier="storage"),
        lambda _, owner: get(owner),
        "get_object", "storage_hit_expired", 404, "StorageHitExpired", _AGED,
    ),
    "a Get of nothing": Case(
        _nothing, lambda _, owner: get(owner),
        "get_object", "miss", 404, "Miss",
    ),
    "a Get with an unknown concern": Case(
        _nothing, lambda _, owner: get(owner, read_concern="eventual"),
        "get_object", "bad_request", 400, "BadRequest",
    ),
    "a Get without a key": Case(
        _nothing, lambda emulator, _: get(_nobody(emulator)),
        "get_object", "authz_error", 401, "AuthorizationError",
    ),
    "a Get that the role does not allow": Case(
        _nothing, lambda emulator, _: get(_elsewhere(emulator)),
        "get_object", "authz_error", 403, "AuthorizationError",
    ),
    "a Get over the limit of operations": Case(
        _empty_of_operations, lambda _, owner: get(owner),
        "get_object", "operations_rate_limited", 429, "LimitExceededError",
    ),
    "a Get over the limit of bytes": Case(
        _in_debt, lambda _, owner: get(owner),
        "get_object", "throughput_rate_limited", 429, "LimitExceededError",
    ),
    "a Get from a storage that fails": Case(
        _storage_fails, lambda _, owner: get(owner),
        "get_object", "internal_error", 500, "InternalError",
    ),
    "a Delete": Case(
        lambda emulator, _: _stored(emulator), lambda _, owner: delete(owner),
        "delete_object", "ok", 204, "Ok",
    ),
    "a Delete of nothing": Case(
        _nothing, lambda _, owner: delete(owner),
        "delete_object", "ok", 204, "Ok",
    ),
    "a Delete without a key": Case(
        _nothing, lambda emulator, _: delete(_nobody(emulator)),
        "delete_object", "authz_error", 401, "AuthorizationError",
    ),
    "a Delete that the role does not allow": Case(
        _nothing, lambda emulator, _: delete(_viewer(emulator)),
        "delete_object", "authz_error", 403, "AuthorizationError",
    ),
    "a Delete over the limit of operations": Case(
        _empty_of_operations, lambda _, owner: delete(owner),
        "delete_object", "operations_rate_limited", 429, "LimitExceededError",
    ),
    "a Delete in a storage that fails": Case(
        _storage_fails, lambda _, owner: delete(owner),
        "delete_object", "internal_error", 500, "InternalError",
    ),
}  # fmt: skip
"""Every documented status, and every documented ``Result`` with its ``HttpStatusCode``."""
