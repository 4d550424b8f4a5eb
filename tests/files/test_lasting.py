"""What is on the disk before anybody is told so: the order of writing, syncing and renaming.

A crash of the machine cannot be had in a test. What one leaves is what had been synced by then, so
the calls themselves are looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID
from emulator.backends.account.file import FileAccount
from emulator.backends.storage.filesystem import CHUNK_BYTES, FilesystemStorage
from emulator.core.model import Account
from emulator.core.object_info import Location
from emulator.startup.data_directory import DataDirectory
from tests.backends.objects import put
from tests.support.bodies import some_bytes

DESCRIPTORS = Path("/proc/self/fd")

pytestmark = pytest.mark.skipif(not DESCRIPTORS.exists(), reason="needs /proc/self/fd, as on Linux")

Events = list[tuple[Any, ...]]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Events:
    """What is synced, and with how many bytes; what is renamed; which directories are made."""
    seen: Events = []
    fsync, replace, mkdir = os.fsync, os.replace, Path.mkdir

    def noting_fsync(descriptor: int) -> None:
        path = Path(os.readlink(DESCRIPTORS / str(descriptor)))
        fsync(descriptor)
        seen.append(("sync", path) if path.is_dir() else ("sync", path, path.stat().st_size))

    def noting_replace(source: Path | str, target: Path | str) -> None:
        replace(source, target)
        seen.append(("rename", Path(source), Path(target)))

    def noting_mkdir(path: Path, *args: Any, **options: Any) -> None:
        was_there = path.exists()
        mkdir(path, *args, **options)
        if not was_there:
            seen.append(("make", path))

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "replace", noting_replace)
    monkeypatch.setattr(Path, "mkdir", noting_mkdir)
    return seen


@pytest.fixture
def engine(tmp_path: Path) -> Callable[[], FilesystemStorage]:
    """Opens engines over one directory."""
    objects, temporary = tmp_path / "objects", tmp_path / "tmp"
    objects.mkdir()
    temporary.mkdir()
    return lambda: FilesystemStorage(objects, temporary, tmp_path / "checkpoints")


@pytest.mark.parametrize("size", [0, 10, 3 * CHUNK_BYTES + 1])
async def test_an_object_is_synced_whole_then_renamed_then_its_directory_synced(
    engine: Callable[[], FilesystemStorage], tmp_path: Path, events: Events, size: int
) -> None:
    storage, bucket = engine(), tmp_path / "objects" / "bucket"
    await put(storage, Location("bucket", "key"), some_bytes(size))
    await storage.close()

    (_, unseen, whole), *rest = [event for event in events if event[0] != "make"][-4:]
    assert unseen.parent == tmp_path / "tmp"
    assert whole == (bucket / "key").stat().st_size > size
    assert rest == [
        ("sync", tmp_path / "objects"),
        ("rename", unseen, bucket / "key"),
        ("sync", bucket),
    ]


async def test_a_bucket_that_another_process_made_and_did_not_live_to_sync_is_synced(
    engine: Callable[[], FilesystemStorage], tmp_path: Path, events: Events
) -> None:
    storage, objects = engine(), tmp_path / "objects"
    (objects / "bucket").mkdir()
    for expected in (1, 1):  # With the first object alone.
        await put(storage, Location("bucket", "key"), b"body")
        assert events.count(("sync", objects)) == expected
    await storage.clear()
    events.clear()
    await put(storage, Location("bucket", "key"), b"body")
    await storage.close()
    assert events.count(("sync", objects)) == 1


async def test_the_account_is_synced_whole_then_renamed_then_its_directory_synced(
    tmp_path: Path, events: Events
) -> None:
    account = FileAccount(tmp_path / "account.json")
    await account.put(ACCOUNT, ACCOUNT_ID, Account("acct-1", "secret"), expected=None)

    (_, unseen, whole), *rest = events
    assert whole == (tmp_path / "account.json").stat().st_size
    assert rest == [("rename", unseen, tmp_path / "account.json"), ("sync", tmp_path)]


def test_a_new_data_directory_is_synced_into_the_directories_above_it(
    tmp_path: Path, events: Events
) -> None:
    data = tmp_path / "above" / "data"
    DataDirectory(data).close()

    synced = [event[1] for event in events if event[0] == "sync"]
    assert {tmp_path, tmp_path / "above", data} <= set(synced)
    last_made = max(index for index, event in enumerate(events) if event[0] == "make")
    assert events[last_made:].count(("sync", data)) >= 1


async def test_without_fsync_nothing_waits_for_the_disk(tmp_path: Path, events: Events) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "tmp").mkdir()
    storage = FilesystemStorage(
        tmp_path / "objects", tmp_path / "tmp", tmp_path / "checkpoints", fsync=False
    )
    account = FileAccount(tmp_path / "account.json", fsync=False)
    await put(storage, Location("bucket", "key"), some_bytes(2 * CHUNK_BYTES))
    await storage.delete(Location("bucket", "key"))
    await storage.clear()
    await account.put(ACCOUNT, ACCOUNT_ID, Account("acct-1", "secret"), expected=None)
    await storage.close()
    assert [event for event in events if event[0] == "sync"] == []
