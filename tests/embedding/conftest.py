"""Emulators in this process, and clients of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.suites import one_in_full
from tests.support.emulators import Start

TIERS = ["memory-memory", "memory-fakeredis", "filesystem-memory", "filesystem-fakeredis"]
"""The storage tier, then the cache tier."""


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
