"""Storage in files: one file an object, published by a rename.

A file holds the body first and then a short trailer with the rest of the object, so that one
rename publishes both. A file without a trailer, put there by hand, is an object without metadata.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

from emulator.backends.checkpoint import Checkpoint
from emulator.backends.storage.base import BodyStream, Storage, StoredObject, Upload
from emulator.backends.storage.file_checkpoint import FileCheckpoint, bring_back, take
from emulator.backends.storage.file_listing import bucket_names, listed_objects
from emulator.backends.storage.file_names import file_name
from emulator.backends.storage.object_file import read_end, trailer
from emulator.files import sync_directory
from emulator.model import Location, ObjectInfo
from emulator.threads import run

CHUNK_BYTES = 1024 * 1024
"""What is read or written in one step of a large body."""


class FilesystemStorage(Storage):
    """Keeps every object in a file of its own, in one flat directory per bucket.

    Args:
        directory: where the buckets' directories are; it exists.
        temporary: where unfinished uploads are, on the same file system; it exists.
        checkpoints: where checkpoints are, on the same file system; made with the first.
        fsync: whether an acknowledged object outlives a crash of the machine.
    """

    name = "filesystem"

    def __init__(
        self, directory: Path, temporary: Path, checkpoints: Path, *, fsync: bool = True
    ) -> None:
        self._directory = directory
        self._temporary = temporary
        self._checkpoints = checkpoints / uuid.uuid4().hex
        self._fsync = fsync
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="storage")

    def upload(self, location: Location) -> Upload:
        return _FileUpload(
            self._threads,
            self._temporary / uuid.uuid4().hex,
            location,
            self._path(location),
            fsync=self._fsync,
        )

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        path = self._path(location)
        return await run(self._threads, lambda: _open(path, inline_bytes, self._threads))

    async def delete(self, location: Location) -> bool:
        path = self._path(location)
        return await run(self._threads, lambda: _delete(path, fsync=self._fsync))

    async def buckets(self) -> list[str]:
        return await run(self._threads, lambda: bucket_names(self._directory))

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        directory = self._directory / file_name(bucket)
        return await run(self._threads, lambda: listed_objects(directory, prefix))

    async def checkpoint(self) -> Checkpoint:
        held = self._checkpoints / uuid.uuid4().hex
        checkpoint = FileCheckpoint(held, self._restore)
        try:
            await run(self._threads, lambda: take(self._directory, held))
        except BaseException:
            await checkpoint.discard()
            raise
        return checkpoint

    async def check(self) -> None:
        for directory in (self._directory, self._temporary):
            if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(f"{directory} is not a directory that can be written")

    async def clear(self) -> None:
        def remove_all() -> None:
            for entry in self._directory.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()

        await run(self._threads, remove_all)

    async def close(self) -> None:
        self._threads.shutdown(wait=True)
        shutil.rmtree(self._checkpoints, ignore_errors=True)

    async def _restore(self, held: Path) -> None:
        def restore() -> None:
            bring_back(held, self._directory, self._temporary, fsync=self._fsync)

        await run(self._threads, restore)

    def _path(self, location: Location) -> Path:
        return self._directory / file_name(location.bucket) / file_name(location.key)


class _FileUpload(Upload):
    """Gathers a body in memory up to one chunk, and from there on in a temporary file."""

    def __init__(
        self,
        threads: ThreadPoolExecutor,
        temporary: Path,
        location: Location,
        path: Path,
        *,
        fsync: bool,
    ) -> None:
        self._threads = threads
        self._temporary = temporary
        self._location = location
        self._path = path
        self._fsync = fsync
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._file: BinaryIO | None = None

    async def write(self, chunk: bytes) -> None:
        self._pending.append(chunk)
        self._pending_bytes += len(chunk)
        if self._pending_bytes >= CHUNK_BYTES:
            await run(self._threads, self._flush)

    async def flush(self) -> None:
        if self._file is not None and self._fsync:
            await run(self._threads, self._sync)

    async def commit(self, info: ObjectInfo) -> None:
        await run(self._threads, lambda: self._publish(info))

    async def abort(self) -> None:
        self._pending = []
        if self._file is not None:
            await run(self._threads, self._remove)

    def _flush(self) -> None:
        if self._file is None:
            self._file = self._temporary.open("xb")
        self._file.writelines(self._pending)
        self._pending = []
        self._pending_bytes = 0

    def _sync(self) -> None:
        self._flush()
        assert self._file is not None
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())

    def _publish(self, info: ObjectInfo) -> None:
        self._pending += trailer(info, self._location)
        self._sync()
        assert self._file is not None
        self._file.close()
        self._make_bucket()
        os.replace(self._temporary, self._path)
        self._file = None
        if self._fsync:
            sync_directory(self._path.parent)

    def _make_bucket(self) -> None:
        bucket = self._path.parent
        try:
            bucket.mkdir()
        except FileExistsError:
            return
        if self._fsync:
            sync_directory(bucket.parent)

    def _remove(self) -> None:
        assert self._file is not None
        with contextlib.suppress(OSError):  # What is left to write may find the disk full.
            self._file.close()
        self._temporary.unlink(missing_ok=True)


def _open(path: Path, inline_bytes: int, threads: ThreadPoolExecutor) -> StoredObject | None:
    try:
        file = path.open("rb")
    except (FileNotFoundError, IsADirectoryError):
        return None
    try:
        info, _, tail, file_size = read_end(file)
        if info.size > inline_bytes:
            return StoredObject(info, _FileStream(file, info.size, threads))
        if len(tail) == file_size:
            body = tail[: info.size]
        else:
            file.seek(0)
            body = file.read(info.size)
    except BaseException:
        file.close()
        raise
    file.close()
    return StoredObject(info, body)


def _delete(path: Path, *, fsync: bool) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError:
        if path.is_dir():  # A directory is no object.
            return False
        raise
    if fsync:
        sync_directory(path.parent)
    return True


class _FileStream(BodyStream):
    def __init__(self, file: BinaryIO, size: int, threads: ThreadPoolExecutor) -> None:
        self.file: BinaryIO | None = file
        self._size = size
        self._threads = threads

    async def chunks(self) -> AsyncIterator[bytes]:
        file = self.file
        assert file is not None
        for start in range(0, self._size, CHUNK_BYTES):
            count = min(CHUNK_BYTES, self._size - start)
            chunk = await run(self._threads, partial(_read_at, file, start, count))
            if len(chunk) < count:
                raise OSError(f"{file.name} was cut short while it was read")
            yield chunk

    async def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


def _read_at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)
