"""A store's creation, its update and its end: what can change, and what cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .configurations import PREFIX, ROLE, with_value
from .expecting import expect_error

NewStore = Callable[..., Store]


@pytest.mark.statement("OS12-CONFIG-22", "OS12-CONFIG-23", "OS12-CONFIG-24")
def test_create_update_and_describe_answer_the_same(target: Target, unmade: Store) -> None:
    body = target.store_body()
    created, updated = unmade.configure(body), unmade.configure(body)
    assert created.status == 201
    assert updated.status == 200
    assert created.json() == updated.json() == unmade.describe().json()


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("bucket_name", marks=pytest.mark.statement("OS12-CONFIG-14")),
        pytest.param("prefix", marks=pytest.mark.statement("OS12-CONFIG-15")),
    ],
)
def test_bucket_and_prefix_cannot_change(target: Target, new_store: NewStore, member: str) -> None:
    body = target.store_body()
    store = new_store(body)
    before = body["storage_config"]["s3"][member]
    store.configure(with_value(body, f"storage_config.s3.{member}", f"{before}-2"))
    assert store.describe().json()["storage_config"]["s3"][member] == before


@pytest.mark.statement("OS12-CONFIG-18")
def test_the_storage_role_can_change(target: Target, new_store: NewStore) -> None:
    body = target.store_body()
    store = new_store(body)
    another = f"{target.options.role_arn}-2"
    assert store.configure(with_value(body, ROLE, another)).status == 200
    assert store.describe().json()["storage_config"]["s3"]["iam_role_arn"] == another


@pytest.mark.statement("OS12-CONFIG-25")
def test_the_cluster_must_exist(target: Target, unmade: Store) -> None:
    cache = {"valkey_cluster": {"cluster_name": target.fresh_name()}}
    expect_error(unmade.configure(target.store_body(cache_config=cache)), 400)
    expect_error(unmade.describe(), 404)


@pytest.mark.statement("OS12-CONFIG-27")
def test_deleting_a_store_answers_204(target: Target, unmade: Store) -> None:
    unmade.configure(target.store_body())
    assert unmade.remove().status == 204
    expect_error(unmade.describe(), 404)


@pytest.mark.statement("OS12-CONFIG-28")
def test_an_empty_prefix_is_accepted(target: Target, unmade: Store) -> None:
    assert unmade.configure(with_value(target.store_body(), PREFIX, "")).status == 201


@pytest.mark.statement("OS12-CONFIG-29")
def test_the_name_is_accepted_in_the_body(target: Target, unmade: Store) -> None:
    assert unmade.configure(target.store_body(name=unmade.name)).status == 201
    assert unmade.describe().json()["name"] == unmade.name
