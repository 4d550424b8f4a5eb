"""What a start leaves beside its ready file for ``wait``, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.launch import Launcher, run
from tests.support.waiting import wait_until

pytestmark = pytest.mark.proves("D170")

WAIT = (sys.executable, "-m", "emulator", "wait")


def as_of_now(ready: Path) -> None:
    """Let ``wait`` take the note for one that came while it waited: an older one could still be
    replaced by the next start."""
    os.utime(ready.with_name("ready.json.start"), (2**32, 2**32))


def test_it_waits_for_an_emulator_that_starts_beside_it(
    from_scratch: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    running = from_scratch.spawn("--port", "0", "--ready-file", ready, ready_file=ready)
    waited = run(*WAIT, "--ready-file", str(ready))
    running.wait_until_ready()

    assert (waited.returncode, waited.stderr) == (0, "")
    assert waited.stdout == f"{running.endpoint}\n"


def test_a_port_in_use_ends_it_with_the_line_of_the_emulator(
    emulators: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = str(server.getsockname()[1])
        line = emulators.refuse("--port", port, "--ready-file", ready).says("in use")
    as_of_now(ready)
    waited = run(*WAIT, "--ready-file", str(ready), "--timeout", "1h")

    said = line.removeprefix("momento-objectstore-emulator: ")
    assert (waited.returncode, waited.stdout) == (1, "")
    assert waited.stderr.endswith(f"the emulator could not start: {said}\n")
    assert not ready.exists()


def test_an_emulator_that_is_killed_while_it_starts_is_noted_by_its_id(
    emulators: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"valkey://127.0.0.1:{silent.getsockname()[1]}"
        waits = ("--account", url, "--cache", url, "--valkey-timeout", "1h")
        running = emulators.spawn("--ready-file", ready, *waits, ready_file=ready)
        note = tmp_path / "ready.json.start"
        wait_until(note.exists, "the start is noted")
        running.send(signal.SIGKILL)
        running.wait()
    as_of_now(ready)
    assert json.loads(note.read_text(encoding="utf-8"))["pid"] == running.process.pid
    waited = run(*WAIT, "--ready-file", str(ready), "--timeout", "1h")

    assert waited.returncode == 1
    assert f"process {running.process.pid} has ended" in waited.stderr


def test_the_next_start_removes_the_note(emulators: Launcher, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    emulators.refuse("--ready-file", ready, "--port", "x").says("not a port")
    assert (tmp_path / "ready.json.start").exists()

    running = emulators.start("--port", "0", "--ready-file", ready, ready_file=ready)
    assert [each.name for each in tmp_path.iterdir()] == ["ready.json"]
    running.stop()
    assert list(tmp_path.iterdir()) == []
