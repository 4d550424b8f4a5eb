"""Arbitrary input: every parser accepts it or says what is wrong with it, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzz.corpus import found
from tests.fuzz.target import Target, inputs
from tests.fuzz.targets import TARGETS

INPUTS = {"http": 4000, "router": 40_000, "json": 20_000, "seed": 1500}
"""How many inputs of each target the full suite tries: some seconds' worth."""


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    made = TARGETS[request.param]()
    yield made
    made.close()


def test_what_once_broke_it_and_every_valid_input(target: Target) -> None:
    for data in (*found(target.name), *target.seeds):
        target.run(data)


@pytest.mark.slow(seconds=20)
def test_inputs_that_are_like_valid_ones(target: Target) -> None:
    for data in inputs(target, INPUTS[target.name], seed=1):
        try:
            target.run(data)
        except Exception as error:
            pytest.fail(f"{data!r}: {type(error).__name__}: {error}")
