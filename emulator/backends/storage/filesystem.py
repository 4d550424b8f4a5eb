"""Storage in files: one file an object, published by a rename.

A file holds the body first and then a short trailer with the rest of the object, so that one
rename publishes both and the kernel can send the body by itself. A file without a trailer, put
there by hand, is an object without metadata.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import struct
import uuid
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

from emulator.backends.codec import decode_info, encode_info
from emulator.backends.storage.base import BodyStream, Storage, StoredObject, Upload
from emulator.files import sync_directory
from emulator.model import Location, ObjectInfo
from emulator.threads import run

CHUNK_BYTES = 1024 * 1024
"""What is read or written in one step of a large body."""

TAIL_BYTES = 64 * 1024
"""What is read first of a file: its trailer, and with luck its whole body."""

MAX_TRAILER_BYTES = 4 * 1024 * 1024
"""More than all the metadata that a request can bring."""

MAX_FILE_NAME_BYTES = 255

_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.")
_ESCAPED = [chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in range(256)]

_FOOTER = struct.Struct(">II8s")
_MAGIC = b"mo-info1"


def file_name(name: str) -> str:
    """The file name for a key or a bucket: percent-encoded, or a digest where that is too long.

    Capitals are encoded too, so that two names differ even on a disk that ignores case. An
    encoded name never begins with ``=``, and a digest always does.
    """
    encoded = "".join(map(_ESCAPED.__getitem__, name.encode()))
    if encoded.startswith("."):
        encoded = f"%2E{encoded[1:]}"
    if len(encoded) > MAX_FILE_NAME_BYTES:
        return f"=sha256-{hashlib.sha256(name.encode()).hexdigest()}"
    return encoded


class FilesystemStorage(Storage):
    """Keeps every object in a file of its own, in one flat directory per bucket.

    Args:
        directory: where the buckets' directories are; it exists.
        temporary: where unfinished uploads are, on the same file system; it exists.
        fsync: whether an acknowledged object outlives a crash of the machine.
    """

    name = "filesystem"

    def __init__(self, directory: Path, temporary: Path, *, fsync: bool = True) -> None:
        self._directory = directory
        self._temporary = temporary
        self._fsync = fsync
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="storage")

    def upload(self, location: Location) -> Upload:
        return _FileUpload(
            self._threads,
            self._temporary / uuid.uuid4().hex,
            self._path(location),
            fsync=self._fsync,
        )

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        path = self._path(location)
        return await run(self._threads, lambda: _open(path, inline_bytes, self._threads))

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

    def _path(self, location: Location) -> Path:
        return self._directory / file_name(location.bucket) / file_name(location.key)


class _FileUpload(Upload):
    """Gathers a body in memory up to one chunk, and from there on in a temporary file."""

    def __init__(
        self,
        threads: ThreadPoolExecutor,
        temporary: Path,
        path: Path,
        *,
        fsync: bool,
    ) -> None:
        self._threads = threads
        self._temporary = temporary
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
        line = encode_info(info)
        self._pending += [line, _FOOTER.pack(len(line), zlib.crc32(line), _MAGIC)]
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
        status = os.fstat(file.fileno())
        tail = _read_tail(file, status.st_size, TAIL_BYTES)
        needed = _trailer_bytes(tail)
        if len(tail) < needed <= min(status.st_size, MAX_TRAILER_BYTES):
            tail = _read_tail(file, status.st_size, needed)
        info = _read_trailer(tail, status.st_size) or ObjectInfo(
            size=status.st_size,
            created_at=status.st_mtime_ns // 1000,
            version=status.st_mtime_ns // 1000,
        )
        if info.size > inline_bytes:
            return StoredObject(info, _FileStream(file, info.size, threads))
        if len(tail) == status.st_size:
            body = tail[: info.size]
        else:
            file.seek(0)
            body = file.read(info.size)
    except BaseException:
        file.close()
        raise
    file.close()
    return StoredObject(info, body)


def _read_tail(file: BinaryIO, file_size: int, count: int) -> bytes:
    file.seek(max(0, file_size - count))
    return file.read(count)


def _trailer_bytes(tail: bytes) -> int:
    """How long the trailer at the end of ``tail`` says that it is; 0 where there is none."""
    if len(tail) < _FOOTER.size:
        return 0
    length, _, magic = _FOOTER.unpack_from(tail, len(tail) - _FOOTER.size)
    return int(length) + _FOOTER.size if magic == _MAGIC else 0


def _read_trailer(tail: bytes, file_size: int) -> ObjectInfo | None:
    """What the trailer says, or None where the file's end is no trailer of ours."""
    length = _trailer_bytes(tail) - _FOOTER.size
    if not 0 <= length <= len(tail) - _FOOTER.size:
        return None
    _, checksum, _ = _FOOTER.unpack_from(tail, len(tail) - _FOOTER.size)
    line = tail[-_FOOTER.size - length : -_FOOTER.size]
    if zlib.crc32(line) != checksum:
        return None
    try:
        info = decode_info(line)
    except ValueError:
        return None
    return info if info.size + length + _FOOTER.size == file_size else None


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
