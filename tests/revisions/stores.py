"""Stores of the later revision: their configurations, and what lies in their tiers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.stores import DEFAULT_LIMITS, JSON, Configuration, Store, Stores, configuration
from tests.suites import one_in_full
from tests.support.client import ROLE_ARN
from tests.support.raw_client import Fields

FIRST = "2026-02-05"
LATER = "2026-08-12"

ONE_PAIR = "filesystem-fakeredis"
every_pair = pytest.mark.parametrize(
    "service",
    one_in_full(ONE_PAIR, "memory-memory", "memory-fakeredis", "filesystem-memory", sample=4),
    indirect=True,
    scope="session",
)
"""Has a test run over each pair of a storage tier and a cache tier."""

SECOND = 1_000_000
INSTANT = 1_790_000_000 * SECOND
"""The instant, in epoch microseconds, at which a clock stands that a test has stopped."""

EPHEMERAL: Fields = [("mo-persistence", "ephemeral")]
DURABLE: Fields = [("mo-persistence", "durable")]

LOG_GROUP = "/momento/object-store"
REGION = "us-east-1"
LOGGING = {"cloudwatch": {"log_group_name": LOG_GROUP, "iam_role_arn": ROLE_ARN, "region": REGION}}
METRICS = {"cloudwatch": {"iam_role_arn": ROLE_ARN, "region": REGION}}
LIMITS = {
    "read_operations_per_second": 11,
    "write_operations_per_second": 12,
    "read_bytes_per_second": 13,
    "write_bytes_per_second": 14,
}
MEMBERS: dict[str, Any] = {
    "access_logging_config": LOGGING,
    "metrics_config": METRICS,
    "object_store_limits": LIMITS,
}
"""The members of a store that the later revision added."""

HIGHEST_LIMIT = 2**63 - 1


def extended(config: Configuration | None = None, **members: Any) -> Configuration:
    """A store's configuration with these members beside those of the first revision."""
    return {**(config or configuration()), **members}


def limited(stores: Stores, **limits: int) -> Store:
    """A new store with these limits; the others are out of reach."""
    given = {**dict.fromkeys(DEFAULT_LIMITS, HIGHEST_LIMIT), **limits}
    return stores.create(extended(object_store_limits=given))


def placed(store: Store, key: str = "key") -> Mapping[str, Any]:
    """What each tier has of the object, as the emulator's own endpoint shows it."""
    listed = store.client.get(f"/_emulator/objects/{store.name}").json["objects"]
    nothing = {"storage": None, "cache": None}
    return next((entry for entry in listed if entry["key"] == key), nothing)


def tags_of(store: Store, key: str = "key") -> dict[str, str]:
    """The tags that storage has of the object."""
    found: dict[str, str] = placed(store, key)["storage"].get("tags", {})
    return found


def flush(store: Store) -> None:
    """Have the store's cluster forget all that it has."""
    cluster = store.describe().json["cache_config"]["valkey_cluster"]["cluster_name"]
    document = json.dumps({"cluster": cluster}).encode()
    answer = store.client.request("POST", "/_emulator/flush", body=document, headers=JSON)
    assert answer.status == 200, answer


def fill(store: Store, body: bytes = b"body") -> None:
    """Put the object `key`, and see that it is there."""
    assert store.put("key", body).status == 204
    assert store.get("key").body == body
