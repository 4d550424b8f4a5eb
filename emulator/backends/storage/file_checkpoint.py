"""Checkpoints of a directory of object files: a hard link to each file.

An object's file never changes once it has its name, so a link keeps a version as well as a copy.
But if somebody edits an object's file in place, the checkpoint changes too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from emulator.backends.checkpoint import HeldCheckpoint
from emulator.core.files import sync_directory
from emulator.core.private import new_id
from emulator.core.threads import run

_CANNOT_LINK = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
)


class FileCheckpoint(HeldCheckpoint[Path]):
    """A checkpoint in a directory of its own."""

    async def discard(self) -> None:
        held = self._held
        await super().discard()
        if held is not None:
            await run(None, lambda: shutil.rmtree(held, ignore_errors=True))


def take(objects: Path, checkpoint: Path) -> None:
    """Create the directory ``checkpoint`` with a link to every object file below ``objects``."""
    checkpoint.mkdir(parents=True)
    for bucket in _directories(objects):
        (checkpoint / bucket).mkdir()
        for file in _files(objects / bucket):
            with contextlib.suppress(FileNotFoundError):  # It was removed meanwhile.
                _link(objects / bucket / file, checkpoint / bucket / file)


def restore(checkpoint: Path, objects: Path, temporary: Path, *, fsync: bool) -> None:
    """Make ``objects`` contain exactly the files of ``checkpoint``.

    Each file is replaced or removed in one step, or left alone if it is already the right one. So
    a crash leaves complete files, old or new.
    """
    for bucket in _directories(checkpoint):
        if _restore_bucket(checkpoint / bucket, objects / bucket, temporary, fsync=fsync):
            _sync(objects / bucket, fsync)
    for bucket in _directories(objects) - _directories(checkpoint):
        if _remove(objects / bucket, _files(objects / bucket)):
            _sync(objects / bucket, fsync)


def _restore_bucket(held: Path, bucket: Path, temporary: Path, *, fsync: bool) -> bool:
    """Restore one bucket's directory; return whether anything changed."""
    if not bucket.is_dir():
        bucket.mkdir()
        _sync(bucket.parent, fsync)
    wanted, there = _files(held), _files(bucket)
    replaced = [
        file
        for file, status in wanted.items()
        if file not in there or not os.path.samestat(status, there[file])
    ]
    for file in replaced:
        unseen = temporary / new_id()
        try:
            _link(held / file, unseen, fsync=fsync)
            os.replace(unseen, bucket / file)
        except BaseException:
            unseen.unlink(missing_ok=True)
            raise
    return _remove(bucket, there.keys() - wanted.keys()) or bool(replaced)


def _remove(bucket: Path, files: Collection[str]) -> bool:
    """Remove the files; return whether there were any."""
    for file in files:
        (bucket / file).unlink(missing_ok=True)
    return bool(files)


def _directories(parent: Path) -> set[str]:
    with os.scandir(parent) as entries:
        return {entry.name for entry in entries if entry.is_dir()}


def _files(bucket: Path) -> dict[str, os.stat_result]:
    """The entries of a bucket's directory except directories, with the identity of each file."""
    files = {}
    with os.scandir(bucket) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # It was removed meanwhile.
                if not entry.is_dir(follow_symlinks=False):
                    files[entry.name] = entry.stat(follow_symlinks=False)
    return files


def _link(source: Path, target: Path, *, fsync: bool = False) -> None:
    """Link ``target`` to the file of ``source``, or copy it if links are impossible."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copy2(source, target, follow_symlinks=False)
        if fsync and not target.is_symlink():
            with target.open("rb+") as copy:
                os.fsync(copy.fileno())


def _sync(directory: Path, fsync: bool) -> None:
    if fsync:
        sync_directory(directory)
