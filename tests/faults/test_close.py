"""Connections that are closed: before an answer, in one, and in a request."""

from __future__ import annotations

import http.client
from typing import Any

import aiohttp
import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.support.bodies import some_bytes

from .operations import OPERATIONS
from .rules import Rules, in_request
from .wire import Connection

CLOSE: dict[str, Any] = {"type": "close"}
RESET = {"type": "close", "reset": True}
AFTER_WORK = {"type": "close", "after_work": True}
SIZES = [1, 100, 60_000, 100_000, 9 * 1024 * 1024]


def in_answer(**more: object) -> dict[str, Any]:
    return {"type": "close", "where": "answer_body", **more}


@pytest.mark.parametrize("effect", ["close", CLOSE, {**CLOSE, "where": "before_answer"}], ids=str)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_the_connection_ends_without_an_answer(
    emulator: Emulator, store: Store, effect: Any, method: str
) -> None:
    emulator.faults.add(effect)
    with Connection(store.client) as connection:
        connection.ask(method, store.path_of("key"), body=b"body" if method == "PUT" else b"")
        assert connection.rest() == b""


@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_the_connection_is_reset_where_the_rule_says_so(
    emulator: Emulator, store: Store, method: str, after_work: bool
) -> None:
    store.put("key", b"body")
    emulator.faults.add({**RESET, "after_work": after_work})
    with Connection(store.client) as connection:
        connection.ask(method, store.path_of("key"), body=b"body" if method == "PUT" else b"")
        assert connection.rest_and_reset() == b""


@pytest.mark.parametrize("effect", [CLOSE, RESET], ids=["close", "reset"])
def test_what_is_closed_before_the_work_has_not_been_done(
    emulator: Emulator, store: Store, effect: dict[str, Any]
) -> None:
    store.put("key", b"old")
    with emulator.faults.add(effect):
        for key in ("key", "other"):
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                store.put(key, b"new")
    assert store.get("key").body == b"old"
    assert store.get("other").status == 404


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("size", [0, *SIZES])
def test_what_is_closed_after_the_work_has_been_done(
    emulator: Emulator, store: Store, size: int, reset: bool
) -> None:
    store.put("key", b"old")
    with emulator.faults.add({**AFTER_WORK, "reset": reset}):
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            store.put("key", some_bytes(size))
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            store.get("key")
    assert store.get("key").body == some_bytes(size)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_can_be_left_without_an_answer(
    emulator: Emulator, store: Store, name: str
) -> None:
    emulator.faults.add("close", operation=name, times=1)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        OPERATIONS[name].send(store.client)
    assert store.client.get("/objectstore").status == 200


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fraction", [0, 0.25, 0.5, 0.999])
def test_an_answer_breaks_off_after_a_fraction_of_its_body(
    emulator: Emulator, store: Store, size: int, fraction: float
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(in_answer(after_fraction=fraction))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        status, headers = connection.head()
        assert (status, headers["content-length"]) == (200, str(size))
        assert connection.rest() == some_bytes(size)[: int(size * fraction)]


@pytest.mark.parametrize("after", [0, 1, 99, 65_536, 99_999])
def test_an_answer_breaks_off_after_so_many_bytes(
    emulator: Emulator, store: Store, after: int
) -> None:
    store.put("key", some_bytes(100_000))
    emulator.faults.add(in_answer(after_bytes=after))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        assert connection.head()[1]["content-length"] == "100000"
        assert connection.rest() == some_bytes(100_000)[:after]


def test_an_answer_breaks_off_in_the_middle_where_nothing_is_said(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(in_answer())
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        connection.head()
        assert connection.rest() == b"1234"


@pytest.mark.parametrize("after", [0, 1, 1000])
def test_an_answer_may_break_off_with_a_reset(emulator: Emulator, store: Store, after: int) -> None:
    store.put("key", some_bytes(2000))
    emulator.faults.add(in_answer(after_bytes=after, reset=True))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        assert connection.head()[1]["content-length"] == "2000"
        assert connection.rest_and_reset() == some_bytes(2000)[:after]


def test_a_body_that_ends_before_it_would_break_off_is_sent_whole(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"body")
    store.put("empty")
    emulator.faults.add(in_answer(after_bytes=4))
    with store.client.wire() as wire:
        assert wire.request("GET", store.path_of("key")).body == b"body"
        assert wire.request("GET", store.path_of("empty")).body == b""
        assert wire.request("PUT", store.path_of("key"), body=b"new").status == 204
        head = wire.request("HEAD", store.path_of("key"))
        assert (head.status, head.headers.get("Content-Length")) == (200, "3")
        assert wire.request("GET", store.path_of("key")).body == b"new"


def test_an_answer_in_http_1_0_breaks_off_too(emulator: Emulator, store: Store) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(in_answer(after_bytes=3))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"), version="1.0")
        assert connection.head()[1]["content-length"] == "8"
        assert connection.rest() == b"123"


def test_a_client_of_ours_notices_that_the_body_is_not_whole(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(in_answer(after_fraction=0.5), times=1)
    with pytest.raises(http.client.IncompleteRead) as broken:
        store.get("key")
    assert broken.value.partial == b"1234"
    assert store.get("key").body == b"12345678"


async def test_aiohttp_notices_that_the_body_is_not_whole(emulator: Emulator, store: Store) -> None:
    store.put("key", some_bytes(100_000))
    headers = {"Authorization": emulator.api_key()}
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(
        emulator.endpoint, headers=headers, timeout=timeout
    ) as session:
        with emulator.faults.add("close") as rule:
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.get(store.path_of("key"))
            assert rule.fired  # More than once: aiohttp repeats a GET by itself.
        emulator.faults.add(in_answer(after_fraction=0.5), times=1)
        async with session.get(store.path_of("key")) as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()
        async with session.get(store.path_of("key")) as answer:
            assert await answer.read() == some_bytes(100_000)


def test_a_connection_that_is_closed_takes_no_other_with_it(rules: Rules, store: Store) -> None:
    rules.new("close", key="key")
    with store.client.wire() as kept:
        assert kept.request("GET", store.path_of("other")).status == 404
        with Connection(store.client) as connection:
            connection.ask("GET", store.path_of("key"))
            assert connection.rest() == b""
        assert kept.request("GET", store.path_of("other")).status == 404


def test_the_log_says_nothing_of_connections_that_a_fault_closes(
    emulator: Emulator, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store.put("key", b"body")
    for effect in (CLOSE, RESET, AFTER_WORK, in_answer(), in_answer(reset=True)):
        with emulator.faults.add(effect), Connection(store.client) as connection:
            connection.ask("GET", store.path_of("key"))
            try:
                connection.rest()
            except ConnectionResetError:
                assert effect.get("reset")
    with emulator.faults.add(in_request()), Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), body=b"body")
        assert connection.rest() == b""
    assert caplog.text == ""
