"""Remove directories in the background."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

PATIENCE_SECONDS = 1.0
"""How long a stop waits for removals; the next start removes the rest."""


class Disposal:
    """Removes directories that nobody uses any more, one after the other, in a thread."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._running: list[Future[None]] = []
        self._stopped = threading.Event()

    def remove(self, directory: Path) -> None:
        """Remove ``directory`` and all that is in it, later. Errors are ignored."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, thread_name_prefix="disposal")
        self._running = [each for each in self._running if not each.done()]
        self._running.append(self._threads.submit(self._remove, directory))

    def close(self) -> None:
        """Wait a moment for what is being removed, and leave the rest."""
        wait(self._running, PATIENCE_SECONDS)
        self._stopped.set()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _remove(self, directory: Path) -> None:
        if directory.is_symlink():
            _ignoring_errors(directory.unlink)
            return
        for parent, directories, files in os.walk(directory, topdown=False):
            for name in files:
                if self._stopped.is_set():
                    return
                _ignoring_errors(Path(parent, name).unlink)
            for name in directories:
                path = Path(parent, name)
                _ignoring_errors(path.unlink if path.is_symlink() else path.rmdir)
        _ignoring_errors(directory.rmdir)


def _ignoring_errors(remove: Callable[[], None]) -> None:
    try:
        remove()
    except OSError:
        """The next start tries again."""
