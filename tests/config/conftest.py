"""Commands that end by themselves, for tests of what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.process.launch import Launcher, launcher


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators that end with the test."""
    with launcher(tmp_path_factory.mktemp("emulators")) as launching:
        yield launching
