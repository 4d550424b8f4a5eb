"""Get Object with each read concern, its metadata, and its miss."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store

from .expecting import expect_error, expect_object


@pytest.mark.parametrize(
    "concern",
    [
        pytest.param("balanced", marks=pytest.mark.statement("OS12-GET-01")),
        pytest.param("consistent", marks=pytest.mark.statement("OS12-GET-02")),
    ],
)
def test_a_get_with_a_read_concern_finds_the_object(store: Store, key: str, concern: str) -> None:
    store.put(key, b"body")
    expect_object(store.get(key, headers=[("read-concern", concern)]), b"body")


@pytest.mark.statement("OS12-GET-07")
def test_metadata_comes_back_without_its_prefix(store: Store, key: str) -> None:
    headers = [("mo-meta-content-type", "image/png"), ("mo-meta-author", "somebody")]
    store.put(key, b"body", headers=headers)
    answer = store.get(key)
    assert answer.all("content-type") == ["image/png"]
    assert answer.all("author") == ["somebody"]
    assert not [name for name, _ in answer.fields if name.lower().startswith("mo-meta-")]


@pytest.mark.statement("OS12-GET-08")
def test_a_miss_answers_404(store: Store, key: str) -> None:
    expect_error(store.get(key), 404, "Object not found.")
