"""Two emulators over one data directory: the second refuses, and names the first (D92)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from emulator.config import ConfigurationError
from emulator.startup.data_directory import DataDirectory
from tests.support import leash
from tests.support.environment import PROGRAM, ROOT
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

from .disks import SmallDisk

pytestmark = pytest.mark.proves("D92")


@pytest.fixture
def first(emulators: Launcher, data: Path) -> Running:
    """An emulator over ``data`` with a store."""
    running = emulators.start("--data-dir", data)
    assert running.client().create_store("store").status == 201
    return running


def expect_refusal(emulators: Launcher, path: Path, holder: Running) -> None:
    refusal = emulators.refuse("--port", "0", "--data-dir", path)
    who = f"(process {holder.process.pid}, {holder.endpoint})"
    refusal.says("--data-dir", str(path), "in use", who, "choose another")


def test_a_second_emulator_names_the_first_and_where_it_can_be_reached(
    emulators: Launcher, data: Path, first: Running
) -> None:
    before = (data / "account.json").read_bytes()
    expect_refusal(emulators, data, first)
    assert (data / "account.json").read_bytes() == before
    assert first.client().put("store", "key", b"body").status == 204


def test_a_second_emulator_is_refused_through_a_symbolic_link(
    emulators: Launcher, data: Path, tmp_path: Path, first: Running
) -> None:
    (tmp_path / "link").symlink_to(data)
    expect_refusal(emulators, tmp_path / "link", first)


def test_a_second_emulator_is_refused_while_the_first_is_stopped_for_a_while(
    emulators: Launcher, data: Path, first: Running
) -> None:
    first.send(signal.SIGSTOP)
    expect_refusal(emulators, data, first)
    first.send(signal.SIGCONT)
    assert first.client().store_names() == ["store"]


def test_a_second_emulator_is_refused_where_the_file_lock_was_deleted(
    emulators: Launcher, data: Path, first: Running
) -> None:
    (data / "lock").unlink()
    refusal = emulators.refuse("--port", "0", "--data-dir", data)
    refusal.says("--data-dir", str(data), "in use by another emulator;", "choose another")
    assert not (data / "lock").exists()
    first.stop()
    assert emulators.start("--data-dir", data).client().store_names() == ["store"]


def test_a_copy_of_the_directory_is_another_one(
    emulators: Launcher, data: Path, tmp_path: Path, first: Running
) -> None:
    shutil.copytree(data, tmp_path / "copy")
    second = emulators.start("--data-dir", tmp_path / "copy")
    assert second.client().create_store("second").status == 201
    assert first.client().store_names() == ["store"]
    assert second.client().store_names() == ["second", "store"]


def test_the_directory_is_free_as_soon_as_the_first_is_killed(
    emulators: Launcher, data: Path, first: Running
) -> None:
    first.send(signal.SIGKILL)  # Not waited for: it may be dying still.
    assert emulators.start("--data-dir", data).client().store_names() == ["store"]


@pytest.mark.parametrize("path", ["new", "above/new"])
def test_of_emulators_that_start_at_one_instant_one_has_it_and_the_others_name_that_one(
    tmp_path: Path, path: str
) -> None:
    for number in range(25):
        data = tmp_path / str(number) / path
        outcomes = at_one_instant(8, partial(DataDirectory, data))
        (winner,) = [each for each in outcomes if isinstance(each, DataDirectory)]
        refusals = [str(each) for each in outcomes if not isinstance(each, DataDirectory)]
        assert len(refusals) == 7
        for refusal in refusals:
            assert f"in use by another emulator (process {os.getpid()})" in refusal
        winner.close()
        DataDirectory(data).close()


def at_one_instant(
    count: int, work: Callable[[], DataDirectory]
) -> list[DataDirectory | ConfigurationError]:
    barrier = threading.Barrier(count)
    outcomes: list[DataDirectory | ConfigurationError] = []

    def attempt() -> None:
        barrier.wait()
        try:
            outcomes.append(work())
        except ConfigurationError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def one_runs(started: Sequence[Running]) -> bool:
    return sum(each.process.poll() is None for each in started) == 1


def test_of_three_processes_that_start_at_one_instant_one_serves(
    emulators: Launcher, data: Path
) -> None:
    for _ in range(3):
        started = [emulators.spawn("--data-dir", data) for _ in range(3)]
        wait_until(
            partial(one_runs, started),
            "two have given up",
            seconds=30,
        )
        (serving,) = [each for each in started if each.process.poll() is None]
        serving.wait_until_ready()
        for each in started:
            if each is not serving:
                assert each.process.returncode == 2
                assert each.stderr.startswith(f"{PROGRAM}: --data-dir: {data} is in use by another")
                assert f"process {serving.process.pid}" in each.stderr
        serving.send(signal.SIGKILL)
        serving.wait()


HOLD_IN_A_CHILD = """
import os, sys, time
from pathlib import Path
from emulator.startup.data_directory import DataDirectory
directory = DataDirectory(Path(sys.argv[1]))
child = os.fork()
if child == 0:
    time.sleep(600)
