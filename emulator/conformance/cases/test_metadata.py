"""Metadata: ``mo-meta-*`` headers of Put Object, which Get Object returns."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store

from .expecting import expect_object, expect_success


@pytest.mark.statement("HTTP-PUT-16")
def test_a_put_needs_no_metadata(store: Store, key: str) -> None:
    expect_success(store.put(key, b"body"))
    expect_object(store.get(key), b"body")


@pytest.mark.statement("HTTP-PUT-17")
@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("mo-meta-author", "author"),
        ("mo-meta-x-of-no-standard", "x-of-no-standard"),
        ("mo-meta-2", "2"),
        ("MO-META-Colour", "colour"),
    ],
)
def test_any_name_of_metadata_is_stored(store: Store, key: str, header: str, name: str) -> None:
    expect_success(store.put(key, b"body", headers=[(header, "a value")]))
    assert store.get(key).all(name) == ["a value"]


@pytest.mark.statement("HTTP-PUT-18")
def test_metadata_comes_back_without_its_prefix(store: Store, key: str) -> None:
    expect_success(store.put(key, b"body", headers=[("mo-meta-author", "Ada")]))
    answer = store.get(key)
    assert answer.all("author") == ["Ada"]
    assert answer.all("mo-meta-author") == []


@pytest.mark.statement("HTTP-PUT-19")
@pytest.mark.parametrize("value", ["image/png", "text/html; charset=utf-8"])
def test_the_content_type_of_an_object_is_metadata(store: Store, key: str, value: str) -> None:
    expect_success(store.put(key, b"body", headers=[("mo-meta-content-type", value)]))
    assert store.get(key).all("Content-Type") == [value]


@pytest.mark.statement("HTTP-GET-12")
def test_a_get_returns_all_metadata(store: Store, key: str) -> None:
    metadata = {f"name-{number}": f"value {number}" for number in range(20)}
    headers = [(f"mo-meta-{name}", value) for name, value in metadata.items()]
    expect_success(store.put(key, b"body", headers=headers))
    answer = store.get(key)
    assert {name: answer.header(name) for name in metadata} == metadata


@pytest.mark.statement("HTTP-EXAMPLE-03")
def test_an_object_has_a_content_type_and_a_cache_control(store: Store, key: str) -> None:
    headers = [("mo-meta-content-type", "image/png"), ("mo-meta-cache-control", "max-age=86400")]
    expect_success(store.put(key, b"body", headers=headers))
    answer = store.get(key)
    assert answer.header("Content-Type") == "image/png"
    assert answer.header("Cache-Control") == "max-age=86400"
