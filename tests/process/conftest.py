"""Emulators for one test, and one emulator for tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.launch import Running, launcher


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An emulator all of whose tiers are the default, shared by the tests of a module."""
    directory = tmp_path_factory.mktemp("running")
    ready = directory / "ready.json"
    with launcher(directory) as launching:
        yield launching.start("--port", "0", "--ready-file", ready, ready_file=ready)