print(child, flush=True)
if sys.argv[2] == "closes":
    directory.close()
    print("closed", flush=True)
    time.sleep(600)
os._exit(0)
"""


@pytest.fixture
def with_a_child(data: Path) -> Iterator[Callable[[str], tuple[int, int]]]:
    """Starts a process that has the directory and then forks a child; their numbers."""
    started: list[int] = []
    processes = []

    def start(way: str) -> tuple[int, int]:
        process = leash.popen(
            [sys.executable, "-c", HOLD_IN_A_CHILD, str(data), way],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        processes.append(process)
        assert process.stdout is not None
        started.append(int(process.stdout.readline()))
        if way == "closes":
            process.stdout.readline()
        else:
            process.wait(10)
        return process.pid, started[-1]

    yield start
    for child in started:
        os.kill(child, signal.SIGKILL)
    for process in processes:
        process.kill()
        process.communicate()


def test_a_child_that_was_forked_does_not_keep_what_its_parent_has_let_go(
    data: Path, with_a_child: Callable[[str], tuple[int, int]]
) -> None:
    with_a_child("closes")
    DataDirectory(data).close()


def test_a_process_that_has_ended_is_not_named_as_if_it_ran(
    data: Path, with_a_child: Callable[[str], tuple[int, int]]
) -> None:
    parent, _ = with_a_child("dies")
    with pytest.raises(ConfigurationError, match=f"what process {parent} has left behind"):
        DataDirectory(data)


@pytest.mark.parametrize("member", ["host", "pid_namespace"])
def test_a_process_of_another_container_is_named_as_such(data: Path, member: str) -> None:
    holder = DataDirectory(data)
    about = json.loads((data / "lock").read_text())
    (data / "lock").write_text(json.dumps({**about, "pid": 1, "host": "box", member: "another"}))
    host = "another" if member == "host" else "box"
    with pytest.raises(ConfigurationError, match=rf"\(process 1 of {host}, in another container"):
        DataDirectory(data)
    holder.close()


@pytest.mark.parametrize("content", ["", "123", "[]", "{}", '{"pid": "1"}', "\xff", "{"])
def test_a_file_lock_that_says_nothing_names_nobody(data: Path, content: str) -> None:
    holder = DataDirectory(data)
    (data / "lock").write_text(content, encoding="latin-1")
    with pytest.raises(ConfigurationError, match="in use by another emulator;"):
        DataDirectory(data)
    holder.close()


def test_a_second_emulator_is_refused_through_a_bind_mount(
    on_disk: Launcher, disk: SmallDisk, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    disk.run("mount", "--bind", str(disk.path), str(other))
    try:
        running = on_disk.start("--data-dir", disk.path / "data")
        refusal = on_disk.refuse("--port", "0", "--data-dir", other / "data")
    finally:
        disk.run("umount", str(other))
    refusal.says(str(other / "data"), "in use", str(running.process.pid))
