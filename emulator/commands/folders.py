"""Folders: files to send, and a folder that files are written below and never elsewhere (D164)."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from emulator.core.private import new_id

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_ANY_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK


class LocalFile(NamedTuple):
    """A file below a folder; ``name`` is its path from there, with slashes."""

    path: Path
    name: str
    size: int


def files_below(folder: Path, skipped: Callable[[str, str], object]) -> Iterator[LocalFile]:
    """Walk a folder in the order of the names, and return its files one by one.

    Links to files are files. Links to directories are not followed, since they may lead in a circle
    or to the rest of the disk.

    Args:
        folder: the folder.
        skipped: called with the name and the reason of each entry that is left out.
    """

    def unreadable(error: OSError) -> None:
        skipped(str(error.filename), error.strerror or str(error))

    for directory, directories, names in os.walk(folder, onerror=unreadable):
        directories.sort()
        for name in sorted([*names, *directories]):
            path = Path(directory, name)
            shown = path.relative_to(folder).as_posix()
            if name in directories:
                if path.is_symlink():
                    skipped(shown, "it is a link to a directory, which is not followed")
                continue
            try:
                found = path.stat()
            except OSError as error:
                skipped(shown, error.strerror or str(error))
                continue
            if stat.S_ISREG(found.st_mode):
                yield LocalFile(path, shown, found.st_size)
            else:
                skipped(shown, "it is neither a file nor a directory")


class UnsafePathError(ValueError):
    """A name would lead out of the folder, or stands for no file."""


class Folder:
    """A folder that files are written below, whatever their names and whatever links are there.

    It is made if it is not there, with the folders around it.

    Raises:
        OSError: it cannot be made, or is no directory, or this system has no way to keep what is
            written below it.
    """

    def __init__(self, path: Path) -> None:
        if os.open not in os.supports_dir_fd:  # Windows.
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), str(path))
        path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, _ANY_DIRECTORY)

    def close(self) -> None:
        """Close the folder's descriptor."""
        os.close(self._descriptor)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to write, which appears under its name at the end of the block, at once.

        An error in the block leaves what was there before.

        Raises:
            UnsafePathError: the name leads out of the folder, or stands for no file.
            OSError: it cannot be written; a directory on the way may be a link or a file.
        """
        *directories, last = _parts(name)
        descriptor = os.dup(self._descriptor)
        try:
            for each in directories:
                descriptor = _entered(descriptor, each)
            with _replacing(descriptor, last) as file:
                yield file
        finally:
            os.close(descriptor)


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        raise UnsafePathError("the key is no path of a file below a folder")
    return parts


def _entered(descriptor: int, name: str) -> int:
    """Open a directory in another one, which is closed; make it if it is not there."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=descriptor)
        entered = os.open(name, _ANY_DIRECTORY | _NO_LINK, dir_fd=descriptor)
    except OSError as error:
        error.filename = None
        raise
    os.close(descriptor)
    return entered


@contextlib.contextmanager
def _replacing(descriptor: int, name: str) -> Iterator[BinaryIO]:
    temporary = f".{new_id()}.part"
    file = os.open(temporary, _NEW, 0o666, dir_fd=descriptor)
    try:
        with os.fdopen(file, "wb") as opened:
            yield opened
        os.replace(temporary, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=descriptor)
        raise
