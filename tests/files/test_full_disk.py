"""A disk without room: 500, the old objects, one line in the log, and all is well once there is
room again (D90, D91)."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from tests.support.client import JSON, Answer, Client, store_configuration
from tests.support.connections import Upload
from tests.support.launch import Launcher, Running

from .disks import SmallDisk

pytestmark = [pytest.mark.slow, pytest.mark.proves("D90")]

MIB = 1024**2

FULL = "No space left on device; the disk is full: make room on it"


@pytest.fixture
def running(on_disk: Launcher, disk: SmallDisk) -> Running:
    """An emulator over a disk that is full, with three objects from before."""
    data = disk.path / "data"
    running = on_disk.start("--data-dir", data, "--cache-max-object-bytes", "1MiB")
    owner = running.client()
    assert owner.create_store("store").status == 201
    for key, size in (("empty", 0), ("small", 100), ("large", 2 * MIB)):
        assert owner.put("store", key, b"o" * size, metadata={"is": "old"}).status == 204
    disk.fill()
    return running


def expect_old_objects(client: Client) -> None:
    for key, size in (("empty", 0), ("small", 100), ("large", 2 * MIB)):
        answer = client.get("store", key)
        assert (answer.status, answer.body, answer.headers["is"]) == (200, b"o" * size, "old")


def errors(running: Running) -> list[str]:
    return [line for line in running.stderr.splitlines() if " ERROR " in line]


def new_key(client: Client, name: str) -> Answer:
    document = {"role_id": "viewer", "description": name, "expiry": "never"}
    return client.call("POST", "/api-keys", json.dumps(document).encode(), JSON)


@pytest.mark.parametrize("size", [1, 5000, MIB - 1, MIB + 1, 4 * MIB])
@pytest.mark.parametrize("key", ["small", "large", "new"])
def test_on_a_full_disk_a_put_is_500_and_leaves_the_old_object_and_no_file(
    running: Running, disk: SmallDisk, key: str, size: int
) -> None:
    owner = running.client()
    assert owner.put("store", key, b"n" * size, metadata={"is": "new"}).status == 500
    expect_old_objects(owner)
    assert owner.get("store", "new").status == 404
    assert os.listdir(disk.seen / "data" / "tmp") == []
    (line,) = errors(running)
    assert f"PUT /objectstore/store/{key} failed: cannot use {disk.path}/data/" in line
    assert line.endswith(FULL)
    assert "Traceback" not in running.stderr


def test_a_put_that_finds_the_disk_full_half_way_is_500(running: Running, disk: SmallDisk) -> None:
    owner = running.client()
    disk.make_room()
    with Upload(owner, "store", "large", size=None) as upload:
        upload.send(b"n" * 2 * MIB)
        disk.fill()
        upload.send(b"n" * 3 * MIB)
        assert upload.finish() == 500
    expect_old_objects(owner)
    assert os.listdir(disk.seen / "data" / "tmp") == []


def test_on_a_full_disk_a_new_store_or_key_is_500_and_the_account_stays_whole(
    running: Running, disk: SmallDisk
) -> None:
    owner, file = running.client(), disk.seen / "data" / "account.json"
    before = file.read_bytes()
    assert owner.create_store("new").status == 500
    assert new_key(owner, "new").status == 500
    assert file.read_bytes() == before
    assert owner.store_names() == ["store"]
    assert not list((disk.seen / "data").glob(".*"))
    for line in errors(running):
        assert f"cannot use {disk.path}/data/account.json: {FULL}" in line
    assert len(errors(running)) == 2
    assert "Traceback" not in running.stderr


@pytest.mark.proves("D91")
def test_on_a_full_disk_health_is_failing_and_says_why(running: Running, disk: SmallDisk) -> None:
    health = running.anonymous().call("GET", "/_emulator/health").json()
    assert health["status"] == health["storage"]["status"] == "failing"
    cause = health["storage"]["cause"]
    assert cause.startswith(f"cannot use {disk.path}/data/")
    assert cause.endswith(FULL)


def test_with_room_again_everything_works_by_itself(
    on_disk: Launcher, running: Running, disk: SmallDisk
) -> None:
    owner = running.client()
    assert owner.put("store", "small", b"n").status == 500
    assert owner.create_store("new").status == 500
    disk.make_room()
    assert running.anonymous().call("GET", "/_emulator/health").json()["status"] == "ok"
    assert owner.put("store", "small", b"new", metadata={"is": "new"}).status == 204
    assert owner.create_store("new").status == 201
    api_key = new_key(owner, "new").json()["api_key"]
    running.stop()

    again = on_disk.start("--data-dir", disk.path / "data")

    answer = again.client().get("store", "small")
    assert (answer.body, answer.headers["is"]) == (b"new", "new")
    assert Client(again.endpoint, api_key).store_names() == ["new", "store"]


def test_on_a_full_disk_a_stop_is_clean_and_a_start_refused_until_there_is_room(
    on_disk: Launcher, running: Running, disk: SmallDisk
) -> None:
    running.stop()
    disk.fill()
    data = disk.path / "data"
    before = (disk.seen / "data" / "account.json").read_bytes()

    refusal = on_disk.refuse("--port", "0", "--data-dir", data)

    refusal.says(f"--data-dir: cannot write to {data}", FULL, "or choose")
    assert (disk.seen / "data" / "account.json").read_bytes() == before
    disk.make_room()
    again = on_disk.start("--data-dir", data)
    expect_old_objects(again.client())


def test_a_first_start_on_a_full_disk_is_refused(on_disk: Launcher, disk: SmallDisk) -> None:
    disk.fill()
    data = disk.path / "data"
    refusal = on_disk.refuse("--port", "0", "--data-dir", data)
    refusal.says(f"--data-dir: cannot write to {data}", FULL, "or choose")


def test_a_seed_that_finds_no_room_is_refused(
    on_disk: Launcher, disk: SmallDisk, tmp_path: Path
) -> None:
    seed = tmp_path / "seed.yaml"
    (tmp_path / "large").write_bytes(bytes(9 * MIB))
    store = {"name": "store", **store_configuration("store")}
    planted = {"store": "store", "key": "large", "file": "large"}
    seed.write_text(json.dumps({"stores": [store], "objects": [planted]}))
    refusal = on_disk.refuse("--port", "0", "--data-dir", disk.path / "data", "--seed", seed)
    refusal.says(str(seed), str(disk.path), FULL)
    assert os.listdir(disk.seen / "data" / "tmp") == []


def test_a_restore_that_finds_no_room_is_500_and_can_be_repeated(
    running: Running, disk: SmallDisk
) -> None:
    owner = running.client()
    disk.make_room()
    assert owner.call("PUT", "/_emulator/checkpoints/before").status == 200
    assert owner.put("store", "small", b"later").status == 204
    disk.fill()
    assert owner.call("POST", "/_emulator/checkpoints/before").status == 500
    assert owner.get("store", "small").body in (b"o" * 100, b"later")
    assert "Traceback" not in running.stderr
    disk.make_room()
    assert owner.call("POST", "/_emulator/checkpoints/before").status == 200
    expect_old_objects(owner)


@pytest.mark.parametrize("room", [0, 1 * MIB], ids=["none", "some"])
def test_an_import_that_finds_no_room_is_500_and_leaves_every_object(
    running: Running, disk: SmallDisk, room: int
) -> None:
    owner = running.client()
    state = owner.call("GET", "/_emulator/state").body
    before = set(os.listdir(disk.seen / "data"))
    if room:
        os.truncate(disk.seen / "filler", (disk.seen / "filler").stat().st_size - room)
    assert owner.call("PUT", "/_emulator/state", state, JSON).status == 500
    expect_old_objects(owner)
    assert owner.call("GET", "/_emulator/state").body == state
    assert set(os.listdir(disk.seen / "data")) == before
    assert os.listdir(disk.seen / "data" / "tmp") == []
    assert "Traceback" not in running.stderr
    disk.make_room()
    assert owner.call("PUT", "/_emulator/state", state, JSON).status == 200
    expect_old_objects(owner)


def test_a_reset_that_finds_no_room_is_500_and_leaves_every_object(
    running: Running, disk: SmallDisk
) -> None:
    owner = running.client()
    with open(disk.seen / "filler", "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"f")
    if owner.call("POST", "/_emulator/reset").status == 500:
        expect_old_objects(owner)
    else:  # The disk has room for a directory.
        assert owner.store_names() == []
    assert "Traceback" not in running.stderr
