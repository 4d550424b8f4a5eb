"""Storage engine: one file per object, published by a rename.

A file contains the body, then a short trailer with the rest of the object, so that one rename
publishes both. A file without a trailer, put there by hand, is an object without metadata.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from emulator.backends.storage import file_replacement
from emulator.backends.storage.base import (
    BodyStream,
    Replacement,
    Storage,
    StorageCheckpoint,
    StoredObject,
    Upload,
)
from emulator.backends.storage.file_checkpoint import FileCheckpoint, link_all
from emulator.backends.storage.file_disk import Disk
from emulator.backends.storage.file_disposal import Disposal
from emulator.backends.storage.file_listing import (
    bucket_names,
    expiring_objects,
    listed_objects,
)
from emulator.backends.storage.file_names import file_name
from emulator.backends.storage.object_file import (
    mark,
    open_object,
    read_end,
    trailer,
    unreadable,
)
from emulator.backends.take_over import NewFile
from emulator.core.failures import DamagedError, EngineUnavailableError
from emulator.core.files import check_writable, create_new, make_private
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.private import new_id
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.core.slices import by_key

_log = RateLimitedLogger(logging.getLogger(__name__))

CHUNK_BYTES = 1024 * 1024
"""How much of a large body is written in one step."""

READ_BYTES = 256 * 1024
"""How much of one is read in one step, where the kernel cannot send the file by itself."""

_SLICE_FILES = 100


class FilesystemStorage(Storage):
    """Keeps every object in a file of its own, in one flat directory per bucket.

    Args:
        directory: ``objects`` in a data directory, the parent of the buckets' directories; it must
            exist.
        temporary: for unfinished uploads, on the same file system; it must exist.
        checkpoints: for checkpoints, on the same file system; created with the first one.
        fsync: whether an acknowledged object survives a crash of the machine.
    """

    name = "filesystem"
    upload_bytes = CHUNK_BYTES

    def __init__(
        self, directory: Path, temporary: Path, checkpoints: Path, *, fsync: bool = True
    ) -> None:
        self._directory = directory
        self._temporary = temporary
        self._checkpoints = checkpoints / new_id()
        self._disk = Disk(temporary, fsync=fsync)
        self._disposal = Disposal()

    def upload(self, location: Location) -> Upload:
        return _FileUpload(self._disk, self._temporary, location, self._path(location))

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        path, opened = self._path(location), _Opened()
        try:
            await self._disk.run(lambda: opened.take(_open(path, inline_bytes, self._disk)))
        except asyncio.CancelledError:
            await opened.close()  # The thread has come to its end, and nobody gets its file.
            raise
        return opened.found

    async def delete(self, location: Location) -> bool:
        path = self._path(location)
        return await self._disk.run(lambda: _delete(path, self._disk))

    async def free(self, location: Location) -> None:
        path = self._path(location)
        await self._disk.run(lambda: path.unlink(missing_ok=True))

    async def expiring(self) -> AsyncGenerator[Sequence[tuple[Location, int]], None]:
        objects = expiring_objects(self._directory)
        while read := await self._disk.run(lambda: list(islice(objects, _SLICE_FILES))):
            yield [(location, at) for location, at in read if at is not None]

    async def buckets(self) -> list[str]:
        return await self._disk.run(lambda: bucket_names(self._directory))

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        directory = self._directory / file_name(bucket)
        return await by_key(await self._disk.run(lambda: listed_objects(directory, prefix)))

    async def walk(self) -> AsyncIterator[tuple[Location, ObjectInfo, bytes]]:
        for bucket in await self.buckets():
            for key, _ in await self.list(bucket):
                location = Location(bucket, key)
                try:
                    found = await self.read(location)
                except DamagedError as error:
                    _log.warn(f"An export leaves out {self._path(location)}", error)
                else:
                    if found is not None:
                        yield location, *found

    async def checkpoint(self) -> StorageCheckpoint:
        held = self._checkpoints / new_id()
        checkpoint = FileCheckpoint(held, self._beside)

        def take() -> None:
            for directory in (self._checkpoints.parent, self._checkpoints, held):
                make_private(directory)
            link_all(self._directory, held, fsync=False)

        try:
            await self._disk.run(take)
        except BaseException:
            await checkpoint.discard()
            raise
        return checkpoint

    async def beside(self) -> Replacement:
        return await self._beside(None)

    async def _beside(self, held: Path | None) -> Replacement:
        """Start a replacement, without any object or with those of a checkpoint."""
        root = self._directory.parent

        def begin() -> None:
            objects = file_replacement.begin(root)
            if held is not None:
                try:
                    link_all(held, objects, fsync=self._disk.fsync)
                except BaseException:
                    file_replacement.discard(root)
                    raise

        await self._disk.run(begin)
        return FileReplacement(
            root, self._temporary, self._disk, self._disposal, is_linked=held is not None
        )

    async def check(self) -> None:
        """Raises ``EngineUnavailableError`` also if there is no room for a short object."""

        def check() -> None:
            check_writable(self._directory)
            check_writable(self._temporary)

        await self._disk.run(check)

    async def clear(self) -> None:
        def remove_all() -> None:
            for entry in self._directory.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
            self._disk.sync(self._directory)

        await self._disk.run(remove_all)

    async def close(self) -> None:
        await self._disk.close()
        if self._checkpoints.is_dir():
            self._disposal.remove(self._checkpoints)
        await self._disposal.close()

    def _path(self, location: Location) -> Path:
        return self._directory / file_name(location.bucket) / file_name(location.key)


class FileReplacement(Replacement):
    """The next objects of a data directory, in ``replacement.building`` (``file_replacement``).

    Nothing is durable while it is built: all of it becomes so in one go, by ``flush``.
    """

    def __init__(
        self, root: Path, temporary: Path, disk: Disk, disposal: Disposal, *, is_linked: bool
    ) -> None:
        self._root = root
        self._temporary = temporary
        self._disk = disk
        self._disposal = disposal
        self._is_linked = is_linked
        self._is_durable = not disk.fsync
        objects = root / file_replacement.BUILDING / file_replacement.OBJECTS
        self.storage: Storage = FilesystemStorage(objects, temporary, root, fsync=False)

    async def flush(self) -> None:
        await self._disk.run(self._sync)

    async def take_over(self, file: NewFile | None = None) -> None:
        old = self._temporary / new_id()

        def take_over() -> None:
            self._sync()
            with self._disk.swapping:
                self._disk.forget_buckets()
                file_replacement.commit(self._root, old, file, fsync=self._disk.fsync)
            self._disposal.remove(old)

        await self._disk.run(take_over)

    async def close(self) -> None:
        await self.storage.close()
        await self._disk.run(lambda: file_replacement.discard(self._root))

    def _sync(self) -> None:
        if not self._is_durable:
            file_replacement.sync(self._root, files=not self._is_linked)
            self._is_durable = True


class _FileUpload(Upload):
    """Buffers a body in memory up to one chunk, and writes a longer one to a temporary file."""

    def __init__(self, disk: Disk, directory: Path, location: Location, path: Path) -> None:
        self._disk = disk
        self._directory = directory
        self._location = location
        self._path = path
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._file: BinaryIO | None = None

    async def write(self, chunk: bytes) -> None:
        self._pending.append(chunk)
        self._pending_bytes += len(chunk)
        if self._pending_bytes >= CHUNK_BYTES:
            await self._disk.run(self._flush)

    async def flush(self) -> None:
        if self._file is not None and self._disk.fsync:
            await self._disk.run(self._sync)

    async def commit(self, info: ObjectInfo) -> None:
        await self._disk.run(lambda: self._publish(info))

    async def close(self) -> None:
        self._pending = []
        if self._file is not None:
            await self._disk.run(self._remove)

    def _flush(self) -> None:
        if self._file is None:
            descriptor, self._temporary = create_new(self._directory)
            self._file = os.fdopen(descriptor, "wb")
        self._file.writelines(self._pending)
        self._pending = []
        self._pending_bytes = 0

    def _sync(self) -> None:
        self._flush()
        assert self._file is not None
        self._file.flush()
        if self._disk.fsync:
            os.fsync(self._file.fileno())

    def _publish(self, info: ObjectInfo) -> None:
        self._pending += trailer(info, self._location)
        self._flush()
        assert self._file is not None
        self._file.flush()
        mark(self._file)
        self._sync()
        self._file.close()
        try:
            self._move()
        except FileNotFoundError:
            with self._disk.swapping:
                self._move()
        self._file = None
        self._disk.sync(self._path.parent)

    def _move(self) -> None:
        self._disk.make_bucket(self._path.parent)
        os.replace(self._temporary, self._path)

    def _remove(self) -> None:
        assert self._file is not None
        with contextlib.suppress(OSError):  # Writing the rest of the buffer may find a full disk.
            self._file.close()
        self._temporary.unlink(missing_ok=True)


class _Opened:
    """An object that a thread has opened."""

    found: StoredObject | None = None

    def take(self, found: StoredObject | None) -> None:
        self.found = found

    async def close(self) -> None:
        if self.found is not None and not isinstance(self.found.body, bytes):
            await self.found.body.close()


def _open(path: Path, inline_bytes: int, disk: Disk) -> StoredObject | None:
    """Open the object.

    Raises:
        DamagedError: it cannot be read.
        OSError: no file can be read just now.
    """
    try:
        file = _opened(path, disk)
        return None if file is None else _stored(file, inline_bytes, disk)
    except OSError as error:
        raise unreadable(path, error) from error


def _stored(file: BinaryIO, inline_bytes: int, disk: Disk) -> StoredObject:
    try:
        info, _, tail, file_size = read_end(file)
        if info.size > inline_bytes:
            return StoredObject(info, _FileStream(file, info.size, disk))
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


def _opened(path: Path, disk: Disk) -> BinaryIO | None:
    try:
        return open_object(path)
    except FileNotFoundError:
        if not disk.swapping.locked():
            return None
    except IsADirectoryError:
        return None
    with disk.swapping:
        pass
    return _opened(path, disk)


def _delete(path: Path, disk: Disk) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError:
        if path.is_dir():  # A directory is not an object.
            return False
        raise
    disk.sync(path.parent)
    return True


class _FileStream(BodyStream):
    def __init__(self, file: BinaryIO, size: int, disk: Disk) -> None:
        self.file: BinaryIO | None = file
        self._size = size
        self._disk = disk

    async def chunks(self) -> AsyncIterator[bytes]:
        file = self.file
        assert file is not None
        for start in range(0, self._size, READ_BYTES):
            count = min(READ_BYTES, self._size - start)
            chunk = await self._disk.run(partial(_read_at, file, start, count))
            if len(chunk) < count:
                raise EngineUnavailableError(f"{file.name} was truncated while it was read")
            yield chunk

    async def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


def _read_at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)
