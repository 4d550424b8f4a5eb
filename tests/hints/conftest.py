"""An emulator with a store, an object in it, and a journal that knows nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.support.emulators import as_new, client


@pytest.fixture(scope="package")
def shared_emulator() -> Iterator[Emulator]:
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def stocked(shared_emulator: Emulator) -> Emulator:
    owner = client(as_new(shared_emulator))
    owner.create_store("media")
    owner.put("media", "key", b"hello")
    shared_emulator.journal.clear()
    return shared_emulator
