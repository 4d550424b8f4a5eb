"""Emulators that tests share, in their first state for every test or with a known journal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.core.revisions import REVISIONS
from tests.support.emulators import as_new, client

from .traffic import nine_calls


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """One emulator for all tests, in whatever state the tests before have left it."""
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    """An emulator that has just begun, without a store."""
    return as_new(running_emulator)


@pytest.fixture(scope="module")
def calls_made() -> Iterator[Emulator]:
    """An emulator with the nine calls in its journal."""
    with Emulator(cache="memory") as emulator, nine_calls(emulator):
        yield emulator


@pytest.fixture(scope="module", params=REVISIONS)
def of_either_revision(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator of each revision, in whatever state the tests before have left it."""
    with Emulator(cache="memory", api_revision=request.param) as emulator:
        yield emulator


@pytest.fixture(scope="module", params=["memory", "fakeredis"])
def with_either_cache(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with each cache in its process, in whatever state it was left."""
    with Emulator(cache=request.param) as emulator:
        yield emulator


@pytest.fixture
def stocked(emulator: Emulator) -> Emulator:
    """An emulator with a store, an object in it, and a journal that knows nothing of them."""
    owner = client(emulator)
    assert owner.create_store("store").status == 201
    assert owner.put("store", "key", b"hello").status == 204
    emulator.journal.clear()
    return emulator
