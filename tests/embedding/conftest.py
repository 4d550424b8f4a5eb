"""Emulators in this process, and clients of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.suites import one_in_full

Start = Callable[..., Emulator]

TIERS = ["memory-memory", "memory-fakeredis", "filesystem-memory", "filesystem-fakeredis"]
"""The storage tier, then the cache tier."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts emulators that end with the test."""
    started: list[Emulator] = []

    def start_one(**options: Any) -> Emulator:
        emulator = Emulator(**{"cache": "memory", **options})
        started.append(emulator)
        emulator.start()
        return emulator

    yield start_one
    for emulator in started:
        emulator.stop()


@pytest.fixture
def emulator(start: Start) -> Emulator:
    """A running emulator, all in memory."""
    return start()


@pytest.fixture(params=one_in_full(*TIERS))
def tiers(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The options for each pair of tiers."""
    storage, cache = request.param.split("-")
    if storage == "filesystem":
        return {"data_dir": tmp_path / "data", "fsync": False, "cache": cache}
    return {"cache": cache}
