"""Atomic writes of files, and messages about disks that refuse."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from emulator.core.failures import ConfigurationError
from emulator.core.private import new_id

_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
"""A flag for opening: a FIFO without a writer is opened at once."""

SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What an error says of the process or the machine, and not of the file that it names."""

_BLOCK_BYTES = 4096
"""The least space that a file takes on most disks."""

_ADVICE = {
    errno.ENOSPC: "the disk is full: make room on it",
    errno.EDQUOT: "make room within the quota",
    errno.EROFS: "mount it writable",
    errno.EACCES: "give the emulator's user access to it",
    errno.EPERM: "give the emulator's user access to it",
    errno.EIO: "check the disk",
    errno.EISDIR: "remove the directory that has this name",
    errno.ENOTDIR: "remove the file where a directory is needed",
}


def explain(error: OSError, path: Path) -> str:
    """Describe ``error`` with the path that it names, or else ``path``, and advice if known."""
    named = error.filename2 or error.filename or path
    cause = f"cannot use {named}: {error.strerror or error}"
    advice = advice_for(error)
    return cause if advice is None else f"{cause}; {advice}"


def advice_for(error: OSError) -> str | None:
    """What the user can do about ``error``, if that is known."""
    return None if error.errno is None else _ADVICE.get(error.errno)


def require_own_files(directory: Path, own: Collection[str], option: str) -> None:
    """Refuse a directory, given in ``option``, that has files but none of ``own``.

    Raises:
        ConfigurationError: the files are not an emulator's.
    """
    if not directory.is_dir():
        return
    names = {name for name in os.listdir(directory) if not name.startswith(".")}
    names.discard("lost+found")
    if names and names.isdisjoint(own):
        raise ConfigurationError(
            f"{option}: {directory} contains files that are not an emulator's, such as "
            f"{min(names)}; choose an empty directory, or one that does not exist yet"
        )


def check_writable(directory: Path) -> None:
    """Write a small temporary file in ``directory`` and remove it.

    Raises:
        OSError: the directory is not writable or has no room. It names ``directory``.
    """
    try:
        descriptor = _open_unnamed(directory)
        try:
            os.write(descriptor, bytes(_BLOCK_BYTES))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(directory)) from None


def create_new(directory: Path, *, prefix: str = "") -> tuple[int, Path]:
    """Create a file under a name that nothing has, with access for its owner alone; return its
    descriptor and its path.

    Raises:
        OSError: it cannot be created.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = directory / f"{prefix}{new_id()}"
        try:
            return os.open(path, flags, 0o600), path
        except FileExistsError:
            continue


def _open_unnamed(directory: Path) -> int:
    """Open a new file that has no name, so that it is gone once it is closed."""
    if hasattr(os, "O_TMPFILE"):
        with contextlib.suppress(OSError):  # Some file systems need a name.
            return os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o600)
    descriptor, path = create_new(directory)
    os.unlink(path)
    return descriptor


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600, fsync: bool = True) -> None:
    """Put ``content`` at ``path`` in one step; a reader sees the old file or the new one.

    A process that is killed may leave a temporary file beside it, which ``leftovers`` finds.

    Raises:
        OSError: the file could not be written; an old file is unchanged.
    """
    descriptor, temporary = create_new(path.parent, prefix=_prefix(path))
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


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a new file, which takes the place of ``path`` at the end of the block and has the access
    that new files have. An error in the block leaves what was there.

    Raises:
        OSError: the file could not be written.
    """
    temporary = path.with_name(f".{new_id()}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def leftovers(path: Path) -> list[Path]:
    """The temporary files beside ``path`` of processes that were killed while they wrote it."""
    prefix = _prefix(path)
    return [
        file for file in path.parent.iterdir() if file.name.startswith(prefix) and file.is_file()
    ]


def _prefix(path: Path) -> str:
    return f".{path.name}."


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether it is a directory or leads to one, which a loop of symbolic links does not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def make_private(directory: Path) -> None:
    """Create ``directory`` with access for its owner alone; leave one that exists as it is."""
    directory.mkdir(mode=0o700, exist_ok=True)


def make_directory(directory: Path) -> None:
    """Create ``directory``, with access for its owner alone, and its missing parents, durably."""
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in missing:
        with contextlib.suppress(PermissionError):  # A parent may be writable but not readable.
            sync_directory(each.parent)


def sync_file(path: Path) -> None:
    """Flush the content of a file to disk. What is no regular file has none."""
    try:
        # Windows flushes only what is open for writing.
        access = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
        descriptor = os.open(path, access | _NEVER_WAIT | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # A symbolic link, a socket.
            return
        raise
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Flush the names in ``directory`` to disk, so that they survive a crash; no-op on Windows."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
