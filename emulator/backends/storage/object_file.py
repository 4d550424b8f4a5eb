"""Format of an object's file: the body, then a trailer with the rest of the object.

The trailer is a line of JSON, and a footer with the line's length and checksum. It is at the end,
so that the file begins with the body and the kernel can send it from there (sendfile).

A file without a trailer was put there by hand, or is one of ours that was damaged. An extended
attribute distinguishes the two, if the file system has them (D93): it is the time at which we wrote
the file. So a file that was not written to since, and has no trailer, is damaged.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emulator.backends.codec import decode_info, encode_info
from emulator.backends.storage.file_names import file_name, is_digest
from emulator.core.failures import DamagedError
from emulator.core.files import SHORTAGES, explain
from emulator.core.object_info import Location, ObjectInfo

TAIL_BYTES = 64 * 1024
"""How much of a file's end is read first: the trailer, and often the whole body."""

MAX_TRAILER_BYTES = 4 * 1024 * 1024
"""More than the largest metadata of a request."""

_FOOTER = struct.Struct(">II8s")
_MAGIC = b"mo-info1"

_WRITTEN = "user.momento.written"
"""The extended attribute: the file's modification time when we wrote it, in nanoseconds."""


NO_FILE = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV})
"""How the system refuses to open a loop of symbolic links, a socket, a device that is not there."""


class ObjectEnd(NamedTuple):
    """The end of an object's file.

    ``line`` is the trailer's line, empty if there is no trailer; ``tail`` is all that was read,
    including the trailer; ``file_size`` is the length of the whole file in bytes.
    """

    info: ObjectInfo
    line: bytes
    tail: bytes
    file_size: int


def open_object(path: Path) -> BinaryIO:
    """Open an object's file without waiting for anything; symbolic links are followed (D111).

    Raises:
        DamagedError: it is something else than a file.
        OSError: it cannot be opened; ``IsADirectoryError`` if it is a directory.
    """
    try:
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115
    except OSError as error:
        if error.errno in NO_FILE:
            raise _not_a_file(path) from None
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise _not_a_file(path)
    return file


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # A FIFO would wait for a writer.


def unreadable(path: Path, error: OSError) -> DamagedError:
    """The error of an object whose file the system does not read.

    Raises:
        OSError: it does not read any file just now.
    """
    if error.errno in SHORTAGES:
        raise error
    return DamagedError(explain(error, path))


def _not_a_file(path: Path) -> DamagedError:
    return DamagedError(
        f"{path} is damaged: it is not a file, and does not lead to one; "
        "put the object again, or remove it"
    )


def trailer(info: ObjectInfo, location: Location) -> tuple[bytes, bytes]:
    """Encode the trailer: the line and the footer.

    The line also has the names from ``location`` that the file's path has only as digests.
    """
    names = location._asdict().items()
    lost = {member: name for member, name in names if is_digest(file_name(name))}
    line = encode_info(info, **lost)
    return line, _FOOTER.pack(len(line), zlib.crc32(line), _MAGIC)


def mark(file: BinaryIO) -> None:
    """Mark a file that now has its trailer as written by us, if the file system can."""
    if hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):
            os.setxattr(file.fileno(), _WRITTEN, _modified(os.fstat(file.fileno())))


def read_end(file: BinaryIO) -> ObjectEnd:
    """Read the end of an object's file; one put there by hand has the file's own size and time.

    Raises:
        DamagedError: it is one of our files, and damaged (D93).
    """
    status = os.fstat(file.fileno())
    tail = _read_tail(file, status.st_size, TAIL_BYTES)
    needed = _trailer_bytes(tail)
    if len(tail) < needed <= min(status.st_size, MAX_TRAILER_BYTES):
        tail = _read_tail(file, status.st_size, needed)
    found = _read_trailer(tail, status.st_size)
    if found is None:
        if _is_as_we_wrote_it(file, status):
            raise DamagedError(
                f"{file.name} is damaged: its end is not what was written; "
                "put the object again, or remove the file"
            )
        changed_at = status.st_mtime_ns // 1000
        info = ObjectInfo(size=status.st_size, created_at=changed_at, version=changed_at)
        return ObjectEnd(info, b"", tail, status.st_size)
    return ObjectEnd(*found, tail, status.st_size)


def _is_as_we_wrote_it(file: BinaryIO, status: os.stat_result) -> bool:
    """Whether we wrote the file, and nobody wrote to it since."""
    if hasattr(os, "getxattr"):
        with contextlib.suppress(OSError):
            return bool(os.getxattr(file.fileno(), _WRITTEN) == _modified(status))
    return False


def _modified(status: os.stat_result) -> bytes:
    return str(status.st_mtime_ns).encode()


def _read_tail(file: BinaryIO, file_size: int, count: int) -> bytes:
    file.seek(max(0, file_size - count))
    return file.read(count)


def _trailer_bytes(tail: bytes) -> int:
    """The length of the trailer at the end of ``tail`` by its own footer; 0 if there is none."""
    if len(tail) < _FOOTER.size:
        return 0
    length, _, magic = _FOOTER.unpack_from(tail, len(tail) - _FOOTER.size)
    return int(length) + _FOOTER.size if magic == _MAGIC else 0


def _read_trailer(tail: bytes, file_size: int) -> tuple[ObjectInfo, bytes] | None:
    """Decode the trailer: its information and its line; None if this is not a valid trailer."""
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
    return (info, line) if info.size + length + _FOOTER.size == file_size else None
