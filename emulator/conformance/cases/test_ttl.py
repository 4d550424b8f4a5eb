"""``ttl_seconds`` of Put Object: what it may be, and how long an object is there."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_nothing, expect_object, expect_success

SHORT_SECONDS = 3


@pytest.mark.statement("HTTP-PUT-10")
def test_a_put_needs_no_ttl(store: Store, key: str) -> None:
    expect_success(store.put(key, b"body"))
    expect_object(store.get(key), b"body")


@pytest.mark.statement("HTTP-PUT-11")
@pytest.mark.parametrize("value", ["soon", "1.5", "60s"])
def test_a_ttl_that_is_no_integer_is_400(store: Store, key: str, value: str) -> None:
    assert store.put(key, b"body", query=f"ttl_seconds={value}").status == 400


@pytest.mark.statement("HTTP-PUT-12")
def test_an_object_is_gone_after_its_ttl_in_seconds(target: Target, store: Store, key: str) -> None:
    longer = f"{key}-longer"
    expect_success(store.put(longer, b"body", query="ttl_seconds=300"))
    expect_success(store.put(key, b"body", query=f"ttl_seconds={SHORT_SECONDS}"))
    expect_object(store.get(key), b"body")
    target.wait(SHORT_SECONDS + 1)
    expect_nothing(store.get(key))
    expect_object(store.get(longer), b"body")


@pytest.mark.statement("HTTP-PUT-13")
def test_an_object_without_a_ttl_stays_even_where_one_was_before(
    target: Target, store: Store, key: str
) -> None:
    again = f"{key}-again"
    expect_success(store.put(key, b"body"))
    expect_success(store.put(again, b"old", query=f"ttl_seconds={SHORT_SECONDS}"))
    expect_success(store.put(again, b"new"))
    target.wait(SHORT_SECONDS + 1)
    expect_object(store.get(key), b"body")
    expect_object(store.get(again), b"new")


@pytest.mark.statement("HTTP-EXAMPLE-02")
def test_a_ttl_may_be_an_hour(store: Store, key: str) -> None:
    expect_success(store.put(key, b"body", query="ttl_seconds=3600"))
    expect_object(store.get(key), b"body")
