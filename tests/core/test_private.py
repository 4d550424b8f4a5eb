"""Ids, randomness and time of the emulator's own."""

from __future__ import annotations

import random
import time

import pytest

from emulator.core import private

pytestmark = pytest.mark.proves("D127")


def test_no_id_of_a_process_is_given_twice_whatever_chance_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(private, "urandom", bytes)
    found = [private.new_id() for _ in range(1000)]
    assert len({*found}) == 1000


def test_an_id_is_32_hexadecimal_digits_and_not_a_taken_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(private, "urandom", bytes)
    monkeypatch.setattr(private, "_numbers", iter([5, 5, 1 << 48, 7]))
    first = private.new_id()
    assert first == f"{5:032x}"
    assert private.new_id(taken=[first]) == f"{0:032x}"
    assert private.new_id(taken=[first]) == f"{7:032x}"


def test_ids_are_as_good_as_random_between_processes() -> None:
    assert len({private.new_id()[:20] for _ in range(100)}) == 100
    assert len(private.random_hex(64)) == 128


def test_the_generator_is_not_pythons() -> None:
    random.seed(1)
    one = private.random_bits(62)
    random.seed(1)
    assert private.random_bits(62) != one


@pytest.mark.parametrize("name", ["time", "time_ns", "monotonic", "perf_counter_ns", "sleep"])
def test_the_clocks_are_functions_that_nobody_finds(name: str) -> None:
    assert getattr(private, name) is not getattr(time, name)


def test_the_clocks_are_those_of_the_system() -> None:
    for ours, theirs in (
        (private.time_ns, time.time_ns),
        (private.monotonic_ns, time.monotonic_ns),
        (private.perf_counter_ns, time.perf_counter_ns),
    ):
        before = theirs()
        assert before <= ours() <= theirs()
