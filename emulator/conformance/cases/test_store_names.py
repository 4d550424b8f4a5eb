"""Names of object stores: URL-safe, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from emulator.conformance.target import JSON, Store, Target

from .expecting import expect_nothing, expect_refused, expect_success, names_in

unsafe = pytest.mark.parametrize("end", ["%20", "%22", "%C3%A9"], ids=["space", "quote", "é"])


@pytest.fixture
def misnamed(target: Target, store: Store, end: str) -> Store:
    """The name of the store that exists, with an end that is not URL-safe."""
    return Store(target, f"{store.name}{end}")


@unsafe
@pytest.mark.statement("HTTP-PUT-06")
def test_a_put_into_a_name_that_is_not_url_safe_is_refused(
    store: Store, misnamed: Store, key: str
) -> None:
    expect_refused(misnamed.put(key, b"body"))
    expect_nothing(store.get(key))


@unsafe
@pytest.mark.statement("HTTP-GET-04")
def test_a_get_from_a_name_that_is_not_url_safe_is_refused(
    store: Store, misnamed: Store, key: str
) -> None:
    expect_success(store.put(key, b"body"))
    expect_refused(misnamed.get(key))


@unsafe
@pytest.mark.statement("HTTP-STORE-08")
def test_no_store_is_made_of_a_name_that_is_not_url_safe(target: Target, end: str) -> None:
    name, body = target.fresh_name(), target.store_body()
    expect_refused(Store(target, f"{name}{end}").configure(body))
    names = names_in(target.request("GET", "/objectstore"))
    assert not [each for each in names if each.startswith(name)]
    store = Store(target, name)
    expect_success(store.configure(body))
    store.remove()


@unsafe
@pytest.mark.statement("HTTP-DESCRIBE-04")
def test_a_description_of_a_name_that_is_not_url_safe_is_refused(misnamed: Store) -> None:
    expect_refused(misnamed.describe())


@unsafe
@pytest.mark.statement("HTTP-DELETE-04")
def test_a_deletion_of_a_name_that_is_not_url_safe_is_refused(target: Target, end: str) -> None:
    with target.new_store() as store:
        expect_refused(Store(target, f"{store.name}{end}").remove())
        expect_success(store.describe())


@pytest.mark.statement("HTTP-STORE-05")
def test_no_store_is_made_without_a_name(target: Target) -> None:
    name = target.fresh_name()
    body = json.dumps({"name": name, **target.store_body()}).encode()
    expect_refused(target.request("PUT", "/objectstore", headers=JSON, body=body))
    names = names_in(target.request("GET", "/objectstore"))
    assert not [each for each in names if each.startswith(name)]


@pytest.mark.statement("HTTP-STORE-06")
def test_a_store_is_named_as_its_path_says(new_store: Callable[..., Store]) -> None:
    store = new_store()
    assert store.describe().json()["name"] == store.name


@pytest.mark.statement("HTTP-STORE-07")
@pytest.mark.parametrize("end", ["-Az09", "_", ".a", "~"])
def test_a_name_that_is_url_safe_is_accepted(target: Target, end: str) -> None:
    store = Store(target, f"{target.fresh_name()}{end}")
    expect_success(store.configure(target.store_body()))
    expect_success(store.describe())
    store.remove()
