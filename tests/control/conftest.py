"""An emulator whose caches are a dictionary, in its first state for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.support.emulators import as_new, client


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """One emulator for all tests, in whatever state the tests before have left it."""
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    """An emulator that has just begun, without a store."""
    return as_new(running_emulator)


@pytest.fixture
def stocked(emulator: Emulator) -> Emulator:
    """An emulator with a store, an object in it, and a journal that knows nothing of them."""
    owner = client(emulator)
    assert owner.create_store("store").status == 201
    assert owner.put("store", "key", b"hello").status == 204
    emulator.journal.clear()
    return emulator
