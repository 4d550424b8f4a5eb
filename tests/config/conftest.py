"""The command line, in this process and as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.launch import Launcher, launcher
from tests.support.command_line import Run, command_line


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory, and says how an emulator would run that it starts."""
    return command_line(tmp_path, capsys, monkeypatch)


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators that end with the test."""
    with launcher(tmp_path_factory.mktemp("emulators")) as launching:
        yield launching
