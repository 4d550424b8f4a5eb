"""Files that may not be written, or not read, or are not what they were (D90)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.launch import Launcher, Running, launcher
from tests.support.warm import WarmParent, warm_parent

from .disks import SmallDisk

pytestmark = [pytest.mark.slow, pytest.mark.proves("D90")]

MIB = 1024**2

READ_ONLY = "Read-only file system; mount it so that it can be written"
DENIED = "Permission denied; let the emulator's user use it"

POWERLESS: Sequence[str] = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
"""Has root ask for permission as everybody else."""


@pytest.fixture(scope="module")
def powerless_parent() -> Iterator[WarmParent]:
    with warm_parent(POWERLESS) as forking:
        yield forking


@pytest.fixture
def powerless(tmp_path: Path, powerless_parent: WarmParent) -> Iterator[Launcher]:
    """Starts emulators that may do with files what their permissions say."""
    logs = tmp_path / "powerless"
    logs.mkdir()
    with launcher(logs, powerless_parent.popen) as launching:
        yield launching


def fill(client: Client) -> None:
    assert client.create_store("store").status == 201
    assert client.put("store", "small", b"old", metadata={"is": "old"}).status == 204
    assert client.put("store", "large", b"o" * 2 * MIB, metadata={"is": "old"}).status == 204


def expect_reads_alone(running: Running, said: str) -> None:
    """Reading goes on, from storage too; each write is a 500 with a line in the log."""
    owner = running.client()
    owner.call("POST", "/_emulator/flush/cluster-of-store")
    assert owner.get("store", "small").body == b"old"
    assert owner.get("store", "large").body == b"o" * 2 * MIB
    for key, body in (("small", b"new"), ("large", b"n" * 3 * MIB), ("new", b"new")):
        assert owner.put("store", key, body).status == 500
    assert owner.create_store("new").status == 500
    assert owner.get("store", "small").headers["is"] == "old"
    assert owner.get("store", "new").status == 404
    assert owner.store_names() == ["store"]
    lines = [line for line in running.stderr.splitlines() if " ERROR " in line]
    assert len(lines) == 4
    for line in lines:
        assert line.endswith(said)
    assert "Traceback" not in running.stderr
    health = owner.call("GET", "/_emulator/health").json()
    assert health["storage"]["status"] == "failing"
    assert said in health["storage"]["cause"]


def expect_writes(client: Client) -> None:
    assert client.put("store", "small", b"new").status == 204
    assert client.create_store("new").status == 201
    assert client.call("GET", "/_emulator/health").json()["status"] == "ok"


def test_a_disk_that_turns_read_only_is_read_on_and_written_once_it_can_be(
    on_disk: Launcher, disk: SmallDisk
) -> None:
    running = on_disk.start("--data-dir", disk.path / "data")
    fill(running.client())
    disk.make_read_only()
    expect_reads_alone(running, READ_ONLY)
    disk.make_writable()
    expect_writes(running.client())
    running.stop()


def test_a_disk_that_is_read_only_at_the_start_is_refused(
    on_disk: Launcher, disk: SmallDisk
) -> None:
    data = disk.path / "data"
    on_disk.start("--data-dir", data).stop()
    disk.make_read_only()
    refusal = on_disk.refuse("--port", "0", "--data-dir", data)
    refusal.says(f"--data-dir: cannot write to {data}", READ_ONLY, "or choose")


def test_directories_that_lose_their_permission_are_read_on(
    powerless: Launcher, data: Path
) -> None:
    running = powerless.start("--data-dir", data)
    fill(running.client())
    directories = [data, data / "tmp", *(data / "objects").iterdir()]
    for directory in directories:
        directory.chmod(0o500)
    expect_reads_alone(running, DENIED)
    for directory in directories:
        directory.chmod(0o700)
    expect_writes(running.client())
    running.stop()


@pytest.mark.parametrize("which", [".", "objects", "tmp", "lock"])
def test_a_start_without_permission_is_refused_by_the_name_of_what_lacks_it(
    powerless: Launcher, data: Path, which: str
) -> None:
    powerless.start("--data-dir", data).stop()
    (data / which).chmod(0o500 if which != "lock" else 0o000)
    refusal = powerless.refuse("--port", "0", "--data-dir", data)
    refusal.says(f"--data-dir: cannot write to {data / which}: {DENIED}", "or choose")
    (data / which).chmod(0o700)


@pytest.fixture
def reading(powerless: Launcher, data: Path) -> Running:
    """An emulator over objects that it has not cached."""
    before = powerless.start("--data-dir", data)
    fill(before.client())
    before.stop()
    return powerless.start("--data-dir", data)


@pytest.mark.parametrize("key", ["small", "large"])
def test_an_object_that_may_not_be_read_is_500_until_it_may(
    reading: Running, data: Path, key: str
) -> None:
    file = data / "objects" / "bucket-of-store" / key
    file.chmod(0o000)
    assert reading.client().get("store", key).status == 500
    assert f"GET /objectstore/store/{key} failed: cannot use {file}: {DENIED}" in reading.stderr
    assert "Traceback" not in reading.stderr
    file.chmod(0o600)
    assert reading.client().get("store", key).headers["is"] == "old"


def test_a_directory_in_the_place_of_an_object_is_none_and_cannot_be_put_over(
    reading: Running, data: Path
) -> None:
    file = data / "objects" / "bucket-of-store" / "small"
    file.unlink()
    file.mkdir()
    owner = reading.client()
    assert owner.get("store", "small").status == 404
    assert owner.put("store", "small", b"new").status == 500
    assert f"cannot use {file}: Is a directory; remove the directory that is in the way" in (
        reading.stderr
    )
    assert "Traceback" not in reading.stderr
    assert os.listdir(data / "tmp") == []
    file.rmdir()
    assert owner.put("store", "small", b"new").status == 204
