"""Rules that fire by chance: a run can be repeated, and nothing fires more often than it may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.contract.stores import Store
from tests.suites import examples
from tests.support.raw_client import Client, Wire

from .rules import FAIL, Rules

quick = settings(
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

seeds = st.integers(-(2**70), 2**70)


@pytest.fixture
def wire(store: Store) -> Iterator[Wire]:
    with store.client.wire() as wire:
        yield wire


def firings(emulator: Emulator, wire: Wire, count: int, **conditions: Any) -> list[bool]:
    """On which of so many operations a new rule fires."""
    with emulator.faults.add(FAIL, **conditions):
        return [wire.request("GET", "/objectstore").status == 503 for _ in range(count)]


def test_the_same_seed_gives_the_same_sequence_and_another_one_another(
    emulator: Emulator, wire: Wire
) -> None:
    first = firings(emulator, wire, 60, probability=0.5, seed=1)
    assert first == firings(emulator, wire, 60, probability=0.5, seed=1)
    assert first != firings(emulator, wire, 60, probability=0.5, seed=2)
    assert 10 < sum(first) < 50


def test_without_a_seed_the_id_decides(emulator: Emulator, wire: Wire) -> None:
    first = firings(emulator, wire, 60, probability=0.5, id="a")
    assert first == firings(emulator, wire, 60, probability=0.5, id="a")
    assert first != firings(emulator, wire, 60, probability=0.5, id="b")


def test_another_emulator_draws_the_same_chances(emulator: Emulator, wire: Wire) -> None:
    here = firings(emulator, wire, 60, probability=0.3, seed=7)
    with Emulator(cache="memory") as other:
        client = Client(other.endpoint, other.api_key())
        with client.wire() as there:
            assert here == firings(other, there, 60, probability=0.3, seed=7)


@pytest.mark.parametrize(("probability", "fires"), [(0, False), (0.0, False), (1, True)])
def test_what_is_impossible_never_fires_and_what_is_certain_always(
    emulator: Emulator, wire: Wire, probability: float, fires: bool
) -> None:
    assert firings(emulator, wire, 30, probability=probability, seed=3) == [fires] * 30


def test_two_rules_draw_apart_from_each_other(emulator: Emulator, wire: Wire) -> None:
    alone = firings(emulator, wire, 40, probability=0.5, seed=5)
    emulator.faults.add({"type": "latency", "seconds": 0}, probability=0.5, seed=5)
    assert firings(emulator, wire, 40, probability=0.5, seed=5) == alone


def test_a_chance_is_drawn_over_http_as_it_is_here(
    emulator: Emulator, rules: Rules, wire: Wire
) -> None:
    here = firings(emulator, wire, 40, probability=0.5, seed=11)
    rules.new(FAIL, probability=0.5, seed=11)
    there = [wire.request("GET", "/objectstore").status == 503 for _ in range(40)]
    assert here == there


@quick
@given(
    count=st.integers(1, 12),
    nth=st.integers(1, 14),
    times=st.integers(1, 14),
    probability=st.floats(0, 1) | st.sampled_from([0.5, 1.0]),
    seed=seeds,
)
def test_a_rule_never_fires_before_its_nth_match_nor_more_than_so_many_times(
    emulator: Emulator,
    wire: Wire,
    count: int,
    nth: int,
    times: int,
    probability: float,
    seed: int,
) -> None:
    with emulator.faults.add(
        FAIL, nth=nth, times=times, probability=probability, seed=seed
    ) as rule:
        fired = [wire.request("GET", "/objectstore").status == 503 for _ in range(count)]
        assert rule.matched == count
        assert rule.fired == sum(fired) <= times
    assert not any(fired[: nth - 1])
    if probability == 1:
        assert fired == [nth <= number < nth + times for number in range(1, count + 1)]


@quick
@given(seed=seeds, probability=st.floats(0, 1), times=st.integers(1, 4), nth=st.integers(1, 6))
def test_the_seed_alone_says_when_the_rest_only_where_it_begins_and_ends(
    emulator: Emulator, wire: Wire, seed: int, probability: float, times: int, nth: int
) -> None:
    lucky = firings(emulator, wire, 10, seed=seed, probability=probability)
    wanted, left = [], times
    for number, is_lucky in enumerate(lucky, start=1):
        fires = is_lucky and number >= nth and left > 0
        left -= fires
        wanted.append(fires)
    assert wanted == firings(
        emulator, wire, 10, seed=seed, probability=probability, times=times, nth=nth
    )


@quick
@given(seed=seeds, low=st.floats(0, 1), high=st.floats(0, 1))
def test_what_is_more_probable_fires_wherever_the_less_probable_does(
    emulator: Emulator, wire: Wire, seed: int, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    rare = firings(emulator, wire, 10, seed=seed, probability=low)
    often = firings(emulator, wire, 10, seed=seed, probability=high)
    assert all(one <= other for one, other in zip(rare, often, strict=True))


@pytest.mark.parametrize("effect_type", ["latency", "cache_slow", "storage_slow"])
def test_what_an_effect_leaves_to_chance_does_not_change_when_it_comes(
    emulator: Emulator, wire: Wire, effect_type: str
) -> None:
    at_random = {"type": effect_type, "distribution": "uniform"}
    emulator.faults.add(
        {**at_random, "min_seconds": 0, "max_seconds": 0}, id="drawn", probability=0.5, seed=3
    )
    emulator.faults.add({"type": effect_type, "seconds": 0}, id="fixed", probability=0.5, seed=3)
    for _ in range(40):
        wire.request("GET", "/objectstore")
    fired = [set(call.faults) for call in emulator.journal.calls()]
    assert [faults for faults in fired if len(faults) == 1] == []
