"""Write access logs to files: JSON lines, one file for each log group."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from emulator.core.failures import EngineUnavailableError
from emulator.core.files import check_writable, explain
from emulator.core.operation import Operation
from emulator.core.rate_limited_log import RateLimitedLogger

logger = logging.getLogger(__name__)

SUFFIX = ".jsonl"

MAX_NAME_BYTES = 255
"""The longest file name on most disks."""

MAX_OPEN_FILES = 64
"""The most files kept open: there may be more log groups than a process may open files."""

WAIT_SECONDS = 0.1
"""How long a line waits for others at most, in real time."""

MAX_WAITING = 500
"""The most lines that wait."""


class LogFiles:
    """Appends a line for each operation to the file of its log group.

    Lines wait for others, since each call of the operating system takes as long as to make several
    of them. They are written after ``WAIT_SECONDS``, when there are ``MAX_WAITING``, and by
    ``flush``. The lines of a file are written in one step, so that several emulators can share it.
    A file that was moved or removed is created again.

    Args:
        line: makes the line of an operation, with its end.
    """

    def __init__(self, directory: Path, line: Callable[[Operation], str]) -> None:
        self._directory = directory
        self._line = line
        self._files: dict[str, _File] = {}
        self._waiting: dict[str, list[Operation]] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._log = RateLimitedLogger(logger)

    def start(self) -> None:
        """Create the directory.

        Raises:
            OSError: it cannot be created, or is not writable.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        check_writable(self._directory)

    def path(self, log_group: str) -> Path:
        """The file of a log group: its name, percent-encoded, or a digest if that is too long."""
        name = quote(log_group, safe="#")
        if len(name) + len(SUFFIX) > MAX_NAME_BYTES:
            name = f"=sha256-{hashlib.sha256(log_group.encode()).hexdigest()}"
        return self._directory / f"{name}{SUFFIX}"

    def add(self, log_group: str, operation: Operation) -> None:
        """Write the line of an operation, soon. The operation must not change any more."""
        if log_group in self._waiting:
            self._waiting[log_group].append(operation)
        else:
            self._waiting[log_group] = [operation]
        self._count += 1
        if self._count >= MAX_WAITING:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)

    def flush(self) -> None:
        """Write the lines that wait. Those that cannot be written are lost, with a warning."""
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting, self._count, self._timer = self._waiting, {}, 0, None
        for log_group, operations in waiting.items():
            try:
                self._file(log_group).append(self._lines(operations))
            except OSError as error:
                cause = EngineUnavailableError(explain(error, self.path(log_group)))
                self._log.warn("Entries of the access log are lost", cause)

    def close(self) -> None:
        """Write the lines that wait, and close the files."""
        self.flush()
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _lines(self, operations: Sequence[Operation]) -> bytes:
        return "".join(map(self._line, operations)).encode()

    def _file(self, log_group: str) -> _File:
        file = self._files.get(log_group)
        if file is not None:
            if file.is_there():
                return file
            self._files.pop(log_group).close()
        elif len(self._files) >= MAX_OPEN_FILES:
            self._files.pop(next(iter(self._files))).close()
        file = self._files[log_group] = _File(self.path(log_group))
        return file


class _File:
    """A file that is open for appending.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._path = path
        self._descriptor = os.open(path, flags, 0o644)

    def is_there(self) -> bool:
        """Whether its path still leads to this file."""
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def append(self, lines: bytes) -> None:
        """Write all lines, or else only whole ones if possible.

        Raises:
            OSError: not all lines were written.
        """
        written = os.write(self._descriptor, lines)
        if written == len(lines):
            return
        whole = lines.rfind(b"\n", 0, written) + 1
        end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        if os.fstat(self._descriptor).st_size == end:  # Nobody else has written since.
            os.ftruncate(self._descriptor, end - (written - whole))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)
