"""Answers that take their time: before they begin, and between their head and their body."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.support.bodies import some_bytes
from tests.support.waiting import wait_until

from .rules import FOR_EVER, status
from .wire import Connection

FIXED = {"type": "latency", "seconds": 0.05}
UNIFORM = {
    "type": "latency",
    "distribution": "uniform",
    "min_seconds": 0.05,
    "max_seconds": 0.06,
}
LOGNORMAL = {
    "type": "latency",
    "distribution": "lognormal",
    "median_seconds": 0.05,
    "sigma": 0,
}
LATENCIES = [
    pytest.param(FIXED, id="fixed"),
    pytest.param({**FIXED, "distribution": "fixed"}, id="fixed by name"),
    pytest.param(UNIFORM, id="uniform"),
    pytest.param(LOGNORMAL, id="lognormal"),
]


@pytest.mark.parametrize("latency", LATENCIES)
def test_an_answer_takes_at_least_so_long(
    emulator: Emulator, store: Store, latency: dict[str, Any]
) -> None:
    rule = emulator.faults.add(latency)
    before = time.monotonic()
    assert store.put("key", b"body").status == 204
    assert time.monotonic() - before >= 0.05
    before = time.monotonic()
    assert store.head("key").status == 200
    assert time.monotonic() - before >= 0.05
    assert rule.fired == 2


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_body_comes_at_least_so_much_later(
    emulator: Emulator, store: Store, latency: dict[str, Any]
) -> None:
    store.put("key", b"body")
    emulator.faults.add({**latency, "before": "first_byte"})
    before = time.monotonic()
    assert store.get("key").body == b"body"
    assert time.monotonic() - before >= 0.05


def test_a_lognormal_latency_differs_from_one_request_to_the_next(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(
        {"type": "latency", "distribution": "lognormal", "median_seconds": 1e-6, "sigma": 0.5}
    )
    assert [store.get("key").status for _ in range(5)] == [404] * 5


@pytest.mark.parametrize("size", [1, 60_000, 100_000, 9 * 1024 * 1024])
def test_the_head_arrives_before_the_wait_and_the_body_after_it(
    emulator: Emulator, store: Store, size: int
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add({**FOR_EVER, "before": "first_byte"})
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        code, headers = connection.head()
        assert (code, headers["content-length"]) == (200, str(size))
        emulator.reset()  # Nothing but this ends the wait.
        assert connection.rest() == b""


def test_before_the_answer_means_before_its_head(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(FOR_EVER)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired)
        emulator.reset()
        assert connection.rest() == b""


def test_a_latency_before_the_work_holds_up_the_work(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(FOR_EVER, key="key", operation="PutObject")
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), body=b"body")
        wait_until(lambda: rule.fired)
        assert store.get("key").status == 404


def test_what_has_no_body_does_not_wait_for_its_first_byte(
    emulator: Emulator, store: Store
) -> None:
    store.put("empty")
    store.put("key", b"body")
    rule = emulator.faults.add({**FOR_EVER, "before": "first_byte"})
    assert store.get("empty").status == 200
    assert store.head("key").headers.get("Content-Length") == "4"
    assert store.put("key", b"new").status == 204
    assert rule.fired == 2


def test_waits_before_the_first_byte_add_up(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    for _ in range(3):
        emulator.faults.add({"type": "latency", "seconds": 0.03, "before": "first_byte"})
    before = time.monotonic()
    assert store.get("key").body == b"body"
    assert time.monotonic() - before >= 0.09


def test_an_error_waits_for_its_first_byte_as_well(emulator: Emulator, store: Store) -> None:
    emulator.faults.add({**FIXED, "before": "first_byte"})
    before = time.monotonic()
    assert store.get("key").message == "Object not found."
    assert time.monotonic() - before >= 0.05


@pytest.mark.parametrize("where", ["answer", "first_byte"])
def test_the_connection_serves_the_next_request(
    emulator: Emulator, store: Store, where: str
) -> None:
    emulator.faults.add({**FIXED, "before": where}, times=2)
    with store.client.wire() as wire:
        for number in (b"1", b"2", b"3"):
            assert wire.request("PUT", store.path_of("key"), body=number).status == 204
            assert wire.request("GET", store.path_of("key")).body == number


def test_a_latency_does_not_wait_for_the_emulators_clock(emulator: Emulator, store: Store) -> None:
    emulator.clock.freeze()
    emulator.faults.add(FIXED)
    before = time.monotonic()
    assert store.get("key").status == 404
    assert time.monotonic() - before >= 0.05


def test_who_waits_holds_up_nobody_else(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    rule = emulator.faults.add(FOR_EVER, key="slow", times=3)
    with (
        Connection(store.client) as one,
        Connection(store.client) as two,
        Connection(store.client) as three,
    ):
        one.ask("GET", store.path_of("slow"))
        two.ask("PUT", store.path_of("slow"), body=b"late")
        three.ask("HEAD", store.path_of("slow"))
        wait_until(lambda: rule.fired == 3)
        assert store.get("key").body == b"body"
        assert store.put("key", b"new").status == 204
        assert store.put("slow", b"not so slow").status == 204
        assert store.get("slow").body == b"not so slow"


def test_a_rule_that_is_removed_lets_those_wait_that_wait(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add({"type": "latency", "seconds": 0.2})
    with Connection(store.client) as connection:
        before = time.monotonic()
        connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired)
        rule.remove()
        assert store.get("key").status == 404
        assert connection.head()[0] == 404
        assert time.monotonic() - before >= 0.2


def test_a_client_that_does_not_wait_leaves_nothing_behind(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add(FOR_EVER)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired)
    rule.remove()
    assert store.get("key").status == 404
    before = time.monotonic()
    emulator.reset()
    assert time.monotonic() - before < 0.9


async def test_many_clients_wait_at_the_same_time(emulator: Emulator, store: Store) -> None:
    emulator.faults.add({"type": "latency", "seconds": 0.2})
    timeout = aiohttp.ClientTimeout(total=10)
    headers = {"Authorization": emulator.api_key()}
    async with aiohttp.ClientSession(
        emulator.endpoint, headers=headers, timeout=timeout
    ) as session:

        async def ask() -> int:
            async with session.get(store.path_of("key")) as answer:
                return answer.status

        before = time.monotonic()
        assert await asyncio.gather(*(ask() for _ in range(40))) == [404] * 40
    assert 0.2 <= time.monotonic() - before < 6


async def test_a_client_notices_by_its_own_timeout(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(FOR_EVER, status(500))
    headers = {"Authorization": emulator.api_key()}
    timeout = aiohttp.ClientTimeout(total=0.1)
    async with aiohttp.ClientSession(
        emulator.endpoint, headers=headers, timeout=timeout
    ) as session:
        with pytest.raises(asyncio.TimeoutError):
            await session.get(store.path_of("key"))
