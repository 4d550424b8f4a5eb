"""Put Object: what is stored, and how it is acknowledged."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Fields

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object
from .stores import CACHE_LIMIT, Store, Stores

MIB = 1024 * 1024
BODIES = [
    pytest.param(b"", id="empty"),
    pytest.param(b"x", id="1-byte"),
    pytest.param(b"\0", id="nul"),
    pytest.param(bytes(range(256)), id="all-256-byte-values"),
    pytest.param(b"one\r\n\r\ntwo\r\n0\r\n\r\n", id="looks-like-http"),
    pytest.param(some_bytes(MIB), id="1-MiB"),
    pytest.param(some_bytes(CACHE_LIMIT), id="8-MiB"),
    pytest.param(some_bytes(CACHE_LIMIT + 1), id="8-MiB-and-a-byte"),
    pytest.param(some_bytes(9 * MIB), id="9-MiB"),
]


def pieces(body: bytes, size: int = 60_000) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.proves("Put Object: 204")
def test_put_object_answers_204_without_a_body(store: Store) -> None:
    answer = store.put("key", b"body")
    assert answer.status == 204
    assert answer.body == b""


@pytest.mark.proves("Put Object: 204")
@pytest.mark.parametrize("body", BODIES)
def test_put_object_stores_the_body_byte_for_byte(store: Store, body: bytes) -> None:
    assert store.put("key", body).status == 204
    expect_object(store.get("key"), body)


@pytest.mark.proves("Put Object: 204")
@pytest.mark.parametrize("body", BODIES)
def test_put_object_takes_a_chunked_body(store: Store, body: bytes) -> None:
    assert store.put("key", pieces(body)).status == 204
    expect_object(store.get("key"), body)


@pytest.mark.proves("Put Object: 204")
def test_put_object_takes_chunks_of_one_byte(store: Store) -> None:
    body = bytes(range(256))
    assert store.put("key", pieces(body, size=1)).status == 204
    expect_object(store.get("key"), body)


@pytest.mark.proves("Put Object: 204")
def test_put_object_takes_no_content_length_as_an_empty_body(store: Store) -> None:
    assert store.put("key", None).status == 204
    expect_object(store.get("key"), b"")


@pytest.mark.proves("D08")
@pytest.mark.parametrize("new_size", [0, 7, 9 * MIB])
@pytest.mark.parametrize("old_size", [0, 1000, 9 * MIB])
def test_put_object_replaces_the_body(store: Store, old_size: int, new_size: int) -> None:
    assert store.put("key", some_bytes(old_size, seed=1)).status == 204
    assert store.put("key", some_bytes(new_size, seed=2)).status == 204
    expect_object(store.get("key"), some_bytes(new_size, seed=2))


@pytest.mark.proves("Put Object: 204")
def test_put_object_again_with_the_same_body_is_204(store: Store) -> None:
    assert [store.put("key", b"same").status for _ in range(3)] == [204, 204, 204]
    expect_object(store.get("key"), b"same")


@pytest.mark.proves("Put Object: 204")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="none"),
        pytest.param([("Content-Type", "application/octet-stream")], id="octet-stream"),
        pytest.param([("Content-Type", "text/plain; charset=utf-8")], id="text"),
        pytest.param([("Content-Type", "application/json")], id="json"),
        pytest.param([("Content-Type", "application/x-www-form-urlencoded")], id="form"),
        pytest.param([("Content-Type", "multipart/form-data; boundary=b")], id="multipart"),
    ],
)
def test_put_object_looks_at_no_content_type(store: Store, headers: Fields) -> None:
    body = b'--b\r\n{"not": "parsed"\xff'
    assert store.put("key", body, headers=headers).status == 204
    expect_object(store.get("key"), body)


@pytest.mark.proves("Put Object: body")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(
    "body",
    [pytest.param(gzip.compress(b"hello" * 99), id="gzip"), pytest.param(b"plain", id="plain")],
)
def test_put_object_never_decodes_the_body(store: Store, coding: str, body: bytes) -> None:
    assert store.put("key", body, headers=[("Content-Encoding", coding)]).status == 204
    answer = store.get("key")
    expect_object(answer, body)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.proves("Put Object: body")
def test_put_object_never_decodes_a_chunked_body(store: Store) -> None:
    body = gzip.compress(some_bytes(200_000))
    headers = [("Content-Encoding", "gzip"), ("mo-meta-content-encoding", "gzip")]
    assert store.put("key", pieces(body), headers=headers).status == 204
    answer = store.get("key")
    expect_object(answer, body)
    assert answer.headers.all("Content-Encoding") == ["gzip"]


@pytest.mark.proves("Put Object: path parameters")
def test_objects_of_one_store_do_not_touch_each_other(store: Store) -> None:
    for number in range(20):
        assert store.put(f"key-{number}", b"body %d" % number).status == 204
    for number in range(20):
        expect_object(store.get(f"key-{number}"), b"body %d" % number)


@pytest.mark.proves("Put Object: path parameters")
def test_a_key_of_one_store_is_not_a_key_of_another(stores: Stores) -> None:
    one, other = stores.create(), stores.create()
    assert one.put("key", b"one").status == 204
    expect_error(other.get("key"), 404, OBJECT_NOT_FOUND)
    assert other.put("key", b"other").status == 204
    expect_object(one.get("key"), b"one")
    expect_object(other.get("key"), b"other")


@pytest.mark.proves("Put Object: 404")
@pytest.mark.parametrize(
    "body", [pytest.param(b"body", id="small"), pytest.param(some_bytes(9 * MIB), id="9-MiB")]
)
def test_put_object_into_a_store_that_does_not_exist_is_404(stores: Stores, body: bytes) -> None:
    nowhere = stores.named()
    expect_error(nowhere.put("key", body), 404, STORE_NOT_FOUND)
    expect_error(nowhere.describe(), 404)


@pytest.mark.proves("D27")
@pytest.mark.parametrize(
    "condition",
    [
        pytest.param([("If-None-Match", "*")], id="if-none-match"),
        pytest.param([("If-Match", '"no-such-tag"')], id="if-match"),
        pytest.param([("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")], id="unmodified"),
        pytest.param([("Content-Range", "bytes 0-2/9")], id="content-range"),
    ],
)
def test_put_object_ignores_conditions(store: Store, condition: Fields) -> None:
    assert store.put("key", b"old").status == 204
    assert store.put("key", b"new", headers=condition).status == 204
    expect_object(store.get("key"), b"new")
