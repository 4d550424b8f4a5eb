"""Object files that are not what was written: damaged ones are never served (D93)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import CHUNK_BYTES
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.backends.engines import opened_storage
from tests.backends.objects import an_info, files_below, put, read
from tests.support.bodies import some_bytes
from tests.support.launch import Launcher

pytestmark = pytest.mark.proves("D93")

KEY = Location("bucket", "key")
SIZE = 1000


def keeps_attributes(directory: Path) -> bool:
    probe = directory / "probe"
    probe.write_bytes(b"")
    try:
        os.setxattr(probe, "user.probe", b"")
    except (AttributeError, OSError):
        return False
    finally:
        probe.unlink()
    return True


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    if not keeps_attributes(tmp_path):
        pytest.skip("needs a directory for tests on a file system with extended attributes")
    async with opened_storage("filesystem", tmp_path) as engine:
        yield engine


def damage(path: Path, content: bytes) -> None:
    """Have ``content`` in the file as if nobody had written it."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "without its last byte": lambda content: content[:-1],
    "without its trailer": lambda content: content[:SIZE],
    "without half of its body": lambda content: content[: SIZE // 2],
    "zeros at the end": lambda content: content[:-20] + bytes(20),
    "zeros all over": lambda content: bytes(len(content)),
    "without its beginning": lambda content: content[1:],
    "longer": lambda content: content + b"\0",
    "another byte in the trailer": lambda content: content[:-20] + b"?" + content[-19:],
}


@pytest.mark.parametrize("spoil", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("size", [SIZE, SIZE + CHUNK_BYTES])
async def test_a_damaged_file_is_an_error_that_names_it_until_the_object_is_put_again(
    storage: Storage, tmp_path: Path, spoil: Callable[[bytes], bytes], size: int
) -> None:
    await put(storage, KEY, some_bytes(size), an_info(size, metadata={"a": "1"}))
    (path,) = files_below(tmp_path / "objects")
    damage(path, spoil(path.read_bytes()))

    for inline_bytes in (0, 2 * CHUNK_BYTES):
        with pytest.raises(EngineUnavailableError, match=f"{path} is damaged.*put the object"):
            await read(storage, KEY, inline_bytes=inline_bytes)
    assert await storage.list("bucket") == []

    info = await put(storage, KEY, b"new")
    assert await read(storage, KEY) == (info, b"new")


async def test_a_damaged_file_can_be_deleted(storage: Storage, tmp_path: Path) -> None:
    await put(storage, KEY, b"body")
    (path,) = files_below(tmp_path / "objects")
    damage(path, b"")
    assert await storage.delete(KEY)
    assert await read(storage, KEY) is None


async def test_what_somebody_writes_into_a_file_is_an_object_put_by_hand(
    storage: Storage, tmp_path: Path
) -> None:
    await put(storage, KEY, b"body")
    (path,) = files_below(tmp_path / "objects")
    path.write_bytes(b"by hand")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000_000))
    found = await read(storage, KEY)
    assert found is not None
    assert found[1] == b"by hand"


async def test_a_checkpoint_brings_the_undamaged_file_back(
    storage: Storage, tmp_path: Path
) -> None:
    info = await put(storage, KEY, b"body")
    checkpoint = await storage.checkpoint()
    (path,) = files_below(tmp_path / "objects")
    path.unlink()  # A checkpoint is the same file: what damages one damages both.
    path.write_bytes(b"")
    await checkpoint.restore()
    assert await read(storage, KEY) == (info, b"body")
    await checkpoint.discard()


def test_a_get_of_a_damaged_object_is_500_with_one_line_in_the_log(
    emulators: Launcher, data: Path, tmp_path: Path
) -> None:
    if not keeps_attributes(tmp_path):
        pytest.skip("needs a directory for tests on a file system with extended attributes")
    before = emulators.start("--data-dir", data)
    assert before.client().create_store("store").status == 201
    assert before.client().put("store", "key", b"body").status == 204
    before.stop()
    damage(data / "objects" / "bucket-of-store" / "key", b"bo")

    again = emulators.start("--data-dir", data)

    assert again.client().get("store", "key").status == 500
    assert "GET /objectstore/store/key failed: " in again.stderr
    assert "is damaged" in again.stderr
    assert again.client().put("store", "key", b"new").status == 204
    assert again.client().get("store", "key").body == b"new"
    again.stop()
