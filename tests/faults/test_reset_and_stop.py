"""Who waits for a fault waits no longer than the emulator runs, or than until its reset."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.support.bodies import some_bytes
from tests.support.raw_client import Client
from tests.support.waiting import wait_until

from .conftest import a_store
from .rules import FAIL, FOR_EVER, Document, Rules
from .wire import Connection

AT_ONCE_SECONDS = 0.8
"""Less than the second that a reset gives to those that run."""

TRICKLE = {"type": "trickle", "bytes_per_second": 1}

WAITS: dict[str, tuple[str, Document]] = {
    "a latency of a Get": ("GET", FOR_EVER),
    "a latency of a HEAD": ("HEAD", FOR_EVER),
    "a latency of a PUT": ("PUT", FOR_EVER),
    "a latency before the first byte": ("GET", {**FOR_EVER, "before": "first_byte"}),
    "a trickle": ("GET", TRICKLE),
    "slow storage of a PUT": ("PUT", {**FOR_EVER, "type": "storage_slow"}),
}


@contextlib.contextmanager
def waiting(emulator: Emulator, method: str, effect: Document) -> Iterator[Connection]:
    """A connection on which a request waits for a fault."""
    store = Store(Client(emulator.endpoint, emulator.api_key()), "store")
    rule = emulator.faults.add(effect, key="key", operation="PutObject" if method == "PUT" else "*")
    with Connection(store.client) as connection:
        connection.ask(method, store.path_of("key"), body=b"new" if method == "PUT" else b"")
        wait_until(lambda: rule.fired)
        assert store.get("other").status == 404  # By now the one before is where it waits.
        yield connection


def seconds_of(work: Callable[[], object]) -> float:
    before = time.monotonic()
    work()
    return time.monotonic() - before


def with_an_object(emulator: Emulator) -> Store:
    store = a_store(Client(emulator.endpoint, emulator.api_key()), "store")
    assert store.put("key", some_bytes(60)).status == 204
    return store


@pytest.mark.parametrize(("method", "effect"), WAITS.values(), ids=WAITS)
def test_a_reset_cuts_off_at_once_who_waits(
    emulator: Emulator, method: str, effect: dict[str, Any]
) -> None:
    with_an_object(emulator)
    with waiting(emulator, method, effect) as connection:
        assert seconds_of(emulator.reset) < AT_ONCE_SECONDS
        received = connection.rest()
    assert not received or received.startswith(b"HTTP/1.1 200 ")
    assert some_bytes(60) not in received
    assert emulator.faults.all() == []


def test_a_reset_over_http_cuts_off_at_once_who_waits(emulator: Emulator, rules: Rules) -> None:
    with_an_object(emulator)
    with waiting(emulator, "GET", FOR_EVER) as connection:
        reset = lambda: rules.client.request("POST", "/_emulator/reset")  # noqa: E731
        assert seconds_of(reset) < AT_ONCE_SECONDS
        assert connection.rest() == b""
    assert rules.all() == []


def test_a_reset_cuts_off_many_together(emulator: Emulator) -> None:
    store = with_an_object(emulator)
    rule = emulator.faults.add(FOR_EVER)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(Connection(store.client)) for _ in range(30)]
        for connection in connections:
            connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired == len(connections))
        assert seconds_of(emulator.reset) < AT_ONCE_SECONDS
        assert [connection.rest() for connection in connections] == [b""] * 30


def test_who_waits_twice_is_cut_off_once(emulator: Emulator) -> None:
    store = with_an_object(emulator)
    rule = emulator.faults.add(FOR_EVER, FOR_EVER)
    emulator.faults.add(FOR_EVER)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        wait_until(lambda: rule.fired)
        assert seconds_of(emulator.reset) < AT_ONCE_SECONDS
        assert connection.rest() == b""


def test_after_a_reset_there_are_no_rules_and_nobody_waits(emulator: Emulator) -> None:
    emulator.faults.add(FAIL)
    emulator.faults.add(FOR_EVER)
    emulator.reset()
    assert emulator.faults.all() == []
    store = a_store(Client(emulator.endpoint, emulator.api_key()), "store")
    assert store.get("key").status == 404
    assert emulator.faults.add(FAIL).id == "fault-1"


def test_what_was_cut_off_has_changed_nothing(emulator: Emulator) -> None:
    with_an_object(emulator)
    with waiting(emulator, "PUT", FOR_EVER):
        emulator.reset()
    store = a_store(Client(emulator.endpoint, emulator.api_key()), "store")
    assert store.get("key").status == 404


def test_the_log_says_nothing_of_who_was_cut_off(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for method, effect in WAITS.values():
        with_an_object(emulator)
        with waiting(emulator, method, effect) as connection:
            emulator.reset()
            connection.rest()
    assert caplog.text == ""


def test_going_back_to_a_checkpoint_cuts_off_who_waits(emulator: Emulator) -> None:
    with_an_object(emulator)
    emulator.checkpoint("state")
    with waiting(emulator, "GET", FOR_EVER) as connection:
        assert seconds_of(lambda: emulator.restore("state")) < AT_ONCE_SECONDS
        assert connection.rest() == b""
    emulator.drop_checkpoint("state")


@pytest.mark.parametrize(("method", "effect"), WAITS.values(), ids=WAITS)
def test_a_stop_cuts_off_at_once_who_waits(method: str, effect: dict[str, Any]) -> None:
    with Emulator(cache="memory") as emulator:
        with_an_object(emulator)
        with waiting(emulator, method, effect) as connection:
            assert seconds_of(emulator.stop) < 3
            assert some_bytes(60) not in connection.rest()


def test_a_stop_does_not_wait_for_a_client_that_has_gone() -> None:
    with Emulator(cache="memory") as emulator:
        with_an_object(emulator)
        with waiting(emulator, "GET", FOR_EVER):
            pass
        assert seconds_of(emulator.stop) < 3


def test_a_reset_lets_those_finish_that_only_run(emulator: Emulator) -> None:
    store = with_an_object(emulator)
    emulator.faults.add({"type": "latency", "seconds": 0}, operation="PutObject")
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("other"), length=6, body=b"abc")
        wait_until(lambda: emulator.journal.calls(operation="PutObject", key="other"))
        resetting = threading.Thread(target=emulator.reset)
        resetting.start()
        connection.send(b"def")
        assert connection.head()[0] == 204
        resetting.join(timeout=10)
        assert not resetting.is_alive()


SLOW_CACHE: Document = {**FOR_EVER, "type": "cache_slow"}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_reset_cuts_off_at_once_who_waits_for_a_slow_cache(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    with_an_object(emulator)
    with waiting(emulator, method, SLOW_CACHE) as connection:
        took = seconds_of(emulator.reset)
        assert connection.rest() == b""
    with_an_object(emulator)  # Nobody holds the object's lock any more.
    assert took < AT_ONCE_SECONDS
    assert caplog.text == ""


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_stop_cuts_off_at_once_who_waits_for_a_slow_cache(method: str) -> None:
    with Emulator(cache="memory") as emulator:
        with_an_object(emulator)
        with waiting(emulator, method, SLOW_CACHE):
            assert seconds_of(emulator.stop) < 3


SLOW_TIERS = [SLOW_CACHE, {**FOR_EVER, "type": "storage_slow"}]


@contextlib.contextmanager
def half_an_upload(emulator: Emulator, effect: Document) -> Iterator[Connection]:
    """A connection on which an upload will wait for a fault once its other half comes."""
    store = with_an_object(emulator)
    rule = emulator.faults.add(effect, operation="PutObject")
    with Connection(store.client) as connection:
        connection.ask("PUT", store.path_of("key"), length=6, body=b"abc")
        wait_until(lambda: rule.fired)
        yield connection


@pytest.mark.parametrize("effect", SLOW_TIERS, ids=["cache", "storage"])
def test_who_comes_to_wait_after_a_reset_has_begun_does_not_wait(
    emulator: Emulator, effect: Document
) -> None:
    with half_an_upload(emulator, effect) as connection:
        resetting = threading.Thread(target=emulator.reset)
        before = time.monotonic()
        resetting.start()
        wait_until(lambda: not emulator.faults.all())
        connection.send(b"def")
        with contextlib.suppress(ConnectionResetError):
            assert connection.rest() == b""
        resetting.join(timeout=20)
        assert time.monotonic() - before < AT_ONCE_SECONDS
    with_an_object(emulator)


@pytest.mark.parametrize("effect", SLOW_TIERS, ids=["cache", "storage"])
def test_who_comes_to_wait_after_a_stop_has_begun_does_not_wait(effect: Document) -> None:
    with Emulator(cache="memory") as emulator, half_an_upload(emulator, effect) as connection:
        app = emulator._app
        assert app is not None
        stopping = threading.Thread(target=emulator.stop)
        before = time.monotonic()
        stopping.start()
        wait_until(lambda: app._server._draining)
        connection.send(b"def")
        stopping.join(timeout=60)
        assert time.monotonic() - before < 5
