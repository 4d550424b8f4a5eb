"""Links to a directory of object files: a checkpoint is a hard link to each file.

An object's file never changes once it has its name, so a link keeps a version as well as a copy.
But if somebody edits an object's file in place, the checkpoint changes too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from emulator.backends.storage.base import Replacement, StorageCheckpoint
from emulator.core.files import is_directory, make_private
from emulator.core.threads import run

_CANNOT_LINK = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
)


class FileCheckpoint(StorageCheckpoint):
    """A checkpoint in a directory of its own.

    Args:
        held: the directory.
        beside: makes a replacement that has the objects of such a directory.
    """

    def __init__(self, held: Path, beside: Callable[[Path], Awaitable[Replacement]]) -> None:
        self._held: Path | None = held
        self._beside = beside

    async def beside(self) -> Replacement:
        if self._held is None:
            raise RuntimeError("The checkpoint has been discarded")
        return await self._beside(self._held)

    async def discard(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await run(None, lambda: shutil.rmtree(held, ignore_errors=True))


def link_all(source: Path, target: Path, *, fsync: bool) -> None:
    """Fill the empty directory ``target`` with a link to every object file below ``source``.

    With ``fsync``, files that have to be copied, since links are impossible, are durable then.
    """
    for bucket in _directories(source):
        make_private(target / bucket)
        for file in _files(source / bucket):
            with contextlib.suppress(FileNotFoundError):  # It was removed meanwhile.
                _link(source / bucket / file, target / bucket / file, fsync=fsync)


def _directories(parent: Path) -> set[str]:
    with os.scandir(parent) as entries:
        return {entry.name for entry in entries if is_directory(entry)}


def _files(bucket: Path) -> list[str]:
    """The files and symbolic links in a bucket's directory: nothing else can be an object."""
    with os.scandir(bucket) as entries:
        return [
            entry.name
            for entry in entries
            if entry.is_symlink() or entry.is_file(follow_symlinks=False)
        ]


def _link(source: Path, target: Path, *, fsync: bool) -> None:
    """Link ``target`` to the file of ``source``, or copy it if links are impossible."""
    try:
        os.link(source, target, follow_symlinks=os.link not in os.supports_follow_symlinks)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
        if fsync and not target.is_symlink():
            with target.open("rb+") as copy:
                os.fsync(copy.fileno())
