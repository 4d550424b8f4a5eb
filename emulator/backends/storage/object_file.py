"""What an object's file is made of: the body, and a trailer with the rest of the object.

The trailer is a line of JSON and a footer with that line's length and checksum. It is at the end,
so that the body's first byte is the file's and the kernel can send the body by itself.

A file without a trailer was put there by hand, or is one of ours that has been damaged. Where the
file system keeps extended attributes, one of them tells (D93): it says when we wrote the file, so
that a file that nobody has written to since, and that has no trailer, is known to be damaged.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from typing import BinaryIO, NamedTuple

from emulator.backends.codec import decode_info, encode_info
from emulator.backends.storage.file_names import file_name, is_digest
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Location, ObjectInfo

TAIL_BYTES = 64 * 1024
"""What is read first of a file: its trailer, and with luck its whole body."""

MAX_TRAILER_BYTES = 4 * 1024 * 1024
"""More than all the metadata that a request can bring."""

_FOOTER = struct.Struct(">II8s")
_MAGIC = b"mo-info1"

_WRITTEN = "user.momento.written"
"""The attribute: the file's time of modification when it was written, in nanoseconds."""


class ObjectEnd(NamedTuple):
    """The end of an object's file.

    ``line`` is the trailer's, empty where there is none; ``tail`` is what was read, with the
    trailer; ``file_size`` is the length of the whole file in bytes.
    """

    info: ObjectInfo
    line: bytes
    tail: bytes
    file_size: int


def trailer(info: ObjectInfo, location: Location) -> tuple[bytes, bytes]:
    """What follows the body: the line and the footer.

    The line also has the names from ``location`` that the file's own names do not tell.
    """
    names = location._asdict().items()
    lost = {member: name for member, name in names if is_digest(file_name(name))}
    line = encode_info(info, **lost)
    return line, _FOOTER.pack(len(line), zlib.crc32(line), _MAGIC)


def mark(file: BinaryIO) -> None:
    """Note of a file that has its trailer now that we wrote it, where the file system can."""
    if hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):
            os.setxattr(file.fileno(), _WRITTEN, _modified(os.fstat(file.fileno())))


def read_end(file: BinaryIO) -> ObjectEnd:
    """The end of an object's file; of one put there by hand, what the system says of it.

    Raises:
        EngineUnavailableError: it is one of ours, and has been damaged (D93).
    """
    status = os.fstat(file.fileno())
    tail = _read_tail(file, status.st_size, TAIL_BYTES)
    needed = _trailer_bytes(tail)
    if len(tail) < needed <= min(status.st_size, MAX_TRAILER_BYTES):
        tail = _read_tail(file, status.st_size, needed)
    found = _read_trailer(tail, status.st_size)
    if found is None:
        if _is_as_we_wrote_it(file, status):
            raise EngineUnavailableError(
                f"{file.name} is damaged: its end is not the one that was written; "
                "put the object again, or remove the file"
            )
        changed_at = status.st_mtime_ns // 1000
        info = ObjectInfo(size=status.st_size, created_at=changed_at, version=changed_at)
        return ObjectEnd(info, b"", tail, status.st_size)
    return ObjectEnd(*found, tail, status.st_size)


def _is_as_we_wrote_it(file: BinaryIO, status: os.stat_result) -> bool:
    """Whether we wrote the file, and nobody has written to it since."""
    if hasattr(os, "getxattr"):
        with contextlib.suppress(OSError):
            return os.getxattr(file.fileno(), _WRITTEN) == _modified(status)
    return False


def _modified(status: os.stat_result) -> bytes:
    return str(status.st_mtime_ns).encode()


def _read_tail(file: BinaryIO, file_size: int, count: int) -> bytes:
    file.seek(max(0, file_size - count))
    return file.read(count)


def _trailer_bytes(tail: bytes) -> int:
    """How long the trailer at the end of ``tail`` says that it is; 0 where there is none."""
    if len(tail) < _FOOTER.size:
        return 0
    length, _, magic = _FOOTER.unpack_from(tail, len(tail) - _FOOTER.size)
    return int(length) + _FOOTER.size if magic == _MAGIC else 0


def _read_trailer(tail: bytes, file_size: int) -> tuple[ObjectInfo, bytes] | None:
    """What the trailer says, and its line, or None where the file's end is no trailer of ours."""
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
