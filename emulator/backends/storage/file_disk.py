"""The disk under a directory of object files: work on it in threads, and what lasts there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from emulator.core.failures import EngineUnavailableError
from emulator.core.files import explain, sync_directory
from emulator.core.threads import run

_T = TypeVar("_T")


class Disk:
    """Does the engine's work on the disk, in threads of its own.

    Args:
        directory: what an error is about that names no path.
        fsync: whether what is done is to outlive a crash of the machine.
    """

    def __init__(self, directory: Path, *, fsync: bool) -> None:
        self.fsync = fsync
        self._directory = directory
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="storage")
        self._lasting: set[Path] = set()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do ``work`` in a thread.

        Raises:
            EngineUnavailableError: the disk refuses (D90).
        """
        try:
            return await run(self._threads, work)
        except OSError as error:
            raise EngineUnavailableError(explain(error, self._directory)) from error

    def sync(self, directory: Path) -> None:
        """Have the names in ``directory`` last."""
        if self.fsync:
            sync_directory(directory)

    def make_bucket(self, bucket: Path) -> None:
        """Have the directory, and have it last: who finds it there may have overtaken its maker,
        or follow one that was killed."""
        try:
            bucket.mkdir()
        except FileExistsError:
            if bucket in self._lasting:
                return
        self.sync(bucket.parent)
        self._lasting.add(bucket)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
