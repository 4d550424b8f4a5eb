"""Replace the objects of a data directory, and its account, in one step that a crash cannot split.

The next state is built in ``replacement.building``. Renaming this directory to ``replacement`` is
the step: what is in ``replacement`` counts, and is only moved to its place. A process that is
stopped while it moves leaves the rest to the next start.

============================  ==================================================================
what a crash leaves           what the next start does (``finish``)
============================  ==================================================================
``replacement.building``      removes it: the old state is whole
``replacement``               moves what it still has to its place: the new state is whole
old objects in ``tmp``        removes them
============================  ==================================================================
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from emulator.backends.take_over import NewFile
from emulator.core.failures import EngineUnavailableError
from emulator.core.files import make_private, sync_directory, sync_file, write_atomically

BUILDING = "replacement.building"
COMMITTED = "replacement"
OBJECTS = "objects"


def begin(root: Path) -> Path:
    """Create the directory of a replacement in the data directory ``root``, and return the place
    of its objects.

    Raises:
        OSError: the disk refuses.
        EngineUnavailableError: an earlier replacement could not be moved to its place.
    """
    with contextlib.suppress(FileNotFoundError):
        if os.listdir(root / COMMITTED):
            raise EngineUnavailableError(
                f"{root / COMMITTED} has a state that could not be moved to its place; "
                "restart the emulator"
            )
    discard(root)
    objects = root / BUILDING / OBJECTS
    make_private(objects.parent)
    make_private(objects)
    return objects


def discard(root: Path) -> None:
    """Remove what was built and has not been committed."""
    if (root / BUILDING).exists():
        shutil.rmtree(root / BUILDING)


def sync(root: Path, *, files: bool) -> None:
    """Make what was built durable; without ``files``, only the names of files that are durable.

    Raises:
        OSError: the disk refuses.
    """
    for parent, _, names in os.walk(root / BUILDING):
        for name in names if files else ():
            sync_file(Path(parent, name))
        sync_directory(Path(parent))


def commit(root: Path, old: Path, file: NewFile | None, *, fsync: bool) -> None:
    """Put what was built in place, and ``file``; move the old objects to ``old``, which does not
    exist yet, on the same file system. With ``fsync``, what was built has to be durable.

    Raises:
        OSError: the disk refuses. The old state is still there. If even the renames back have
            failed, the next call of ``finish`` completes the new one.
    """
    building, committed = root / BUILDING, root / COMMITTED
    if file is not None:
        assert file.path.parent == root, "the file is not of this data directory"
        write_atomically(building / file.path.name, file.content, fsync=fsync)
    with _undone_on_error() as rename:
        rename(building, committed)
        if fsync:
            sync_directory(root)
        if (root / OBJECTS).exists():
            rename(root / OBJECTS, old)
        rename(committed / OBJECTS, root / OBJECTS)
        if file is not None:
            os.replace(committed / file.path.name, file.path)
    _leave(root, fsync=fsync)


def finish(root: Path, old: Path) -> bool:
    """Complete a replacement that a crash has interrupted after its commit; return whether there
    was one. Call it before anything else uses ``root``.

    Raises:
        OSError: the disk refuses; another call goes on from there.
    """
    committed = root / COMMITTED
    if not committed.is_dir():
        return False
    if (committed / OBJECTS).exists():
        if (root / OBJECTS).exists():
            os.rename(root / OBJECTS, old)
        os.rename(committed / OBJECTS, root / OBJECTS)
    for name in os.listdir(committed):
        os.replace(committed / name, root / name)
    sync_directory(root)
    os.rmdir(committed)
    return True


@contextlib.contextmanager
def _undone_on_error() -> Iterator[Callable[[Path, Path], None]]:
    """Provide ``os.rename``. If the block raises, the renames are undone, the last one first."""
    done: list[tuple[Path, Path]] = []

    def rename(source: Path, target: Path) -> None:
        os.rename(source, target)
        done.append((source, target))

    try:
        yield rename
    except OSError:
        for source, target in reversed(done):
            os.rename(target, source)
        raise


def _leave(root: Path, *, fsync: bool) -> None:
    """Remove ``replacement``, now that it is empty. Until the renames out of it are durable it has
    to stay, since a crash of the machine may bring back its content."""
    with contextlib.suppress(OSError):
        if fsync:
            sync_directory(root)
        os.rmdir(root / COMMITTED)
