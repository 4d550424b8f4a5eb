"""Emulators for one test, and one emulator for tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.warm import shared_parent

from .launch import Launcher, Running, launcher


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators that end with the test, each a process that did not have to import."""
    with launcher(tmp_path_factory.mktemp("emulators"), shared_parent().popen) as launching:
        yield launching


@pytest.fixture
def from_scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators as their users do, where the start or the end is what a test looks at."""
    with launcher(tmp_path_factory.mktemp("from-scratch")) as launching:
        yield launching


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An emulator all of whose tiers are the default, shared by the tests of a module."""
    directory = tmp_path_factory.mktemp("running")
    ready = directory / "ready.json"
    with launcher(directory) as launching:
        yield launching.start("--port", "0", "--ready-file", ready, ready_file=ready)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a data directory may be made."""
    return tmp_path / "data"
