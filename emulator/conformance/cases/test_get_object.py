"""Get Object: hits and misses."""

from __future__ import annotations

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store, Target

from .expecting import expect_details, expect_object, expect_success


@pytest.mark.statement("HTTP-GET-02")
def test_an_object_is_got_at_store_and_key(target: Target, store: Store, key: str) -> None:
    expect_success(store.put(key, b"body"))
    expect_object(target.request("GET", f"/objectstore/{store.name}/{key}"), b"body")


@pytest.mark.statement("HTTP-GET-10")
def test_a_hit_is_200(store: Store, key: str) -> None:
    expect_success(store.put(key, b"body"))
    assert store.get(key).status == 200


@pytest.mark.statement("HTTP-GET-13")
def test_a_miss_is_404(store: Store, key: str) -> None:
    assert store.get(key).status == 404


@pytest.mark.statement("HTTP-GET-14")
def test_a_miss_says_that_there_is_no_such_object(store: Store, key: str) -> None:
    assert b"Object not found." in store.get(key).body


@pytest.mark.statement("HTTP-GET-15")
def test_a_get_that_is_wrong_is_400(target: Target) -> None:
    assert _wrong_get(target).status == 400


@pytest.mark.statement("HTTP-GET-16")
def test_the_body_of_a_gets_400_says_more(target: Target) -> None:
    expect_details(_wrong_get(target), 400)


@pytest.mark.statement("HTTP-GET-22")
def test_a_get_from_a_store_that_does_not_exist_is_404(target: Target, key: str) -> None:
    answer = Store(target, target.fresh_name()).get(key)
    assert answer.status == 404
    assert b"Store Not Found" in answer.body


def _wrong_get(target: Target) -> Answer:
    """Get an object of a store whose name is not URL-safe, which is the one wrong Get there is."""
    answer = Store(target, f"{target.fresh_name()}%20").get("key")
    if answer.status == 404:
        pytest.skip("The only wrong Get that is documented names a store that does not exist.")
    return answer
