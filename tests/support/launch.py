"""Starts the emulator as its users do, as a process of its own, and ends it whatever happens."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import leash
from .client import Client
from .environment import PROGRAM, environment
from .waiting import wait_until

Popen = Callable[..., Any]
"""What starts a process as ``subprocess.Popen`` does."""

WITH_PARENT = {"MOMENTO_EMULATOR_EXIT_WITH_PARENT": "true"}
"""What lets an emulator end with the process that started it."""

START_SECONDS = 30.0
STOP_SECONDS = 15.0


def run(
    *command: str, env: Mapping[str, str] | None = None, seconds: float = START_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, within so many seconds."""
    return subprocess.run(
        command,
        check=False,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=seconds,
        **leash.leashed(),
    )


class Running:
    """One emulator that was started; ``facts`` is what its ready file said."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, ready_file: Path) -> None:
        self.process = process
        self.ready_file = ready_file
        self.facts: dict[str, Any] = {}
        self._log = log

    @property
    def stderr(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def endpoint(self) -> str:
        return str(self.facts["endpoint"])

    @property
    def keys(self) -> Mapping[str, str]:
        keys: Mapping[str, str] = self.facts["api_keys"]
        return keys

    def client(self, role: str = "owner") -> Client:
        return Client(self.endpoint, self.keys[role])

    def anonymous(self) -> Client:
        return Client(self.endpoint)

    def wait_until_ready(self) -> None:
        """Wait for the ready file of this very process, and read it."""

        def ready() -> bool:
            status = self.process.poll()
            if status is not None:
                pytest.fail(f"the emulator ended with {status}:\n{self.stderr}")
            with contextlib.suppress(FileNotFoundError):
                self.facts = json.loads(self.ready_file.read_text())
            return bool(self.facts) and self.facts["pid"] == self.process.pid

        wait_until(ready, f"the emulator is ready; it said:\n{self.stderr}", seconds=START_SECONDS)

    def wait_for_banner(self) -> str:
        """What it says at the start; the banner comes after the ready file."""
        wait_until(lambda: "Ctrl-C stops it." in self.stderr, "the banner")
        return self.stderr

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end, and return the exit status."""
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the emulator did not end in {STOP_SECONDS} seconds:\n{self.stderr}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        """End it as a user does, and return all that it said."""
        self.send(number)
        status = self.wait()
        assert status == 0, self.stderr
        return self.stderr

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """End an emulator in which nothing has failed."""
        log = self.end(number)
        assert "Traceback" not in log, log
        return log


@dataclass(frozen=True)
class Refusal:
    """What a command that should not have started anything left behind."""

    status: int
    stdout: str
    stderr: str

    def says(self, *fragments: str) -> str:
        """Check that it is one line that says all of ``fragments``, and return it."""
        assert "Traceback" not in self.stderr, self.stderr
        assert self.stderr.endswith("\n"), self.stderr
        lines = self.stderr.splitlines()
        assert len(lines) == 1, self.stderr
        assert lines[0].startswith(f"{PROGRAM}: "), lines[0]
        missing = [fragment for fragment in fragments if fragment not in lines[0]]
        assert not missing, f"{missing} not in {lines[0]!r}"
        assert self.stdout == ""
        assert self.status == 2
        return lines[0]


class Launcher:
    """Starts emulators with their logs in ``directory``; ``close`` ends those that are left."""

    def __init__(self, directory: Path, popen: Popen = leash.popen) -> None:
        self._directory = directory
        self._popen = popen
        self._started: list[Running] = []

    def start(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        ready_file: Path | None = None,
        through: Sequence[str] = (),
    ) -> Running:
        """Start an emulator on a free port, with the cache in memory, and wait until it is ready.

        With a ``ready_file`` the arguments stand as they are; they make it write that file.
        """
        running = self.spawn(*arguments, env=env, ready_file=ready_file, through=through)
        running.wait_until_ready()
        return running

    def spawn(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        ready_file: Path | None = None,
        umask: int = -1,
        through: Sequence[str] = (),
    ) -> Running:
        """Start an emulator, and do not wait for it.

        The command ``through`` starts the command that follows it, in its own place.
        """
        number = len(self._started)
        ready = ready_file or self._directory / f"ready-{number}.json"
        words = list(map(str, arguments))
        if ready_file is None:
            words += ["--port", "0", "--ready-file", str(ready)]
            if "--cache" not in words:
                words += ["--cache", "memory"]  # It starts in two thirds of the time.
        log = self._directory / f"stderr-{number}.txt"
        with log.open("wb") as stderr:
            process = self._popen(
                [*through, sys.executable, "-m", "emulator", *words],
                cwd=self._directory,
                env=environment({**WITH_PARENT, **(env or {})}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                umask=umask,
            )
        self._started.append(Running(process, log, ready))
        return self._started[-1]

    def refuse(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
    ) -> Refusal:
        """Run a command that cannot start an emulator; one that does is ended again."""
        output, log = self._directory / "refused-stdout.txt", self._directory / "refused-stderr.txt"
        with output.open("wb") as stdout, log.open("wb") as stderr:
            process = self._popen(
                [*through, sys.executable, "-m", "emulator", *map(str, arguments)],
                cwd=self._directory,
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        try:
            wait_until(
                lambda: process.poll() is not None or "MOMENTO_API_KEY" in log.read_text(),
                "the command ends",
            )
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        return Refusal(process.returncode, output.read_text(), log.read_text())

    def close(self) -> None:
        for running in self._started:
            if running.process.poll() is None:
                running.process.kill()
            running.process.wait()


@contextlib.contextmanager
def launcher(directory: Path, popen: Popen = leash.popen) -> Iterator[Launcher]:
    """A launcher whose emulators are gone at the end of the ``with``."""
    launching = Launcher(directory, popen)
    try:
        yield launching
    finally:
        launching.close()
