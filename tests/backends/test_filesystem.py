"""Objects as files: what a directory holds, what may be put there by hand, what can go wrong."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PosixPath
from typing import BinaryIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.codec import encode_info
from emulator.backends.storage.file_disk import Disk
from emulator.backends.storage.file_names import MAX_FILE_NAME_BYTES, file_name
from emulator.backends.storage.filesystem import CHUNK_BYTES, FilesystemStorage
from emulator.backends.storage.object_file import TAIL_BYTES, ObjectEnd, read_end
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples
from tests.support.bodies import some_bytes

from .objects import EVERYTHING, an_info, files_below, put, read, utf8_text

KEY = Location("bucket", "key")

FOOTER = struct.Struct(">II8s")
MAGIC = b"mo-info1"

DESCRIPTORS = Path("/proc/self/fd")


def trailer(line: bytes, *, checksum: int | None = None, length: int | None = None) -> bytes:
    """What follows a body: a line of JSON, and a footer that describes the line."""
    return line + FOOTER.pack(
        len(line) if length is None else length,
        zlib.crc32(line) if checksum is None else checksum,
        MAGIC,
    )


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Where the buckets' directories are."""
    (tmp_path / "objects").mkdir()
    return tmp_path / "objects"


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where unfinished uploads are."""
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp"


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    """Where checkpoints are, once there is one."""
    return tmp_path / "checkpoints"


@pytest.fixture
async def storage(
    objects: Path, temporary: Path, checkpoints: Path
) -> AsyncIterator[FilesystemStorage]:
    engine = FilesystemStorage(objects, temporary, checkpoints, fsync=False)
    yield engine
    await engine.close()


@pytest.fixture
def by_hand(objects: Path) -> Callable[[bytes], Path]:
    """Puts a file at the place of the object `key`, without the emulator."""

    def write(content: bytes) -> Path:
        path = objects / "bucket" / "key"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, TAIL_BYTES, TAIL_BYTES + 1, CHUNK_BYTES + 1])
async def test_a_file_put_by_hand_is_an_object_without_metadata(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path], size: int
) -> None:
    body = some_bytes(size)
    changed_at = by_hand(body).stat().st_mtime_ns // 1000
    for inline_bytes in (0, EVERYTHING):
        found = await read(storage, KEY, inline_bytes=inline_bytes)
        assert found == (ObjectInfo(size, changed_at, changed_at), body)


async def test_a_file_put_by_hand_is_replaced_as_any_object(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path]
) -> None:
    by_hand(b"by hand")
    info = await put(storage, KEY, b"put", an_info(3, metadata={"a": "1"}))
    assert await read(storage, KEY) == (info, b"put")


async def test_the_file_of_a_plain_key_has_its_name_and_begins_with_the_body(
    storage: FilesystemStorage, objects: Path
) -> None:
    await put(storage, Location("my-bucket", "notes.txt"), b"plain text")
    assert (objects / "my-bucket" / "notes.txt").read_bytes().startswith(b"plain text")


async def test_a_file_may_be_copied_with_all_that_is_kept_with_it(
    storage: FilesystemStorage, objects: Path
) -> None:
    info = await put(storage, KEY, b"body", an_info(4, metadata={"content-type": "text/plain"}))
    shutil.copy(objects / "bucket" / "key", objects / "bucket" / "copy")
    assert await read(storage, Location("bucket", "copy")) == (info, b"body")


LIKE_A_TRAILER = {
    "the magic": MAGIC,
    "a footer": FOOTER.pack(0, 1, MAGIC),
    "the footer of an empty line": trailer(b""),
    "a trailer that is no JSON": trailer(b"no JSON"),
    "a trailer that is no UTF-8": trailer(b"\xff\xfe"),
    "a trailer that is another JSON": trailer(b"[]"),
    "a trailer without members": trailer(b"{}"),
    "a trailer with a text for its size": trailer(b'{"size":"4","created_at":1,"version":1}'),
    "a trailer that tells another size": trailer(encode_info(an_info(12345))),
    "a length beyond the file": trailer(encode_info(an_info(4)), length=2**32 - 1),
    "a wrong length": trailer(encode_info(an_info(4)), length=5),
    "a wrong checksum": trailer(encode_info(an_info(4)), checksum=0),
}

like_a_trailer = pytest.mark.parametrize("end", LIKE_A_TRAILER.values(), ids=LIKE_A_TRAILER)


@like_a_trailer
@pytest.mark.parametrize("size", [4, TAIL_BYTES])
async def test_a_file_put_by_hand_may_end_in_something_like_a_trailer(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path], size: int, end: bytes
) -> None:
    content = some_bytes(size) + end
    by_hand(content)
    found = await read(storage, KEY)
    assert found is not None
    assert found[1] == content
    assert (found[0].size, found[0].metadata) == (len(content), {})


@like_a_trailer
async def test_a_body_may_end_in_something_like_a_trailer(
    storage: FilesystemStorage, end: bytes
) -> None:
    for body in (end, b"body" + end, some_bytes(TAIL_BYTES) + end):
        info = await put(storage, KEY, body, an_info(len(body), metadata={"a": "1"}))
        assert await read(storage, KEY) == (info, body)


async def test_a_body_may_be_another_object_file(storage: FilesystemStorage, objects: Path) -> None:
    await put(storage, KEY, b"body", an_info(4, metadata={"inner": "1"}))
    body = (objects / "bucket" / "key").read_bytes()
    info = await put(storage, KEY, body, an_info(len(body), metadata={"outer": "1"}))
    assert await read(storage, KEY) == (info, body)


@settings(max_examples=examples(200))
@given(st.integers(min_value=0), st.integers(0, 255))
async def test_a_file_with_a_damaged_trailer_is_still_readable(
    tmp_path_factory: pytest.TempPathFactory, position: int, byte: int
) -> None:
    line = encode_info(an_info(4, metadata={"content-type": "text/plain"}))
    content = bytearray(b"body" + trailer(line))
    position = 4 + position % (len(content) - 4)
    intact = content[position] == byte
    content[position] = byte
    directory = tmp_path_factory.getbasetemp() / "damaged"
    (directory / "bucket").mkdir(parents=True, exist_ok=True)
    (directory / "bucket" / "key").write_bytes(content)
    storage = FilesystemStorage(directory, directory, directory, fsync=False)
    try:
        found = await read(storage, KEY)
    finally:
        await storage.close()
    assert found is not None
    assert found[1] == (b"body" if intact else bytes(content))


@pytest.mark.parametrize("fsync", [True, False])
@pytest.mark.parametrize("size", [0, 10, 2 * CHUNK_BYTES])
async def test_objects_are_still_there_after_a_restart(
    objects: Path, temporary: Path, checkpoints: Path, fsync: bool, size: int
) -> None:
    info = ObjectInfo(size, 1, 2, expires_at=3, metadata={"content-type": "text/plain; x=é"})
    locations = [Location(bucket, key) for bucket in ("a", "A") for key in ("key", "é/" * 300)]
    before = FilesystemStorage(objects, temporary, checkpoints, fsync=fsync)
    for location in locations:
        await put(before, location, some_bytes(size), info)
    await before.close()
    after = FilesystemStorage(objects, temporary, checkpoints, fsync=fsync)
    for location in locations:
        assert await read(after, location) == (info, some_bytes(size))
    await after.close()


names = utf8_text(max_bytes=1024)


@pytest.mark.proves("D05")
@settings(max_examples=examples(300))
@given(names)
@example("..")
@example("/etc/passwd")
@example("../../key")
@example("=sha256-" + "0" * 64)
def test_the_file_name_of_any_key_is_one_plain_name(name: str) -> None:
    encoded = file_name(name)
    assert 1 <= len(encoded.encode()) <= MAX_FILE_NAME_BYTES
    assert encoded.isascii()
    assert encoded.isprintable()
    assert not set(encoded) & set('/\\:*?"<>| ')
    assert not encoded.startswith(".")


@pytest.mark.proves("D05")
@settings(max_examples=examples(300))
@given(names, names)
@example("a", "A")
@example("%2e", "%2E")
@example("é", "É")
@example("\u017f", "s")
@example("x" * 256, "X" * 256)
def test_two_keys_have_two_files_even_on_a_disk_that_ignores_case(one: str, other: str) -> None:
    if one != other:
        assert file_name(one).casefold() != file_name(other).casefold()


@pytest.mark.proves("D05")
@settings(max_examples=examples(100))
@given(names)
def test_a_key_in_capitals_and_one_in_small_letters_have_two_files(name: str) -> None:
    spellings = {name, name.upper(), name.lower(), name.swapcase(), name.title()}
    files = {file_name(spelling).casefold() for spelling in spellings}
    assert len(files) == len(spellings)


@pytest.mark.proves("D05")
@pytest.mark.parametrize(
    ("name", "by_digest"),
    [
        ("x" * 255, False),
        ("x" * 256, True),
        ("X" * 85, False),
        ("X" * 86, True),
        ("é" * 42 + "xxx", False),
        ("é" * 43, True),
        ("." + "x" * 252, False),
        ("." + "x" * 253, True),
    ],
)
async def test_a_name_that_no_file_can_have_goes_by_its_digest(
    storage: FilesystemStorage, objects: Path, name: str, by_digest: bool
) -> None:
    assert file_name(name).startswith("=") == by_digest
    for location in (Location("bucket", name), Location(name, "key")):
        await put(storage, location, b"body")
        assert await read(storage, location) == (an_info(4), b"body")
    assert len(files_below(objects)) == 2


@pytest.mark.proves("D05")
@settings(max_examples=examples(40))
@given(st.lists(st.builds(Location, names, names), min_size=1, max_size=4, unique=True))
async def test_every_file_is_in_the_directory_of_its_bucket(
    tmp_path_factory: pytest.TempPathFactory, locations: list[Location]
) -> None:
    root = tmp_path_factory.mktemp("root")
    objects, temporary = root / "objects", root / "tmp"
    objects.mkdir()
    temporary.mkdir()
    storage = FilesystemStorage(objects, temporary, root / "checkpoints", fsync=False)
    try:
        for location in locations:
            await put(storage, location, b"body")
    finally:
        await storage.close()
    files = files_below(root)
    assert len(files) == len(locations)
    assert {file.parent.parent for file in files} == {objects}
    buckets = {bucket for bucket, _ in locations}
    assert len({file.parent for file in files}) == len(buckets)
    shutil.rmtree(root)


async def expect_old_object_after_a_failed_commit(
    storage: FilesystemStorage, temporary: Path, size: int, repair: Callable[[], object]
) -> None:
    with pytest.raises(EngineUnavailableError):
        await put(storage, KEY, some_bytes(size, seed=1))
    assert files_below(temporary) == set()
    repair()
    assert await read(storage, KEY) == (an_info(3), b"old")
    await put(storage, KEY, b"new")
    assert await read(storage, KEY) == (an_info(3), b"new")


sizes = pytest.mark.parametrize("size", [0, 10, 2 * CHUNK_BYTES])


@sizes
async def test_an_upload_into_a_bucket_that_is_no_directory_fails_and_changes_nothing(
    storage: FilesystemStorage, objects: Path, temporary: Path, size: int
) -> None:
    await put(storage, KEY, b"old")
    bucket, aside = objects / "bucket", objects / "aside"
    bucket.rename(aside)
    bucket.write_bytes(b"a file")

    def repair() -> None:
        bucket.unlink()
        aside.rename(bucket)

    await expect_old_object_after_a_failed_commit(storage, temporary, size, repair)


@sizes
async def test_an_upload_over_a_directory_fails_and_leaves_no_file(
    storage: FilesystemStorage, objects: Path, temporary: Path, size: int
) -> None:
    (objects / "bucket" / "key").mkdir(parents=True)
    with pytest.raises(EngineUnavailableError, match="directory"):
        await put(storage, KEY, some_bytes(size))
    assert files_below(objects) | files_below(temporary) == set()


@sizes
async def test_an_upload_without_a_directory_for_it_fails_and_changes_nothing(
    storage: FilesystemStorage, temporary: Path, size: int
) -> None:
    await put(storage, KEY, b"old")
    temporary.rmdir()
    await expect_old_object_after_a_failed_commit(storage, temporary, size, temporary.mkdir)


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file of this process can grow beyond `limit` bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [5_000, CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES])
async def test_an_upload_that_finds_the_disk_full_changes_nothing_and_leaves_no_file(
    storage: FilesystemStorage, temporary: Path, size: int
) -> None:
    await put(storage, KEY, b"old")
    with full_disk(4096), pytest.raises(EngineUnavailableError, match="File too large"):
        await put(storage, KEY, some_bytes(size))
    assert files_below(temporary) == set()
    assert await read(storage, KEY) == (an_info(3), b"old")


@pytest.mark.parametrize("which", ["objects", "tmp"])
@pytest.mark.parametrize("instead", ["nothing", "a file"])
async def test_the_check_fails_and_names_the_directory_that_cannot_be_used(
    storage: FilesystemStorage, tmp_path: Path, which: str, instead: str
) -> None:
    await storage.check()
    directory = tmp_path / which
    directory.rmdir()
    if instead == "a file":
        directory.write_bytes(b"")
    with pytest.raises(EngineUnavailableError, match=str(directory)):
        await storage.check()


async def test_reading_from_a_bucket_that_is_no_directory_fails(
    storage: FilesystemStorage, objects: Path
) -> None:
    (objects / "bucket").write_bytes(b"a file")
    with pytest.raises(EngineUnavailableError, match="directory"):
        await read(storage, KEY)


async def test_a_directory_in_the_place_of_an_object_is_no_object(
    storage: FilesystemStorage, objects: Path
) -> None:
    (objects / "bucket" / "key").mkdir(parents=True)
    assert await read(storage, KEY) is None


async def test_clearing_removes_what_was_put_by_hand_too(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path], objects: Path
) -> None:
    by_hand(b"by hand")
    (objects / ".DS_Store").write_bytes(b"a file among the buckets")
    await storage.clear()
    assert list(objects.iterdir()) == []


async def test_a_file_that_is_cut_short_while_it_is_read_is_an_error_and_not_a_short_body(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path]
) -> None:
    path = by_hand(some_bytes(3 * CHUNK_BYTES))
    stored = await storage.open(KEY, inline_bytes=0)
    assert stored is not None
    assert not isinstance(stored.body, bytes)
    with path.open("r+b") as file:
        file.truncate(CHUNK_BYTES + 1)
    with pytest.raises(EngineUnavailableError, match="truncated"):
        assert [chunk async for chunk in stored.body.chunks()]
    await stored.body.close()


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="needs /proc/self/fd")
async def test_no_file_stays_open(
    storage: FilesystemStorage, by_hand: Callable[[bytes], Path], objects: Path, tmp_path: Path
) -> None:
    def open_files() -> list[str]:
        targets = [os.path.realpath(descriptor) for descriptor in DESCRIPTORS.iterdir()]
        return [target for target in targets if target.startswith(str(tmp_path))]

    for size in (0, 10, TAIL_BYTES, 2 * CHUNK_BYTES):
        await put(storage, KEY, some_bytes(size))
        for inline_bytes in (0, EVERYTHING):
            await read(storage, KEY, inline_bytes=inline_bytes)
        async with storage.upload(KEY) as upload:
            await upload.write(some_bytes(size))
        assert open_files() == []
    stored = await storage.open(KEY, inline_bytes=0)
    assert stored is not None
    assert not isinstance(stored.body, bytes)
    await put(storage, KEY, b"new")
    assert len(open_files()) == 1
    await stored.body.close()
    assert open_files() == []
    by_hand(trailer(b"no JSON"))
    with suppress(ValueError):
        await read(storage, KEY)
    assert await read(storage, Location("bucket", "missing")) is None
    assert open_files() == []
    (objects / "file").write_bytes(b"")
    for key in (Location("file", "key"), Location("bucket", "")):
        with pytest.raises(EngineUnavailableError):
            await put(storage, key, some_bytes(CHUNK_BYTES))
    assert open_files() == []


class SlowDirectory(PosixPath):
    """A directory whose files take until `gate` is set to be opened, in the thread of the disk."""

    gate = threading.Event()
    waiting = threading.Event()

    def __fspath__(self) -> str:
        if threading.current_thread().name.startswith("storage"):
            self.waiting.set()
            assert self.gate.wait(timeout=10)
        return super().__fspath__()


@pytest.fixture
def slow_directory(temporary: Path) -> SlowDirectory:
    """The directory of unfinished uploads, while its disk does not answer."""
    SlowDirectory.gate, SlowDirectory.waiting = threading.Event(), threading.Event()
    return SlowDirectory(temporary)


@pytest.mark.proves("D21")
@pytest.mark.parametrize(
    "size",
    [pytest.param(CHUNK_BYTES, id="while-written"), pytest.param(10, id="while-committed")],
)
async def test_an_upload_that_is_cancelled_while_the_disk_works_leaves_a_whole_object_and_no_more(
    storage: FilesystemStorage,
    objects: Path,
    temporary: Path,
    checkpoints: Path,
    slow_directory: SlowDirectory,
    size: int,
) -> None:
    await put(storage, KEY, b"old")
    slow_storage = FilesystemStorage(objects, slow_directory, checkpoints, fsync=False)
    upload = asyncio.ensure_future(put(slow_storage, KEY, some_bytes(size)))
    assert await asyncio.to_thread(slow_directory.waiting.wait, 10)
    upload.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    slow_directory.gate.set()
    await asyncio.gather(upload, return_exceptions=True)
    await slow_storage.close()
    found = await read(storage, KEY)
    assert found in [(an_info(3), b"old"), (an_info(size), some_bytes(size))]
    assert files_below(temporary) == set()


async def test_a_get_that_is_cancelled_while_its_file_is_opened_leaves_no_file_open(
    storage: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(storage, KEY, some_bytes(CHUNK_BYTES))
    is_open, may_go_on = threading.Event(), threading.Event()

    def read_end_slowly(file: BinaryIO) -> ObjectEnd:
        is_open.set()
        assert may_go_on.wait(10)
        return read_end(file)

    monkeypatch.setattr("emulator.backends.storage.filesystem.read_end", read_end_slowly)
    before = set(os.listdir(DESCRIPTORS))
    getting = asyncio.ensure_future(storage.open(KEY, inline_bytes=0))
    assert await asyncio.to_thread(is_open.wait, 10)
    getting.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await getting
    assert set(os.listdir(DESCRIPTORS)) <= before


async def test_a_disk_that_hangs_does_not_hold_up_the_event_loop_at_the_end(
    tmp_path: Path,
) -> None:
    disk, may_go_on = Disk(tmp_path, fsync=False), threading.Event()
    working = asyncio.ensure_future(disk.run(may_go_on.wait))
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(disk.close())
    await asyncio.wait([closing], timeout=0.01)
    assert not closing.done()
    may_go_on.set()
    await closing
    assert await working
