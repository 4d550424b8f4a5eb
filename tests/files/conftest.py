"""Emulators over directories of files, and disks that are small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.launch import Launcher, launcher


@pytest.fixture
def emulators(tmp_path: Path) -> Iterator[Launcher]:
    """Starts emulators that end with the test."""
    logs = tmp_path / "emulators"
    logs.mkdir()
    with launcher(logs) as launching:
        yield launching


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a data directory may be made."""
    return tmp_path / "data"
