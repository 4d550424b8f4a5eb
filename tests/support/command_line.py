"""The command line as the user of a shell meets it, without a process for each command."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emulator.cli import main
from emulator.config.options import Config

from .environment import PROGRAM, own_variables


class Served(NamedTuple):
    """An emulator that would have run: how, and what it would have warned of."""

    config: Config
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str
    served: Served | None = None

    @property
    def config(self) -> Config:
        """How an emulator would run, when the command would start one."""
        assert (self.status, self.stdout, self.stderr) == (0, "", "")
        assert self.served is not None
        return self.served.config

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


def command_line(
    directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs commands in ``directory``, without any variable of an emulator or a client.

    What would start an emulator ends at once instead, and tells how it would have run.
    """
    monkeypatch.chdir(directory)
    for name in own_variables():
        monkeypatch.delenv(name)
    monkeypatch.setattr("emulator.startup.quick_start.keeping_all", contextlib.nullcontext)

    def run(*words: str | Path, stdin: str = "", env: Mapping[str, str] | None = None) -> Ended:
        started: list[Served] = []

        def note(config: Config, warnings: Iterable[str] = ()) -> None:
            started.append(Served(config, tuple(warnings)))

        capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            patch.setattr("emulator.serve.serve", note)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            try:
                status: Any = main(list(map(str, words)))
            except SystemExit as ended:
                status = ended.code
        said = capsys.readouterr()
        return Ended(status or 0, said.out, said.err, *started)

    return run
