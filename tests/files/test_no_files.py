"""What is no file, in the place of an object, is not waited for and spoils nothing else (D111)."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.storage.base import Storage
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location, ObjectInfo
from tests.backends.engines import opened_storage
from tests.backends.objects import put, read
from tests.support.client import JSON, create_store
from tests.support.emulators import Start, client

pytestmark = pytest.mark.proves("D111")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.getcwd()
        os.chdir(path.parent)  # The whole path may be too long for an address.
        try:
            listening.bind(path.name)
        finally:
            os.chdir(before)


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES: dict[str, Callable[[Path], None]] = {
    "FIFO": os.mkfifo,
    "socket": a_socket,
    "loop of symbolic links": a_loop,
    "device": a_device,
}


def not_permitted(path: Path) -> None:
    path.write_bytes(b"secret")
    path.chmod(0)


UNREADABLE: dict[str, Callable[[Path], None]] = {
    "link below a file": lambda path: path.symlink_to("key/below"),
    "link of a name too long": lambda path: path.symlink_to("x" * 300),
    "not permitted": not_permitted,
}

if Path("/proc/self/mem").exists():
    UNREADABLE["input or output error"] = lambda path: path.symlink_to("/proc/self/mem")

KEY, BAD = Location("bucket", "key"), Location("bucket", "bad")


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with opened_storage("filesystem", tmp_path) as engine:
        yield engine


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
async def test_what_is_no_file_is_an_error_that_names_it_until_the_object_is_put_again(
    storage: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[Path], None]
) -> None:
    info = await put(storage, KEY, b"body")
    bad = tmp_path / "objects" / "bucket" / "bad"
    make(bad)

    with pytest.raises(EngineUnavailableError, match=f"{bad} is damaged: it is not a file"):
        await read(storage, BAD)
    assert await storage.list("bucket") == [("key", info)]
    (record,) = [record for record in caplog.records if "A list leaves out" in record.message]
    assert str(bad) in record.message
    assert await storage.buckets() == ["bucket"]
    checkpoint = await storage.checkpoint()
    await storage.clear()
    await checkpoint.restore()
    assert await read(storage, KEY) == (info, b"body")

    info = await put(storage, BAD, b"again")
    assert await read(storage, BAD) == (info, b"again")


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
async def test_what_is_no_file_can_be_deleted(
    storage: Storage, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    await put(storage, KEY, b"body")
    make(tmp_path / "objects" / "bucket" / "bad")
    assert await storage.delete(BAD)
    assert await read(storage, BAD) is None


async def test_a_symbolic_link_to_a_file_is_an_object(storage: Storage, tmp_path: Path) -> None:
    await put(storage, KEY, b"body")
    (tmp_path / "elsewhere").write_bytes(b"linked by hand")
    (tmp_path / "objects" / "bucket" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "objects" / "bucket" / "leads-nowhere").symlink_to(tmp_path / "nothing")
    found = await read(storage, Location("bucket", "linked"))
    assert found is not None
    assert found[1] == b"linked by hand"
    assert [key for key, _ in await storage.list("bucket")] == ["key", "linked"]
    assert await read(storage, Location("bucket", "leads-nowhere")) is None


def refuse_to_open(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system refuse to open this file."""
    real_open = os.open

    def open_(path: str, *arguments: Any, **options: Any) -> int:
        if str(path) == str(bad):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real_open(path, *arguments, **options)

    monkeypatch.setattr("emulator.backends.storage.object_file.os.open", open_)


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_left_out_of_lists_and_exports(
    storage: Storage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
) -> None:
    info = await put(storage, KEY, b"body")
    bad = tmp_path / "objects" / "bucket" / "bad"
    make(bad)
    if os.access(bad, os.R_OK) and not bad.is_symlink():
        refuse_to_open(bad, monkeypatch)  # Root may read every file.

    with pytest.raises(EngineUnavailableError, match=r"cannot use .*bad"):
        await read(storage, BAD)
    assert await storage.list("bucket") == [("key", info)]
    (record,) = [record for record in caplog.records if "A list leaves out" in record.message]
    assert str(bad) in record.message
    assert [found async for found in storage.walk()] == [(KEY, info, b"body")]
    assert [found async for found in storage.expiring()] == [[]]


async def test_a_loop_of_links_in_the_place_of_a_bucket_is_none(
    storage: Storage, tmp_path: Path
) -> None:
    info = await put(storage, KEY, b"body")
    a_loop(tmp_path / "objects" / "loop")
    assert await storage.buckets() == ["bucket"]
    assert [found async for found in storage.walk()] == [(KEY, info, b"body")]
    assert [found async for found in storage.expiring()] == [[]]
    checkpoint = await storage.checkpoint()
    await storage.clear()
    await checkpoint.restore()
    assert await read(storage, KEY) == (info, b"body")


async def test_an_export_leaves_out_what_is_damaged_after_it_was_listed(
    storage: Storage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = await put(storage, KEY, b"body")
    await put(storage, BAD, b"body")
    listing = storage.list

    async def list_and_damage(bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        listed = await listing(bucket, prefix)
        bad = tmp_path / "objects" / "bucket" / "bad"
        bad.unlink()
        a_loop(bad)
        return listed

    monkeypatch.setattr(storage, "list", list_and_damage)
    assert [found async for found in storage.walk()] == [(KEY, info, b"body")]
    assert ["An export leaves out" in record.message for record in caplog.records] == [True]


async def test_a_lack_of_file_descriptors_is_no_damage(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(storage, KEY, b"body")

    def lack(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("emulator.backends.storage.object_file.os.open", lack)
    with pytest.raises(EngineUnavailableError, match="Too many open files"):
        await storage.list("bucket")


def test_an_export_a_list_and_an_import_leave_out_what_is_no_object(
    start: Start, tmp_path: Path
) -> None:
    emulator = start(data_dir=tmp_path / "data")
    owner = client(emulator)
    create_store(owner, "store")
    owner.put("store", "good", b"good")
    (objects,) = (tmp_path / "data" / "objects").iterdir()
    for name, make in NO_FILES.items():
        make(objects / name.partition(" ")[0].lower())
    exported = owner.call("GET", "/_emulator/state")
    assert [each["key"] for each in exported.json()["objects"]] == ["good"]
    assert [each.key for each in emulator.tiers.objects("store")] == ["good"]
    assert owner.get("store", "fifo").status == 500
    assert owner.call("PUT", "/_emulator/state", exported.body, JSON).status == 200
    assert owner.get("store", "good").body == b"good"
    assert owner.get("store", "fifo").status == 404
