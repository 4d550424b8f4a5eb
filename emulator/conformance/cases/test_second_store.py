"""What is in S3: seen through a second store over the same bucket and prefix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.connection import Fields
from emulator.conformance.target import Store, Target

from .clusters import Cluster
from .expecting import expect_error, expect_object, expect_success

NewStore = Callable[..., Store]


@pytest.mark.statement("HTTP-GENERAL-01")
def test_a_second_store_over_the_bucket_finds_an_object(
    target: Target, new_store: NewStore, key: str
) -> None:
    body = target.store_body()
    first, second = new_store(body), new_store(body)
    expect_success(first.put(key, b"body"))
    expect_object(second.get(key), b"body")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), marks=pytest.mark.statement("OS12-PUT-04"), id="nothing said"),
        pytest.param(
            [("mo-persistence", "durable")],
            marks=pytest.mark.statement("OS12-PUT-20"),
            id="durable",
        ),
    ],
)
def test_a_second_store_finds_a_durable_object(
    target: Target, new_store: NewStore, key: str, headers: Fields
) -> None:
    body = target.store_body()
    first, second = new_store(body), new_store(body)
    assert first.put(key, b"body", headers=headers).status == 204
    expect_object(second.get(key), b"body")


@pytest.mark.statement("OS12-GET-05")
@pytest.mark.parametrize("concern", ["balanced", "consistent"])
def test_a_get_of_either_read_concern_falls_back_to_s3(
    target: Target, new_store: NewStore, key: str, concern: str
) -> None:
    body = target.store_body()
    first, second = new_store(body), new_store(body)
    assert first.put(key, b"body").status == 204
    expect_object(second.get(key, headers=[("read-concern", concern)]), b"body")


@pytest.mark.needs("create_clusters")
@pytest.mark.statement("OS12-PUT-08")
def test_a_store_of_another_cluster_finds_no_ephemeral_object(
    target: Target, cluster: Cluster, new_store: NewStore, key: str
) -> None:
    body = target.store_body()
    cache = {"valkey_cluster": {"cluster_name": cluster.name}}
    first, second = new_store(body), new_store({**body, "cache_config": cache})
    assert first.put(key, b"body", headers=[("mo-persistence", "ephemeral")]).status == 204
    expect_object(first.get(key), b"body")
    expect_error(second.get(key), 404)
