"""The clock of the service: real, frozen, advanced."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.clock import MICROSECONDS, Clock
from tests.suites import examples


def real() -> int:
    return time.time_ns() // 1000


def test_a_clock_that_is_left_alone_is_the_systems_clock() -> None:
    clock = Clock()
    before = real()
    now = clock.now()
    assert before <= now <= real()
    assert not clock.frozen


def test_a_frozen_clock_stands_still_where_it_was() -> None:
    clock = Clock()
    before = real()
    clock.freeze()
    now = clock.now()
    assert before <= now <= real()
    while real() <= now + 50:
        assert clock.now() == now
    assert clock.now() == now
    assert clock.frozen


@pytest.mark.parametrize("instant", [0, 1, 1_700_000_000_123_456, -5, 10**24])
def test_a_clock_can_be_frozen_at_any_instant(instant: int) -> None:
    clock = Clock()
    clock.freeze(instant)
    assert clock.now() == instant
    clock.freeze()
    assert clock.now() == instant
    clock.freeze(instant + 1)
    assert clock.now() == instant + 1


@settings(max_examples=examples(100))
@given(st.lists(st.integers(0, 10**12), max_size=10))
def test_a_frozen_clock_moves_exactly_as_far_as_it_is_advanced(steps: list[int]) -> None:
    clock = Clock()
    clock.freeze(at=17)
    for step in steps:
        clock.advance(step / MICROSECONDS)
    assert clock.now() == 17 + sum(steps)


def test_a_microsecond_is_the_smallest_step_of_a_clock() -> None:
    clock = Clock()
    clock.freeze(at=0)
    clock.advance(0.000001)
    assert clock.now() == 1
    clock.advance(0.0000001)
    clock.advance(0)
    assert clock.now() == 1


def test_a_running_clock_that_is_advanced_runs_on_from_there() -> None:
    clock = Clock()
    clock.advance(3600)
    clock.advance(0.5)
    ahead = 3600 * MICROSECONDS + MICROSECONDS // 2
    before = real()
    now = clock.now()
    assert before + ahead <= now <= real() + ahead
    clock.freeze()
    assert clock.now() >= now


@pytest.mark.parametrize("at", [0, 1_700_000_000_123_456, 10**18])
def test_a_running_clock_that_is_set_goes_on_from_there(at: int) -> None:
    clock = Clock()
    clock.advance(3600)
    started = real()
    clock.set(at)
    now = clock.now()
    assert at <= now <= at + real() - started
    assert not clock.frozen
    clock.advance(1)
    assert clock.now() >= now + MICROSECONDS


def test_a_frozen_clock_that_is_set_stands_still_there() -> None:
    clock = Clock()
    clock.freeze(at=100)
    for at in (5, 200, 100):
        clock.set(at)
        assert clock.now() == at
        assert clock.frozen


def test_a_released_clock_is_the_systems_clock_again() -> None:
    clock = Clock()
    clock.advance(3600)
    clock.freeze(at=5)
    clock.advance(3600)
    clock.release()
    before = real()
    now = clock.now()
    assert before <= now <= real()
    assert not clock.frozen


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("seconds", [-1, -0.000001, float("-inf"), float("nan"), float("inf")])
def test_a_clock_is_advanced_nowhere_but_forward(seconds: float, frozen: bool) -> None:
    clock = Clock()
    if frozen:
        clock.freeze(at=100)
    before = clock.now()
    with pytest.raises((ValueError, OverflowError)):
        clock.advance(seconds)
    assert clock.now() >= before
    assert clock.now() < before + 60 * MICROSECONDS
