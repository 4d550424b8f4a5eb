"""Arbitrary input: every parser accepts it or says what is wrong with it, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator.core.errors import ServiceError
from emulator.revision_differences.journal_file import read_journal
from tests.fuzz.corpus import found
from tests.fuzz.http_target import STATE, VALID, HttpTarget
from tests.fuzz.mutation import to_json
from tests.fuzz.target import Target, inputs
from tests.fuzz.targets import DOCUMENTS, READERS, TARGETS

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


def test_the_seeds_of_the_server_are_answered_as_valid_requests() -> None:
    """Otherwise what is made of them would not get past the first check."""
    target = HttpTarget()
    for request in STATE:
        target.answer(request)
    assert {request: tuple(target.answer(request)) for request in VALID} == VALID
    target.close()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: next(iter(document)))
def test_every_document_that_others_are_made_of_is_valid(document: Any) -> None:
    readers = [read for read in READERS if not accepts(read, {"unknown": 1})]
    assert any(accepts(read, document) for read in readers) or read_journal(to_json(document))


def accepts(read: Callable[[Any], object], document: Any) -> bool:
    try:
        read(document)
    except ServiceError:
        return False
    return True


@pytest.mark.slow(seconds=20)
def test_inputs_that_are_like_valid_ones(target: Target) -> None:
    for data in inputs(target, INPUTS[target.name], seed=1):
        try:
            target.run(data)
        except Exception as error:
            pytest.fail(f"{data!r}: {type(error).__name__}: {error}")
