"""Get Object: hit, miss, and what does not change the answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Fields

from .expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_bytes,
    expect_error,
    expect_object,
)
from .stores import Store, Stores

LARGE = 9 * 1024 * 1024


@pytest.mark.proves("Get Object: 200")
def test_get_object_answers_200_with_the_body(store: Store) -> None:
    store.put("images/logo.png", b"\x89PNG")
    answer = store.get("images/logo.png")
    assert answer.status == 200
    assert answer.body == b"\x89PNG"
    assert answer.headers.all("Content-Length") == ["4"]


@pytest.mark.proves("D09")
def test_an_object_without_a_content_type_is_an_octet_stream(store: Store) -> None:
    store.put("key", b"<html>", headers=[("Content-Type", "text/html")])
    assert store.get("key").headers.all("Content-Type") == ["application/octet-stream"]


@pytest.mark.proves("Get Object: 200")
@pytest.mark.parametrize("size", [100, LARGE])
def test_get_object_answers_the_same_again_and_again(store: Store, size: int) -> None:
    store.put("key", some_bytes(size))
    for _ in range(5):
        expect_object(store.get("key"), some_bytes(size))


@pytest.mark.proves("Get Object: miss, 404")
def test_a_key_without_an_object_is_404(store: Store) -> None:
    expect_error(store.get("no/such/key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Get Object: store, 404")
def test_get_object_from_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    expect_error(stores.named().get("key"), 404, STORE_NOT_FOUND)


@pytest.mark.proves("D27")
@pytest.mark.parametrize("size", [100, LARGE])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("Range", "bytes=0-3")], id="range"),
        pytest.param([("Range", "bytes=-4")], id="suffix-range"),
        pytest.param([("Range", "bytes=99999999999-")], id="range-beyond-the-end"),
        pytest.param([("Range", "nonsense")], id="broken-range"),
        pytest.param([("Range", "bytes=0-3"), ("If-Range", '"tag"')], id="if-range"),
        pytest.param([("If-None-Match", "*")], id="if-none-match"),
        pytest.param([("If-Match", '"no-such-tag"')], id="if-match"),
        pytest.param([("If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 GMT")], id="modified"),
        pytest.param([("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")], id="unmodified"),
    ],
)
def test_get_object_answers_with_the_whole_object(store: Store, headers: Fields, size: int) -> None:
    store.put("key", some_bytes(size))
    answer = store.get("key", headers=headers)
    expect_object(answer, some_bytes(size))
    assert "Content-Range" not in answer.headers


@pytest.mark.proves("Get Object: 200")
@pytest.mark.parametrize("accept", ["gzip", "gzip, deflate, br", "identity;q=0", "*"])
def test_get_object_never_encodes_the_body(store: Store, accept: str) -> None:
    body = b"compressible " * 1000
    store.put("key", body)
    answer = store.get("key", headers=[("Accept-Encoding", accept)])
    expect_object(answer, body)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.proves("Get Object: 200")
def test_get_object_looks_at_no_accept_header(store: Store) -> None:
    store.put("key", b"body")
    expect_object(store.get("key", headers=[("Accept", "application/json")]), b"body")


@pytest.mark.proves("D08")
@pytest.mark.parametrize(("size", "writes"), [(64 * 1024, 40), (LARGE, 4)])
def test_a_reader_sees_one_whole_version_of_an_object(store: Store, size: int, writes: int) -> None:
    def write(version: int) -> int:
        mark = [("mo-meta-version", str(version))]
        return store.put("key", some_bytes(size + version, seed=version), headers=mark).status

    assert write(0) == 204
    with ThreadPoolExecutor(max_workers=1) as writer:
        statuses = writer.submit(lambda: [write(number % 2) for number in range(writes)])
        while not statuses.done():
            answer = store.get("key")
            version = int(answer.headers.get("version") or -1)
            expect_bytes(answer.body, some_bytes(size + version, seed=version))
        assert set(statuses.result()) == {204}
