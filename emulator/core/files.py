"""Files: written in one piece or not at all, and what is said where the disk refuses."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

_BLOCK_BYTES = 4096
"""What a file takes on most disks, however short it is."""

_WAYS_OUT = {
    errno.ENOSPC: "the disk is full: make room on it",
    errno.EDQUOT: "make room within the quota",
    errno.EROFS: "mount it so that it can be written",
    errno.EACCES: "let the emulator's user use it",
    errno.EPERM: "let the emulator's user use it",
    errno.EIO: "see to the disk",
    errno.EISDIR: "remove the directory that is in the way",
    errno.ENOTDIR: "remove the file that is in the way of a directory",
}


def explain(error: OSError, path: Path) -> str:
    """What ``error`` says, of the path that it names or else of ``path``, and a way out."""
    named = error.filename2 or error.filename or path
    said = f"cannot use {named}: {error.strerror or error}"
    found = way_out(error)
    return said if found is None else f"{said}; {found}"


def way_out(error: OSError) -> str | None:
    """What may be done about ``error``, where anybody knows."""
    return None if error.errno is None else _WAYS_OUT.get(error.errno)


def try_to_write(directory: Path) -> None:
    """Write a little file in ``directory``, and leave nothing of it.

    Raises:
        OSError: that cannot be done: it may not be written, or has no room. It names ``directory``.
    """
    try:
        with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
            file.write(bytes(_BLOCK_BYTES))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(directory)) from None


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600, fsync: bool = True) -> None:
    """Put ``content`` at ``path`` in one step; a reader sees the old file or the new one.

    A process that is killed may leave a file beside it, which ``left_over`` finds.

    Raises:
        OSError: the file could not be written; what was there before still is.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.chmod(temporary, mode)
            file.write(content)
            if fsync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if fsync:
        sync_directory(path.parent)


def left_over(path: Path) -> list[Path]:
    """What processes that were killed while they wrote ``path`` have left beside it."""
    prefix = _prefix(path)
    return [
        file for file in path.parent.iterdir() if file.name.startswith(prefix) and file.is_file()
    ]


def _prefix(path: Path) -> str:
    return f".{path.name}."


def make_directory(directory: Path) -> None:
    """Make ``directory`` and those above it, as far as they are missing, and have them last."""
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for each in missing:
        with contextlib.suppress(PermissionError):  # One may write where one may not look.
            sync_directory(each.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in ``directory`` last through a crash, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
