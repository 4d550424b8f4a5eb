"""Delete Object: what is gone afterwards, and who may not delete."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_error, expect_object


@pytest.mark.statement("OS12-DELETE-01", "OS12-DELETE-03")
def test_a_deleted_object_is_not_found(store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_object(store.get(key), b"body")
    assert store.delete(key).status == 204
    expect_error(store.get(key), 404)


@pytest.mark.statement("OS12-DELETE-02")
def test_deleting_what_is_not_there_answers_204(store: Store, key: str) -> None:
    assert store.delete(key).status == 204


@pytest.mark.statement("OS12-DELETE-05")
@pytest.mark.parametrize("api_key", [None, "not-an-api-key"])
def test_deleting_without_a_valid_key_answers_401(
    store: Store, key: str, api_key: str | None
) -> None:
    store.put(key, b"body")
    expect_error(store.delete(key, api_key=api_key), 401)
    expect_object(store.get(key), b"body")


@pytest.mark.statement("OS12-DELETE-06")
def test_deleting_as_a_viewer_answers_403(store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_error(store.delete(key, api_key="viewer"), 403)
    expect_object(store.get(key), b"body")


@pytest.mark.statement("OS12-DELETE-07")
def test_deleting_in_an_unknown_store_answers_404(target: Target, key: str) -> None:
    unknown = Store(target, target.fresh_name())
    expect_error(unknown.delete(key), 404, "Store Not Found")
