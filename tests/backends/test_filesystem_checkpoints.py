"""Checkpoints and lists of objects as files: what is linked, left alone and left out."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.storage.file_names import file_name
from emulator.backends.storage.filesystem import CHUNK_BYTES, FilesystemStorage
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.support.bodies import some_bytes

from .engines import storage_engine
from .objects import an_info, files_below, put, read

LONG = "x" * 1000
DESCRIPTORS = Path("/proc/self/fd")

PLACES = [Location(bucket, key) for bucket in ("a", "B") for key in ("key", LONG)]


@pytest.fixture(params=["filesystem", "filesystem-without-fsync"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    engine = storage_engine(request.param, tmp_path)
    yield engine
    await engine.close()


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Where the buckets' directories are."""
    return tmp_path / "objects"


@pytest.fixture(params=[errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def without_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no hard links, or no more of them for any file."""

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(os, "link", refuse)


def path_of(objects: Path, location: Location) -> Path:
    return objects / file_name(location.bucket) / file_name(location.key)


def identities(directory: Path) -> dict[Path, tuple[int, int]]:
    """Which file is where: two links to one file are the same."""
    return {
        path.relative_to(directory): (path.stat().st_dev, path.stat().st_ino)
        for path in files_below(directory)
    }


async def fill(storage: FilesystemStorage, seed: int) -> None:
    for number, place in enumerate(PLACES):
        await put(storage, place, some_bytes(1000 * number, seed), an_info(1000 * number))


async def test_a_checkpoint_copies_no_body(
    storage: FilesystemStorage, objects: Path, tmp_path: Path
) -> None:
    await fill(storage, 1)
    await storage.checkpoint()
    held = sorted(identities(tmp_path / "checkpoints").values())
    assert held == sorted(identities(objects).values())


async def test_a_restore_copies_no_body_and_leaves_no_other_file(
    storage: FilesystemStorage, objects: Path, tmp_path: Path
) -> None:
    await fill(storage, 1)
    before = identities(objects)
    checkpoint = await storage.checkpoint()
    await put(storage, PLACES[0], b"new")
    await storage.delete(PLACES[1])
    await put(storage, Location("c", "key"), b"added")
    await checkpoint.restore()
    assert identities(objects) == before
    await storage.close()
    assert {path.name for path in tmp_path.iterdir()} == {"objects", "tmp", "checkpoints"}
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.usefixtures("without_links")
async def test_where_there_are_no_links_files_are_copied(
    storage: FilesystemStorage, objects: Path, tmp_path: Path
) -> None:
    await fill(storage, 1)
    by_hand = objects / "a" / "by-hand"
    by_hand.write_bytes(b"by hand")
    os.utime(by_hand, ns=(1, 17_000))
    places = [*PLACES, Location("a", "by-hand")]
    before = {place: await read(storage, place) for place in places}
    checkpoint = await storage.checkpoint()
    for _ in range(2):
        await fill(storage, 2)
        await storage.delete(Location("a", "by-hand"))
        await put(storage, Location("c", "key"), b"added")
        await checkpoint.restore()
        assert {place: await read(storage, place) for place in places} == before
        assert await storage.buckets() == ["B", "a"]
    await storage.close()
    assert files_below(tmp_path / "tmp") == set()


async def test_an_error_that_is_not_about_links_is_not_taken_for_one(
    storage: FilesystemStorage, objects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(storage, 1)
    before = identities(objects)

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refuse)
        with pytest.raises(EngineUnavailableError, match="No space"):
            await storage.checkpoint()
    assert files_below(tmp_path / "checkpoints") == set()
    assert identities(objects) == before


async def test_a_restore_that_fails_leaves_the_objects_as_they_are_and_can_be_repeated(
    storage: FilesystemStorage, objects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(storage, 1)
    old = {place: await read(storage, place) for place in PLACES}
    checkpoint = await storage.checkpoint()
    await fill(storage, 2)
    new, files = {place: await read(storage, place) for place in PLACES}, identities(objects)
    links, link = iter(range(len(PLACES))), os.link

    def refuse_the_last(*arguments: Any, **options: Any) -> None:
        if next(links) == len(PLACES) - 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        link(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refuse_the_last)
        with pytest.raises(EngineUnavailableError, match="No space"):
            await checkpoint.restore()
    assert {path.name for path in tmp_path.iterdir()} == {"objects", "tmp", "checkpoints"}
    assert identities(objects) == files
    assert {place: await read(storage, place) for place in PLACES} == new
    await checkpoint.restore()
    assert {place: await read(storage, place) for place in PLACES} == old


async def test_a_restore_removes_a_directory_in_the_place_of_an_object(
    storage: FilesystemStorage, objects: Path
) -> None:
    await fill(storage, 1)
    old = {place: await read(storage, place) for place in PLACES}
    checkpoint = await storage.checkpoint()
    in_the_way = path_of(objects, PLACES[3])
    in_the_way.unlink()
    in_the_way.mkdir()
    await checkpoint.restore()
    assert {place: await read(storage, place) for place in PLACES} == old


async def test_a_discard_and_the_end_of_the_engine_leave_no_file(
    storage: FilesystemStorage, tmp_path: Path
) -> None:
    await fill(storage, 1)
    discarded, kept = await storage.checkpoint(), await storage.checkpoint()
    assert len(files_below(tmp_path / "checkpoints")) == 2 * len(PLACES)
    await discarded.discard()
    assert len(files_below(tmp_path / "checkpoints")) == len(PLACES)
    await storage.close()
    assert list((tmp_path / "checkpoints").iterdir()) == []
    await kept.discard()


async def test_without_a_checkpoint_there_is_no_directory_for_them(
    storage: FilesystemStorage, tmp_path: Path
) -> None:
    await fill(storage, 1)
    await storage.close()
    assert {path.name for path in tmp_path.iterdir()} == {"objects", "tmp"}


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="needs /proc/self/fd")
async def test_what_a_delete_or_a_restore_changes_is_made_to_last(
    objects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(Path(os.readlink(DESCRIPTORS / str(descriptor))))
        fsync(descriptor)

    storage = storage_engine("filesystem", tmp_path)
    await put(storage, Location("bucket", "key"), b"body")
    await put(storage, Location("other", "key"), b"body")
    checkpoint = await storage.checkpoint()
    monkeypatch.setattr(os, "fsync", watched)
    await storage.delete(Location("bucket", "key"))
    assert synced == [objects / "bucket"]
    synced.clear()
    await checkpoint.restore()
    building = tmp_path / "replacement.building"
    built = [building, *(building / "objects" / name for name in ("", "bucket", "other"))]
    assert sorted(synced[:4]) == sorted(built), "all of it, before it takes over"
    assert synced[4:] == [tmp_path] * 2, "that it takes over, and that it has"
    synced.clear()
    async with await storage.beside() as replacement:
        await replacement.storage.put(Location("new", "key"), an_info(4), b"body")
        await replacement.flush()
        assert {path.name for path in synced} == {building.name, "objects", "new", "key"}
        synced.clear()
        await replacement.take_over()
        assert synced == [tmp_path] * 2, "nothing that could be done before"
    await storage.close()


async def test_files_put_by_hand_are_listed_and_go_and_come_with_a_checkpoint(
    storage: FilesystemStorage, objects: Path
) -> None:
    path = objects / "bucket" / "a%2Fb"
    path.parent.mkdir()
    path.write_bytes(b"by hand")
    assert await storage.buckets() == ["bucket"]
    listed = await storage.list("bucket")
    assert [(key, info.size) for key, info in listed] == [("a/b", 7)]
    checkpoint = await storage.checkpoint()
    path.unlink()
    assert await storage.buckets() == []
    await checkpoint.restore()
    assert await storage.list("bucket") == listed


FOREIGN = [".DS_Store", "Notes.txt", "a%2fb", "%61", "%", "%ff", "a b", "=sha256-", "=x", "é"]


@pytest.mark.parametrize("name", FOREIGN)
async def test_files_and_directories_with_other_names_are_not_listed(
    storage: FilesystemStorage, objects: Path, name: str
) -> None:
    (objects / "bucket" / "directory").mkdir(parents=True)
    (objects / "bucket" / name).write_bytes(b"foreign")
    assert await storage.buckets() == []
    assert await storage.list("bucket") == []
    (objects / name).mkdir()
    (objects / name / "key").write_bytes(b"in a foreign directory")
    (objects / "file").write_bytes(b"among the buckets")
    assert await storage.buckets() == []


async def test_a_file_that_goes_by_a_digest_is_listed_if_it_says_its_key(
    storage: FilesystemStorage, objects: Path
) -> None:
    await put(storage, Location(LONG, LONG), b"body")
    [file] = files_below(objects)
    assert f'"bucket":"{LONG}","key":"{LONG}"'.encode() in file.read_bytes()
    file.with_name(file_name(LONG + "y")).hardlink_to(file)  # It says another key.
    file.with_name(file_name(LONG + "z")).write_bytes(b"It says none.")
    assert await storage.buckets() == [LONG]
    assert await storage.list(LONG) == [(LONG, an_info(4))]
    assert await read(storage, Location(LONG, LONG + "z")) is not None


async def test_a_file_that_goes_by_its_name_does_not_repeat_it(
    storage: FilesystemStorage, objects: Path
) -> None:
    await put(storage, Location("bucket", "key"), b"body")
    [file] = files_below(objects)
    assert b'"key"' not in file.read_bytes()
    assert b'"bucket"' not in file.read_bytes()


async def test_a_list_of_a_bucket_that_is_no_directory_fails(
    storage: FilesystemStorage, objects: Path
) -> None:
    (objects / "bucket").write_bytes(b"a file")
    with pytest.raises(EngineUnavailableError, match="directory"):
        await storage.list("bucket")
    with pytest.raises(EngineUnavailableError, match="directory"):
        await storage.delete(Location("bucket", "key"))


async def test_a_directory_in_the_place_of_an_object_is_nothing_to_delete(
    storage: FilesystemStorage, objects: Path
) -> None:
    (objects / "bucket" / "key").mkdir(parents=True)
    assert not await storage.delete(Location("bucket", "key"))
    assert (objects / "bucket" / "key").is_dir()


async def test_a_large_object_is_listed_as_any(storage: FilesystemStorage) -> None:
    info = an_info(2 * CHUNK_BYTES, metadata={"note": "n" * 100_000})
    await put(storage, Location("bucket", LONG), some_bytes(2 * CHUNK_BYTES), info)
    assert await storage.list("bucket") == [(LONG, info)]
