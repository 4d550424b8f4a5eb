"""Keys of objects: each names an object of its own, and may be a path."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store

from .expecting import expect_nothing, expect_object, expect_refused, expect_success


@pytest.mark.statement("HTTP-PUT-07")
def test_a_put_without_a_key_is_refused(store: Store) -> None:
    expect_refused(store.put("", b"body"))


@pytest.mark.statement("HTTP-GET-05")
def test_a_get_without_a_key_returns_no_object(store: Store, key: str) -> None:
    store.put("", b"without a key")
    store.put(key, b"with a key")
    assert b"a key" not in store.get("").body


@pytest.mark.statement("HTTP-PUT-08", "HTTP-GET-06")
@pytest.mark.parametrize(("one", "two"), [("1", "2"), ("a", "A")], ids=["digit", "case"])
def test_two_keys_are_two_objects(store: Store, key: str, one: str, two: str) -> None:
    store.put(f"{key}-{one}", b"one")
    store.put(f"{key}-{two}", b"two")
    expect_object(store.get(f"{key}-{one}"), b"one")
    expect_object(store.get(f"{key}-{two}"), b"two")
    expect_nothing(store.get(key))


@pytest.mark.statement("HTTP-PUT-09", "HTTP-GET-07")
def test_every_segment_of_a_path_counts(store: Store, key: str) -> None:
    paths = (f"{key}/sub/file.txt", f"{key}/sub/other.txt", f"{key}/bus/file.txt", f"{key}/sub")
    for path in paths:
        expect_success(store.put(path, path.encode()))
    for path in paths:
        expect_object(store.get(path), path.encode())
