"""Rules that hold for a while, on the emulator's clock."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from tests.contract.stores import Store

from .rules import FAIL, Rules

NOON = 1_893_499_200
"""2030-01-01T12:00:00Z, in seconds since the Unix epoch."""


@pytest.fixture
def emulator(emulator: Emulator) -> Emulator:
    """An emulator at noon, where its clock stands still."""
    emulator.clock.freeze(at=NOON * 1_000_000)
    return emulator


def fires(store: Store) -> bool:
    return store.get("key").status == 503


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOON + 60, NOON + 120),
        (float(NOON + 60), float(NOON + 120)),
        (str(NOON + 60), str(NOON + 120)),
        ("2030-01-01T12:01:00Z", "2030-01-01T12:02:00Z"),
        ("2030-01-01T14:01:00+02:00", "2030-01-01T07:02:00.000000-05:00"),
    ],
)
def test_the_clock_moves_into_a_window_and_out_of_it(
    emulator: Emulator, store: Store, since: Any, until: Any
) -> None:
    rule = emulator.faults.add(FAIL, since=since, until=until)
    assert not fires(store)
    emulator.clock.advance(60 - 1e-6)
    assert not fires(store)
    emulator.clock.advance(1e-6)
    assert fires(store)
    emulator.clock.advance(60 - 1e-6)
    assert fires(store)
    emulator.clock.advance(1e-6)
    assert not fires(store)
    assert (rule.matched, rule.fired) == (2, 2)


def test_a_window_may_be_open_on_either_side(emulator: Emulator, store: Store) -> None:
    until = emulator.faults.add(FAIL, until=NOON + 1)
    assert fires(store)
    until.remove()
    emulator.faults.add(FAIL, since=NOON + 1)
    assert not fires(store)
    emulator.clock.advance(10_000_000)
    assert fires(store)


def test_an_empty_window_never_comes(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(FAIL, since=NOON, until=NOON)
    emulator.faults.add(FAIL, since=NOON + 1, until=NOON)
    assert not fires(store)
    emulator.clock.advance(0.5)
    assert not fires(store)


def test_what_comes_outside_of_the_window_is_not_counted(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(FAIL, operation="GetObject", since=NOON + 60, nth=2)
    assert [fires(store) for _ in range(3)] == [False] * 3
    emulator.clock.advance(60)
    assert [fires(store) for _ in range(3)] == [False, True, False]
    assert rule.matched == 3


def test_the_clock_can_be_moved_over_http(rules: Rules, store: Store) -> None:
    rules.new(FAIL, since=NOON + 60, until="2030-01-01T12:02:00Z")
    assert not fires(store)
    move = "/_emulator/clock/advance"
    assert rules.client.request("POST", move, body=b'{"seconds": 60}').status == 200
    assert fires(store)
    assert rules.client.request("POST", move, body=b'{"seconds": 60}').status == 200
    assert not fires(store)


def test_a_clock_that_is_set_back_comes_into_the_window_again(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(FAIL, until=NOON + 1)
    emulator.clock.advance(1)
    assert not fires(store)
    emulator.clock.freeze(at=NOON * 1_000_000)
    assert fires(store)
