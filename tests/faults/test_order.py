"""Several rules, and several effects of one: in which order, and how far."""

from __future__ import annotations

import time

import pytest

from emulator import Emulator
from tests.contract.stores import Store

from .rules import FAIL, Rules, status
from .wire import Connection


def test_the_first_rule_that_answers_wins_and_later_ones_do_not_count(
    emulator: Emulator, store: Store
) -> None:
    first = emulator.faults.add(status(429), times=1)
    second = emulator.faults.add(status(500), times=1)
    third = emulator.faults.add(status(403))
    assert store.get("key").status == 429
    assert [rule.matched for rule in (first, second, third)] == [1, 0, 0]
    assert store.get("key").status == 500
    assert [rule.matched for rule in (first, second, third)] == [2, 1, 0]
    assert store.get("key").status == 403
    assert [rule.matched for rule in (first, second, third)] == [3, 2, 1]
    assert [rule.fired for rule in (first, second, third)] == [1, 1, 1]


def test_a_rule_that_is_added_later_stands_behind(rules: Rules, store: Store) -> None:
    rules.new(status(429), id="z")
    rules.new(status(500), id="a")
    assert rules.ids() == ["z", "a"]
    assert store.get("key").status == 429
    rules.remove("z")
    rules.new(status(429), id="z")
    assert rules.ids() == ["a", "z"]
    assert store.get("key").status == 500


def test_a_rule_that_closes_the_connection_is_the_last(emulator: Emulator, store: Store) -> None:
    emulator.faults.add("close")
    later = emulator.faults.add(FAIL)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        assert connection.rest() == b""
    assert later.matched == 0


def test_a_rule_that_only_slows_down_lets_later_ones_act(emulator: Emulator, store: Store) -> None:
    slow = emulator.faults.add({"type": "latency", "seconds": 0.05})
    fails = emulator.faults.add(status(429))
    before = time.monotonic()
    assert store.get("key").status == 429
    assert time.monotonic() - before >= 0.05
    assert (slow.fired, fails.fired) == (1, 1)


def test_the_effects_of_a_rule_act_in_their_order(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add({"type": "latency", "seconds": 0.05}, status(429), status(500))
    before = time.monotonic()
    assert store.get("key").status == 429
    assert time.monotonic() - before >= 0.05
    assert rule.fired == 1


def test_latencies_add_up(emulator: Emulator, store: Store) -> None:
    emulator.faults.add({"type": "latency", "seconds": 0.04}, {"type": "latency", "seconds": 0.04})
    emulator.faults.add({"type": "latency", "seconds": 0.04})
    before = time.monotonic()
    assert store.get("key").status == 404
    assert time.monotonic() - before >= 0.12


def test_after_the_work_the_last_answer_wins_and_one_before_it_spares_the_work(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(status(500, after_work=True))
    emulator.faults.add(status(429, after_work=True))
    assert store.put("done").status == 429
    emulator.faults.add(status(403), operation="PutObject")
    assert store.put("spared").status == 403
    emulator.faults.clear()
    assert store.get("done").status == 200
    assert store.get("spared").status == 404


def test_a_body_can_be_slow_and_cut_off(emulator: Emulator, store: Store) -> None:
    store.put("key", b"x" * 100)
    emulator.faults.add(
        {"type": "trickle", "bytes_per_second": 1000},
        {"type": "close", "where": "answer_body", "after_bytes": 50},
    )
    with Connection(store.client) as connection:
        before = time.monotonic()
        connection.ask("GET", store.path_of("key"))
        assert connection.head()[1]["content-length"] == "100"
        assert connection.rest() == b"x" * 50
    assert time.monotonic() - before >= 0.045


def test_an_error_is_a_body_too(emulator: Emulator, store: Store) -> None:
    emulator.faults.add({"type": "truncate", "after_bytes": 5, "announce": "part"})
    emulator.faults.add(status(429, after_work=True))
    store.put("key", b"body")
    answer = store.get("key")
    assert (answer.status, answer.body) == (429, b'{"mes')


@pytest.mark.parametrize("number", range(3))
def test_a_rule_can_be_removed_from_any_place(
    emulator: Emulator, store: Store, number: int
) -> None:
    codes = [400, 429, 500]
    added = [emulator.faults.add(status(code), times=1) for code in codes]
    added[number].remove()
    rest = [code for code in codes if code != codes[number]]
    assert [store.get("key").status for _ in range(2)] == rest
