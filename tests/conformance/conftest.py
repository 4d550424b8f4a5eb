"""An emulator for the tests of the suite's own machinery, the command line, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from tests.console.conftest import axe as axe
from tests.console.conftest import browser as browser
from tests.support.command_line import Run, command_line


@pytest.fixture(scope="package")
def emulator() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision="2026-08-12") as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return command_line(tmp_path, capsys, monkeypatch)
