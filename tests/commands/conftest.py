"""A running emulator, and its command line as the user of a shell meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.emulators import as_new

UPLOADS = {
    "rules": [
        {
            "type": "store",
            "permissions": ["read", "write"],
            "stores": {"name": "media"},
            "items": {"key_prefix": "uploads/"},
        }
    ]
}
"""A permission set for a custom role or a token."""


@pytest.fixture(scope="package")
def running() -> Iterator[Emulator]:
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator in its first state, without checkpoints."""
    return as_new(running)


@pytest.fixture
def owner(run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as an Owner of the emulator, who has both variables set."""
    monkeypatch.setenv("MOMENTO_ENDPOINT", emulator.endpoint)
    monkeypatch.setenv("MOMENTO_API_KEY", emulator.api_key("owner"))
    return run


@pytest.fixture
def anybody(run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line of somebody on this machine who has no API key."""
    monkeypatch.setenv("MOMENTO_ENDPOINT", emulator.endpoint)
    return run


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """An Owner's client of the emulator, which has a store ``media``."""
    client = Client(emulator.endpoint, emulator.api_key("owner"))
    client.create_store("media")
    return client


@pytest.fixture
def uploads_file(tmp_path: Path) -> str:
    """The name of a file that holds a permission set, in the directory of the commands."""
    (tmp_path / "uploads.json").write_text(json.dumps(UPLOADS))
    return "uploads.json"
