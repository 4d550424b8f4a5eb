"""Disk access for object files: work in threads, and durable names."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from emulator.core.failures import EngineUnavailableError
from emulator.core.files import explain, sync_directory
from emulator.core.threads import end, run

_T = TypeVar("_T")


class Disk:
    """Runs the engine's disk work in threads of its own.

    Args:
        directory: named by errors that have no path.
        fsync: whether completed work survives a crash of the machine.
    """

    def __init__(self, directory: Path, *, fsync: bool) -> None:
        self.fsync = fsync
        self.swapping = threading.Lock()
        """Held while the directory of all objects is replaced, and so is missing for a moment."""
        self._directory = directory
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="storage")
        self._durable: set[Path] = set()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Run ``work`` in a thread.

        Raises:
            EngineUnavailableError: the disk refuses (D90).
        """
        try:
            return await run(self._threads, work)
        except OSError as error:
            raise EngineUnavailableError(explain(error, self._directory)) from error

    def sync(self, directory: Path) -> None:
        """Make the names in ``directory`` durable, if ``fsync`` is set."""
        if self.fsync:
            sync_directory(directory)

    def make_bucket(self, bucket: Path) -> None:
        """Create the directory durably. If it exists, it may not be durable yet: its creator may
        not have reached the sync, or may have been killed before."""
        try:
            bucket.mkdir(mode=0o700)
        except FileExistsError:
            if bucket in self._durable:
                return
        self.sync(bucket.parent)
        self._durable.add(bucket)

    def forget_buckets(self) -> None:
        """Know no longer which directories exist: others have taken their place."""
        self._durable.clear()

    async def close(self) -> None:
        """Wait until the threads have ended."""
        await end(self._threads)
