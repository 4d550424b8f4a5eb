"""Fixtures of all folders: emulators that end with the test, a port, a command line, the clock of
the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .command_line import Run, command_line
from .emulators import Start, starting
from .launch import Launcher, launcher
from .loop_time import LoopTime
from .ports import reserved_port
from .warm import shared_parent


@pytest.fixture
def emulator_options() -> dict[str, Any]:
    """The options of `start` where a test gives no others; a folder may have options of its own."""
    return {"cache": "memory"}


@pytest.fixture
def start(emulator_options: dict[str, Any]) -> Iterator[Start]:
    """Starts emulators in this process."""
    with starting(**emulator_options) as start_one:
        yield start_one


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators as processes, which are forked from one that has done the imports."""
    with launcher(tmp_path_factory.mktemp("emulators"), shared_parent().popen) as launching:
        yield launching


@pytest.fixture
def from_scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators as their users do, where the start or the end is what a test looks at."""
    with launcher(tmp_path_factory.mktemp("from-scratch")) as launching:
        yield launching


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a data directory may be made."""
    return tmp_path / "data"


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens."""
    with reserved_port() as reserved:
        yield reserved


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory, without any variable of an emulator or a client.

    What would start an emulator tells how it would run, and ends.
    """
    return command_line(tmp_path, capsys, monkeypatch)


@pytest.fixture
async def loop_time() -> LoopTime:
    """The clock of the test's event loop."""
    return LoopTime(asyncio.get_running_loop())
