"""Access logs in files: JSON lines, a file for each log group."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

from emulator.model import LogDestination
from emulator.telemetry.access_log import Entry

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

SUFFIX = ".jsonl"


class LogFiles:
    """Appends each entry to the file of its log group, as a line.

    A line is written in one step, so that emulators may share a file, and is there when the
    operation is answered. A file that was taken away is made anew.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, int] = {}

    def start(self) -> None:
        """Make the directory.

        Raises:
            OSError: that cannot be done.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        if not os.access(self._directory, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")

    def path(self, log_group: str) -> Path:
        """The file of a log group: its name, percent-encoded where a file's name cannot hold it."""
        return self._directory / f"{quote(log_group, safe='#')}{SUFFIX}"

    def deliver(self, destination: LogDestination, entry: Entry) -> None:
        """Write an entry.

        Raises:
            OSError: that cannot be done.
        """
        line = _ENCODER.encode(entry).encode() + b"\n"
        os.write(self._file(destination.log_group_name), line)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def _file(self, log_group: str) -> int:
        file = self._files.get(log_group)
        if file is not None:
            if os.fstat(file).st_nlink:
                return file
            os.close(self._files.pop(log_group))
        path = self.path(log_group)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._files[log_group] = file
        return file
