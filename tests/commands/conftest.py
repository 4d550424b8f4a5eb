"""A running emulator, and its command line as the user of a shell meets it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.cli import main
from tests.process.client import Client
from tests.process.launch import PROGRAM

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


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        """What it printed, when it did what it was asked to."""
        assert (self.status, self.stderr) == (0, "")
        return self.stdout.splitlines()

    def json(self) -> Any:
        """The document that it printed, when it did what it was asked to."""
        assert (self.status, self.stderr) == (0, "")
        return json.loads(self.stdout)

    def fails(self, status: int, *fragments: str) -> str:
        """Check that it ended so, with one line on stderr that says all of ``fragments``."""
        assert self.status == status, self
        (line,) = self.stderr.splitlines()
        assert self.stderr.endswith("\n")
        assert line.startswith(f"{PROGRAM}: ")
        missing = [fragment for fragment in fragments if fragment not in line]
        assert not missing, f"{missing} not in {line!r}"
        return line

    def misused(self, *fragments: str) -> str:
        """Check that it was refused as a command, and printed nothing."""
        assert self.stdout == ""
        return self.fails(2, *fragments)

    def refused(self, *fragments: str) -> str:
        """Check that the service refused it, and that it printed nothing."""
        assert self.stdout == ""
        return self.fails(1, *fragments)


Run = Callable[..., Ended]


@pytest.fixture(scope="package")
def running() -> Iterator[Emulator]:
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator in its first state, without checkpoints."""
    running.reset()
    for name in running.checkpoints:
        running.drop_checkpoint(name)
    return running


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty directory, without any variable of an emulator or a client."""
    monkeypatch.chdir(tmp_path)
    for name in ("MOMENTO_ENDPOINT", "MOMENTO_API_KEY", "MOMENTO_EMULATOR_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run_one(*words: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        try:
            status: Any = main(list(words))
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return Ended(status or 0, said.out, said.err)

    return run_one


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
