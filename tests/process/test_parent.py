"""--exit-with-parent, and SIGHUP: an emulator goes when whoever started it has gone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.connections import Upload
from tests.support.environment import environment
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

REACT = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.{reaction})
os.execv(sys.argv[1], sys.argv[1:])
"""

DEFAULT, IGNORED = (
    (sys.executable, "-c", REACT.format(reaction=reaction)) for reaction in ("SIG_DFL", "SIG_IGN")
)
"""What starts a command with SIGHUP as a terminal leaves it, and as ``nohup`` does."""

START = """
import json, os, subprocess, sys
subprocess.Popen(json.loads(sys.argv[1]), stdin=subprocess.PIPE, stderr=open("stderr.txt", "wb"))
if sys.argv[2] == "stay":
    os.read(0, 1)  # Ends with the test, which has the other end.
os._exit(0)
"""

ONCE_ALONE = """
import os, sys
os.read(0, 1)  # Ends with the parent, which has the other end.
os.execv(sys.argv[1], sys.argv[1:])
"""


class Started:
    """An emulator that another process has started, which may have ended since."""

    def __init__(
        self, directory: Path, *through: str, stay: bool, seed: Path | None = None
    ) -> None:
        self.ready = directory / "ready.json"
        self._log = directory / "stderr.txt"
        command = [*through, sys.executable, "-m", "emulator", "--exit-with-parent", "--port", "0"]
        command += ["--cache", "memory", "--ready-file", str(self.ready)]
        command += [] if seed is None else ["--seed", str(seed)]
        self.parent = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps(command), "stay" if stay else "go"],
            cwd=directory,
            env=environment(),
            stdin=subprocess.PIPE,
            start_new_session=True,  # So that no ancestor of the test is of its session.
        )

    @property
    def said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def end(self) -> None:
        """Kill what is left of its session."""
        self.parent.kill()
        self.parent.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.parent.pid, signal.SIGKILL)


@contextlib.contextmanager
def started(
    directory: Path, *through: str, stay: bool = True, seed: Path | None = None
) -> Iterator[Started]:
    emulator = Started(directory, *through, stay=stay, seed=seed)
    try:
        yield emulator
    finally:
        emulator.end()


@pytest.mark.proves("D130")
def test_an_emulator_stops_in_order_when_its_parent_is_killed(tmp_path: Path) -> None:
    with started(tmp_path) as emulator:
        wait_until(emulator.ready.exists, "the emulator is ready", seconds=30)
        endpoint = json.loads(emulator.ready.read_text())["endpoint"]
        assert Client(endpoint).call("GET", "/_emulator/health").status == 200

        emulator.parent.kill()

        wait_until(lambda: emulator.said.endswith("stopped\n"), "it stops", seconds=30)
        assert "stopping with the process that started the emulator" in emulator.said
        assert not emulator.ready.exists()
        with pytest.raises(ConnectionRefusedError):
            Client(endpoint).call("GET", "/_emulator/health")


@pytest.mark.proves("D130")
def test_an_emulator_whose_parent_ends_during_the_start_stops(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    os.mkfifo(seed)
    with started(tmp_path, seed=seed) as emulator:
        with seed.open("w") as file:  # Opens once the emulator waits for what the seed says.
            emulator.parent.kill()
            emulator.parent.wait()
            file.write("stores: []\n")
        wait_until(lambda: emulator.said.endswith("stopped\n"), "it stops", seconds=30)
        assert not emulator.ready.exists()


@pytest.mark.proves("D130")
def test_an_emulator_whose_parent_has_ended_before_does_not_start(tmp_path: Path) -> None:
    with started(tmp_path, sys.executable, "-c", ONCE_ALONE, stay=False) as emulator:
        wait_until(lambda: emulator.said.endswith("\n"), "it refuses", seconds=30)
        assert (
            "--exit-with-parent: the process that started the emulator has ended" in emulator.said
        )
        assert len(emulator.said.splitlines()) == 1
        assert not emulator.ready.exists()


@pytest.mark.proves("D129")
def test_sighup_stops_an_emulator_as_sigterm_does(from_scratch: Launcher) -> None:
    running = from_scratch.start(through=DEFAULT)

    log = running.stop(signal.SIGHUP)

    assert not running.ready_file.exists()
    assert log.rstrip().endswith("stopped")


@pytest.mark.proves("D129")
def test_a_second_sighup_does_not_end_running_requests(from_scratch: Launcher) -> None:
    running = from_scratch.start(through=DEFAULT)
    owner = running.client()
    owner.create_store("store")

    with Upload(owner, "store", "key", size=2) as upload:
        upload.send(b"1")
        running.send(signal.SIGHUP)
        wait_until(lambda: "stopping" in running.stderr)
        running.send(signal.SIGHUP)
        upload.send(b"2")
        assert upload.finish() == 204

    assert running.wait() == 0


@pytest.mark.proves("D129")
def test_an_emulator_that_ignores_sighup_goes_on(from_scratch: Launcher) -> None:
    running = from_scratch.start(through=IGNORED)

    running.send(signal.SIGHUP)
    running.send(signal.SIGHUP)

    assert running.client().store_names() == []
    running.stop()


def test_the_development_mode_of_python_finds_nothing(from_scratch: Launcher, data: Path) -> None:
    """The same as ``python -X dev -W error -m emulator``."""
    strict = {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"}
    running = from_scratch.start("--data-dir", data, "--cache", "fakeredis", env=strict)
    with contextlib.closing(running.client().connect()) as connection:
        use(running, connection)
        banner, _, log = running.stop().partition("Ctrl-C stops it.\n\n")

    assert banner.startswith("Momento Object Store emulator")
    assert [line.split()[2:4] for line in log.splitlines()] == [["INFO", "emulator.serve:"]] * 2


def use(running: Running, connection: HTTPConnection) -> None:
    """Send requests of every kind, and one over a connection that stays open."""
    owner = running.client()
    owner.create_store("store")
    for size in (10, 3 * 1024**2, 9 * 1024**2):
        assert owner.put("store", f"of-{size}", bytes(size)).status == 204
        assert owner.get("store", f"of-{size}").body == bytes(size)
    assert owner.get("store", "nothing").status == 404
    for path in ("checkpoints/here", "reset"):
        method = "PUT" if "/" in path else "POST"
        assert running.anonymous().call(method, f"/_emulator/{path}").status == 200
    assert owner.list_stores(over=connection).status == 200
