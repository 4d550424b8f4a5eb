"""Put Object: what is stored, where, and how it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_details, expect_nothing, expect_object, expect_success


@pytest.mark.statement("HTTP-PUT-01", "HTTP-PUT-44", "HTTP-GET-01")
def test_what_is_put_is_there_to_get(store: Store, key: str) -> None:
    expect_nothing(store.get(key))
    expect_success(store.put(key, b"body"))
    expect_object(store.get(key), b"body")


@pytest.mark.statement("HTTP-PUT-02")
def test_an_object_is_put_at_store_and_key(target: Target, store: Store, key: str) -> None:
    expect_success(target.request("PUT", f"/objectstore/{store.name}/{key}", body=b"body"))
    expect_object(target.request("GET", f"/objectstore/{store.name}/{key}"), b"body")


@pytest.mark.statement("HTTP-PUT-43")
def test_a_put_answers_204_without_a_body(store: Store, key: str) -> None:
    answer = store.put(key, b"body")
    assert answer.status == 204
    assert answer.body == b""


@pytest.mark.statement("HTTP-PUT-03")
def test_a_body_may_be_an_octet_stream(store: Store, key: str) -> None:
    headers = [("Content-Type", "application/octet-stream")]
    expect_success(store.put(key, b"body", headers=headers))
    expect_object(store.get(key), b"body")


@pytest.mark.statement("HTTP-PUT-04", "HTTP-GET-11")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"one\r\n\r\ntwo\r\n0\r\n\r\n", id="lines"),
        pytest.param('{"text": "日本"}\n'.encode(), id="text"),
        pytest.param(b"\x1f\x8b\x08\x00" + bytes(60), id="the beginning of gzip"),
        pytest.param(bytes(range(255, -1, -1)) * 256, id="64 KiB"),
    ],
)
def test_a_body_is_kept_byte_for_byte(store: Store, key: str, body: bytes) -> None:
    expect_success(store.put(key, body))
    expect_object(store.get(key), body)


@pytest.mark.statement("HTTP-PUT-05", "HTTP-GET-03")
def test_an_object_is_in_the_store_that_the_path_names(
    store: Store, key: str, new_store: Callable[..., Store]
) -> None:
    other = new_store()
    expect_success(store.put(key, b"body"))
    expect_nothing(other.get(key))
    expect_success(other.put(key, b"another"))
    expect_object(store.get(key), b"body")
    expect_object(other.get(key), b"another")


@pytest.mark.statement("HTTP-PUT-45")
def test_a_put_with_a_wrong_parameter_is_400(store: Store, key: str) -> None:
    assert store.put(key, b"body", query="ttl_seconds=soon").status == 400
    expect_nothing(store.get(key))


@pytest.mark.statement("HTTP-PUT-46")
def test_the_body_of_a_puts_400_says_more(store: Store, key: str) -> None:
    expect_details(store.put(key, b"body", query="ttl_seconds=soon"), 400)


@pytest.mark.statement("HTTP-PUT-52")
def test_a_put_into_a_store_that_does_not_exist_is_404(target: Target, key: str) -> None:
    answer = Store(target, target.fresh_name()).put(key, b"body")
    assert answer.status == 404
    assert b"Store Not Found" in answer.body


@pytest.mark.statement("HTTP-EXAMPLE-01", "HTTP-EXAMPLE-04")
def test_a_file_at_a_path_is_put_and_got(new_store: Callable[..., Store]) -> None:
    store = new_store()
    headers = [("Content-Type", "application/octet-stream")]
    expect_success(store.put("images/logo.png", b"\x89PNG\r\n", headers=headers))
    expect_object(store.get("images/logo.png"), b"\x89PNG\r\n")
