"""Describe Object Store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .configurations import changed, expect_configuration
from .expecting import expect_success


@pytest.mark.statement("HTTP-DESCRIBE-01")
def test_a_description_is_that_of_now(target: Target, new_store: Callable[..., Store]) -> None:
    body = target.store_body()
    store = new_store(body)
    expect_configuration(store.describe(), body)
    body = changed(target, body)
    store.configure(body)
    expect_configuration(store.describe(), body)


@pytest.mark.statement("HTTP-DESCRIBE-02", "HTTP-EXAMPLE-07")
def test_a_store_is_described_at_its_name(target: Target, store: Store) -> None:
    expect_success(target.request("GET", f"/objectstore/{store.name}"))


@pytest.mark.statement("HTTP-DESCRIBE-07")
def test_describing_a_store_answers_200(store: Store) -> None:
    assert store.describe().status == 200


@pytest.mark.statement("HTTP-DESCRIBE-03")
def test_each_store_has_its_own_description(
    target: Target, new_store: Callable[..., Store]
) -> None:
    bodies = (target.store_body(), target.store_body())
    stores = [new_store(body) for body in bodies]
    for store, body in zip(stores, bodies, strict=True):
        expect_configuration(store.describe(), body)


@pytest.mark.statement("HTTP-DESCRIBE-08")
def test_a_description_has_the_name(store: Store) -> None:
    assert store.describe().json()["name"] == store.name


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("storage_config", marks=pytest.mark.statement("HTTP-DESCRIBE-09")),
        pytest.param("cache_config", marks=pytest.mark.statement("HTTP-DESCRIBE-10")),
    ],
)
def test_a_description_has_the_configuration(
    target: Target, new_store: Callable[..., Store], member: str
) -> None:
    body = target.store_body()
    assert new_store(body).describe().json()[member] == body[member]


@pytest.mark.statement("HTTP-DESCRIBE-13")
def test_describing_a_store_that_does_not_exist_is_404(target: Target, store: Store) -> None:
    expect_success(store.describe())
    assert Store(target, target.fresh_name()).describe().status == 404
