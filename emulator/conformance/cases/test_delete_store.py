"""Delete Object Store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_nothing, expect_success, names_in


@pytest.mark.statement("HTTP-DELETE-01")
def test_a_deleted_store_is_gone(target: Target, new_store: Callable[..., Store]) -> None:
    store = new_store()
    store.remove()
    expect_nothing(store.describe())
    assert store.name not in names_in(target.request("GET", "/objectstore"))


@pytest.mark.statement("HTTP-DELETE-02", "HTTP-EXAMPLE-08")
def test_a_store_is_deleted_by_a_delete_of_its_name(
    target: Target, new_store: Callable[..., Store]
) -> None:
    store = new_store()
    expect_success(target.request("DELETE", f"/objectstore/{store.name}"))
    expect_nothing(store.describe())


@pytest.mark.statement("HTTP-DELETE-03")
def test_deleting_a_store_leaves_the_others(new_store: Callable[..., Store]) -> None:
    store, other = new_store(), new_store()
    store.remove()
    expect_nothing(store.describe())
    expect_success(other.describe())


@pytest.mark.statement("HTTP-DELETE-07")
def test_deleting_a_store_answers_200(new_store: Callable[..., Store]) -> None:
    assert new_store().remove().status == 200


@pytest.mark.statement("HTTP-DELETE-10")
def test_deleting_a_store_that_does_not_exist_is_404(new_store: Callable[..., Store]) -> None:
    store = new_store()
    expect_success(store.remove())
    assert store.remove().status == 404
