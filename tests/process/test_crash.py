"""SIGKILL: what was acknowledged is there at the next start, and nothing else is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.support.connections import Upload
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

MIB = 1024**2


@pytest.fixture
def killed(emulators: Launcher, data: Path) -> Running:
    """An emulator over ``data``, killed while a new body for an object was on its way."""
    running = emulators.start("--data-dir", data, "--cache-max-object-bytes", "1MiB")
    owner = running.client()
    assert owner.create_store("store").status == 201
    assert owner.put("store", "key", b"old", metadata={"note": "kept"}).status == 204
    with Upload(owner, "store", "key", size=8 * MIB) as upload:
        upload.send(b"new!" * MIB)
        wait_until(lambda: os.listdir(data / "tmp") != [], "the upload has a file")
        running.send(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
    assert os.listdir(data / "tmp") != []
    return running


def test_after_a_kill_the_next_start_has_the_old_object_and_no_temporary_file(
    emulators: Launcher, data: Path, killed: Running
) -> None:
    again = emulators.start("--data-dir", data)

    answer = again.client().get("store", "key")
    assert (answer.status, answer.body, answer.headers["note"]) == (200, b"old", "kept")
    assert os.listdir(data / "tmp") == []
    assert again.keys == killed.keys
    assert again.client().put("store", "key", b"new").status == 204


def test_the_ready_file_that_was_left_is_gone_until_the_next_one_is_written(
    emulators: Launcher, tmp_path: Path, killed: Running
) -> None:
    ready, seed = killed.ready_file, tmp_path / "seed.yaml"
    assert ready.exists()
    os.mkfifo(seed)
    again = emulators.spawn("--port", "0", "--seed", seed, "--ready-file", ready, ready_file=ready)
    with seed.open("w") as file:  # Opens once the emulator waits for what the seed says.
        was_there = ready.exists()
        file.write("stores: []\n")

    again.wait_until_ready()
    assert not was_there
    assert again.facts["pid"] == again.process.pid


def test_a_start_that_fails_leaves_no_ready_file_of_an_earlier_run(
    emulators: Launcher, data: Path, killed: Running
) -> None:
    (data / "account.json").write_text("broken")

    refusal = emulators.refuse("--data-dir", data, "--ready-file", killed.ready_file)

    assert refusal.status == 2
    assert not killed.ready_file.exists()
