"""Write access logs to files: JSON lines, one file for each log group."""

from __future__ import annotations

import errno
import hashlib
import os
from json.encoder import encode_basestring
from pathlib import Path
from urllib.parse import quote

from emulator.core.failures import EngineUnavailableError
from emulator.core.files import check_writable, explain
from emulator.core.model import LogDestination
from emulator.core.one_line import json_in_one_line
from emulator.core.private import monotonic_ns
from emulator.telemetry.access_log import Entry

SUFFIX = ".jsonl"

MAX_NAME_BYTES = 255
"""The longest file name on most disks."""

MAX_OPEN_FILES = 64
"""The most files kept open: there may be more log groups than a process may open files."""

LOOK_NANOSECONDS = 1_000_000
"""How often to check whether an open file was moved or removed: a check costs more than a write."""


class LogFiles:
    """Appends each entry as a line to the file of its log group.

    A line is written in one step, so that several emulators can share a file, and before the
    operation is answered. A file that was moved or removed is created again within a millisecond.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, _File] = {}

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

    def deliver(self, destination: LogDestination, entry: Entry) -> None:
        """Write an entry.

        Raises:
            EngineUnavailableError: it cannot be written.
        """
        log_group = destination.log_group_name
        try:
            self._file(log_group).append(as_line(entry))
        except OSError as error:
            raise EngineUnavailableError(explain(error, self.path(log_group))) from None

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

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


def as_line(entry: Entry) -> bytes:
    """Encode an entry as a line of JSON. Its values are only integers and strings, which takes two
    thirds of the time of a general encoder."""
    members = [
        f'"{name}":{value if isinstance(value, int) else encode_basestring(value)}'
        for name, value in entry.items()
    ]
    return f"{json_in_one_line('{' + ','.join(members) + '}')}\n".encode()


class _File:
    """A file that is open for appending.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._path = path
        self._descriptor = os.open(path, flags, 0o644)
        self._looked_at = monotonic_ns()

    def is_there(self) -> bool:
        """Whether its path still leads to this file."""
        now = monotonic_ns()
        if now - self._looked_at < LOOK_NANOSECONDS:
            return True
        self._looked_at = now
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def append(self, line: bytes) -> None:
        """Write all of ``line``, or nothing if possible.

        Raises:
            OSError: the line was not written.
        """
        written = os.write(self._descriptor, line)
        if written == len(line):
            return
        end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        if os.fstat(self._descriptor).st_size == end:  # Nobody else has written since.
            os.ftruncate(self._descriptor, end - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)
