"""A PUT whose body ends early stores nothing (D21)."""

from __future__ import annotations

import json

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Wire, chunk

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object, expect_store
from .stores import JSON, Store, Stores, configuration

pytestmark = pytest.mark.proves("D21")

LARGE = 9 * 1024 * 1024
CHUNKED = ("Transfer-Encoding", "chunked")


def length(size: int) -> tuple[str, str]:
    return ("Content-Length", str(size))


INTERRUPTED = [
    pytest.param(length(5), b"", id="nothing-of-5-bytes"),
    pytest.param(length(5), b"abcd", id="4-of-5-bytes"),
    pytest.param(length(LARGE), b"", id="nothing-of-9-MiB"),
    pytest.param(length(LARGE), some_bytes(1000), id="1-KB-of-9-MiB"),
    pytest.param(length(LARGE), some_bytes(LARGE)[:-1], id="9-MiB-but-a-byte"),
    pytest.param(CHUNKED, b"", id="no-chunk"),
    pytest.param(CHUNKED, chunk(b"abc"), id="no-last-chunk"),
    pytest.param(CHUNKED, b"5\r\nabc", id="cut-in-a-chunk"),
    pytest.param(CHUNKED, b"5\r\nabcde", id="cut-after-the-data"),
    pytest.param(CHUNKED, chunk(b"abc") + b"0\r\n", id="cut-in-the-last-chunk"),
    pytest.param(CHUNKED, chunk(some_bytes(LARGE)), id="no-last-chunk-after-9-MiB"),
    pytest.param(CHUNKED, chunk(b"abc") + b"no size\r\nabc\r\n", id="broken-chunk-size"),
]


def break_off(wire: Wire, how: str) -> None:
    """End a connection in the middle of a request; wait, where that can be, for the service."""
    if how == "finished":
        wire.finish_sending()
        wire.read_to_end()
    else:
        wire.reset()


def put_and_break_off(
    store: Store, key: str, framing: tuple[str, str], sent: bytes, how: str
) -> None:
    fields = store.client.fields([framing, ("mo-meta-mark", "new")])
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of(key), fields)
        wire.send(sent)
        break_off(wire, how)


@pytest.mark.parametrize("how", ["finished", "reset"])
@pytest.mark.parametrize(("framing", "sent"), INTERRUPTED)
def test_an_interrupted_put_leaves_the_old_object(
    store: Store, framing: tuple[str, str], sent: bytes, how: str
) -> None:
    assert store.put("key", b"old", headers=[("mo-meta-mark", "old")]).status == 204
    put_and_break_off(store, "key", framing, sent, how)
    answer = store.get("key")
    expect_object(answer, b"old")
    assert answer.headers.all("mark") == ["old"]


@pytest.mark.parametrize("how", ["finished", "reset"])
@pytest.mark.parametrize(("framing", "sent"), INTERRUPTED)
def test_an_interrupted_put_makes_no_object(
    store: Store, framing: tuple[str, str], sent: bytes, how: str
) -> None:
    put_and_break_off(store, "key", framing, sent, how)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    assert store.put("key", b"whole").status == 204
    expect_object(store.get("key"), b"whole")


@pytest.mark.parametrize("how", ["finished", "reset"])
def test_an_interrupted_put_leaves_a_large_old_object(store: Store, how: str) -> None:
    assert store.put("key", some_bytes(LARGE, seed=1)).status == 204
    for framing, sent in ((length(LARGE), some_bytes(LARGE, seed=2)[:-1]), (length(9), b"short")):
        put_and_break_off(store, "key", framing, sent, how)
        expect_object(store.get("key"), some_bytes(LARGE, seed=1))


def test_an_object_may_be_put_while_another_put_of_it_hangs(store: Store) -> None:
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), store.client.fields([length(LARGE)]))
        wire.send(some_bytes(1000))
        assert store.put("key", b"whole").status == 204
        expect_object(store.get("key"), b"whole")
        break_off(wire, "finished")
    expect_object(store.get("key"), b"whole")


@pytest.mark.parametrize("how", ["finished", "reset"])
def test_a_configuration_that_ends_early_changes_no_store(stores: Stores, how: str) -> None:
    config = configuration()
    present, absent = stores.create(config), stores.named()
    body = json.dumps(configuration()).encode()
    for store in (present, absent):
        with store.client.wire() as wire:
            fields = store.client.fields([*JSON, length(len(body) + 1)])
            wire.send_head("PUT", store.path, fields)
            wire.send(body)
            break_off(wire, how)
    expect_store(present.describe(), 200, present.name, config)
    expect_error(absent.describe(), 404, STORE_NOT_FOUND)
