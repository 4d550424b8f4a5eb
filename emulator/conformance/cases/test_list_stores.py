"""List Object Stores."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_success, names_in


@pytest.mark.statement("HTTP-LIST-01")
def test_every_store_is_listed(
    target: Target, store: Store, new_store: Callable[..., Store]
) -> None:
    names = [each.name for each in (store, new_store(), new_store())]
    listed = names_in(target.request("GET", "/objectstore"))
    assert sorted(name for name in listed if name in names) == sorted(names)


@pytest.mark.statement("HTTP-LIST-02", "HTTP-EXAMPLE-06")
def test_stores_are_listed_at_the_path_of_all(target: Target) -> None:
    expect_success(target.request("GET", "/objectstore"))


@pytest.mark.statement("HTTP-LIST-05")
def test_listing_stores_answers_200(target: Target) -> None:
    assert target.request("GET", "/objectstore").status == 200


@pytest.mark.statement("HTTP-LIST-06")
def test_each_store_in_the_list_has_a_name(target: Target, store: Store) -> None:
    listed = target.request("GET", "/objectstore").json()["object_stores"]
    assert all(isinstance(each["name"], str) for each in listed)
    assert store.name in [each["name"] for each in listed]
