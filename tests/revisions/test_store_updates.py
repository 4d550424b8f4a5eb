"""What of a store can change once it exists, and what cannot; and its end."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_error,
    expect_object,
    expect_store,
)
from tests.contract.stores import (
    Configuration,
    Store,
    Stores,
    configuration,
    listed,
    unique_name,
)
from tests.support.raw_client import Client

from .expect import expect_description
from .stores import EPHEMERAL, LIMITS, LOGGING, METRICS, extended, tags_of

BUCKET = "storage_config.s3.bucket_name"
PREFIX = "storage_config.s3.prefix"
CLUSTER = "cache_config.valkey_cluster.cluster_name"


def put_at(config: Configuration, path: str, value: object) -> Configuration:
    """`config` with another value at the path; None takes the member away."""
    changed: dict[str, Any] = copy.deepcopy(config)
    parent = changed
    *parents, last = path.split(".")
    for name in parents:
        parent = parent[name]
    if value is None:
        del parent[last]
    else:
        parent[last] = value
    return changed


IMMUTABLE = {
    "another bucket": (BUCKET, "another-bucket"),
    "the bucket in capitals": (BUCKET, "KEPT"),
    "another prefix": (PREFIX, "another"),
    "a longer prefix": (PREFIX, "prefix/"),
    "an empty prefix": (PREFIX, ""),
    "no prefix": (PREFIX, None),
    "another cluster": (CLUSTER, "another-cluster"),
}


@pytest.mark.proves("Store configuration: what cannot change")
@pytest.mark.parametrize(("path", "value"), IMMUTABLE.values(), ids=IMMUTABLE)
def test_what_cannot_change_is_400_named_and_changes_nothing(
    stores: Stores, path: str, value: object
) -> None:
    config = extended(
        configuration(bucket="kept", prefix="prefix"),
        access_logging_config=LOGGING,
        object_store_limits=LIMITS,
    )
    store = stores.create(config)
    changed = put_at(config, path, value)
    changed["storage_config"]["s3"]["iam_role_arn"] += "-changed"
    del changed["access_logging_config"]
    changed["object_store_limits"] = {}
    expect_error(store.configure(changed), 400, mentions=[path])
    expect_description(store.describe(), 200, store.name, config)


@pytest.mark.proves("Store configuration: what cannot change")
def test_a_prefix_cannot_be_added(stores: Stores) -> None:
    config = configuration()
    store = stores.create(config)
    expect_error(store.configure(put_at(config, PREFIX, "prefix")), 400, mentions=[PREFIX])
    expect_description(store.describe(), 200, store.name, config)


@pytest.mark.proves("Store configuration: what cannot change")
def test_every_member_that_would_change_is_named(stores: Stores) -> None:
    store = stores.create()
    answer = store.configure(configuration(prefix="prefix", cluster="another-cluster"))
    expect_error(answer, 400, mentions=[BUCKET, PREFIX, CLUSTER])
    answer = store.configure({**store.describe().json, "cache_config": {}})
    expect_error(answer, 400, mentions=["valkey_cluster"])


@pytest.mark.proves("Store configuration: the first revision")
@pytest.mark.parametrize(("path", "value"), IMMUTABLE.values(), ids=IMMUTABLE)
def test_in_the_first_revision_everything_can_change(
    first_stores: Stores, path: str, value: object
) -> None:
    config = configuration(bucket=unique_name(), prefix="prefix")
    store = first_stores.create(config)
    changed = put_at(config, path, value)
    expected = put_at(changed, path, None) if value == "" else changed
    expect_store(store.configure(changed), 200, store.name, expected)


ANOTHER_ROLE = "arn:aws:iam::210987654321:role/Another"
MUTABLE: dict[str, Callable[[Configuration], Configuration]] = {
    "the storage role": lambda config: put_at(
        config, "storage_config.s3.iam_role_arn", ANOTHER_ROLE
    ),
    "the log group": lambda config: put_at(
        config, "access_logging_config.cloudwatch.log_group_name", "another"
    ),
    "the role of the logs": lambda config: put_at(
        config, "access_logging_config.cloudwatch.iam_role_arn", ANOTHER_ROLE
    ),
    "the region of the logs": lambda config: put_at(
        config, "access_logging_config.cloudwatch.region", "eu-west-1"
    ),
    "no access logging": lambda config: put_at(config, "access_logging_config", None),
    "the role of the metrics": lambda config: put_at(
        config, "metrics_config.cloudwatch.iam_role_arn", ANOTHER_ROLE
    ),
    "no metrics": lambda config: put_at(config, "metrics_config", None),
    "a limit": lambda config: put_at(
        config, "object_store_limits.read_operations_per_second", 1000
    ),
    "no limits": lambda config: put_at(config, "object_store_limits", None),
}


@pytest.mark.proves("Store configuration: what can change")
@pytest.mark.parametrize("change", MUTABLE.values(), ids=MUTABLE)
def test_what_can_change_changes_and_the_objects_stay(
    stores: Stores, change: Callable[[Configuration], Configuration]
) -> None:
    config = extended(
        configuration(prefix="prefix"),
        access_logging_config=LOGGING,
        metrics_config=METRICS,
        object_store_limits={**LIMITS, "read_bytes_per_second": 100, "write_bytes_per_second": 100},
    )
    store = stores.create(config)
    assert store.put("durable", b"body", headers=[("mo-tag-a", "b")]).status == 204
    assert store.put("ephemeral", b"body", headers=EPHEMERAL).status == 204
    changed = change(config)
    expect_description(store.configure(changed), 200, store.name, changed)
    expect_description(store.describe(), 200, store.name, changed)
    expect_object(store.get("durable"), b"body")
    expect_object(store.get("ephemeral"), b"body")
    assert tags_of(store, "durable") == {"a": "b"}


@pytest.mark.proves("Store configuration: what cannot change")
def test_a_store_that_is_made_anew_may_be_over_anything(stores: Stores) -> None:
    store = stores.create(configuration(prefix="prefix"))
    assert store.delete().status == 204
    config = configuration(cluster="another-cluster")
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Delete Object Store: 204")
def test_deleting_a_store_is_204_without_a_body(stores: Stores, owner: Client) -> None:
    store = stores.create()
    store.put("key", b"body")
    answer = store.delete()
    assert (answer.status, answer.body) == (204, b"")
    expect_error(store.describe(), 404, STORE_NOT_FOUND)
    expect_error(store.get("key"), 404, STORE_NOT_FOUND)
    expect_error(store.delete(), 404, STORE_NOT_FOUND)
    assert store.name not in listed(owner)


@pytest.mark.proves("Delete Object Store: the first revision")
def test_in_the_first_revision_deleting_a_store_is_200(first_store: Store) -> None:
    assert first_store.delete().status == 200


@pytest.mark.proves("Delete Object Store, D15")
def test_a_store_takes_its_ephemeral_objects_with_it(stores: Stores) -> None:
    config = configuration()
    store = stores.create(config)
    store.put("durable", b"body")
    store.put("ephemeral", b"body", headers=EPHEMERAL)
    assert store.delete().status == 204
    assert store.configure(config).status == 201
    expect_object(store.get("durable"), b"body")
    expect_error(store.get("ephemeral"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Store configuration: reads describe's 404 as gone")
def test_describing_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    expect_error(stores.named().describe(), 404, STORE_NOT_FOUND)
