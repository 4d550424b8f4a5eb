"""The ready file, and the note beside it that says how far a start has come (D170).

The ready file exists only while requests are accepted. Until then the note ``NAME.start`` has the
process that starts, and from a failed start on the error: ``wait`` reads it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from emulator.core.failures import ConfigurationError
from emulator.core.files import write_atomically
from emulator.core.processes import is_alive, pid_scope, shares_pid_scope


class Note(NamedTuple):
    """What the note says: ``failure`` is why the start has failed, None while it goes on.
    ``written`` is the time of the file, in nanoseconds since the Unix epoch."""

    failure: str | None
    written: int


class ReadyFile:
    """The ready file at ``path``, as the process that starts writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.parent / f"{path.name}.start"

    def begin(self) -> None:
        """Note that this process starts. ``clear`` says it if the directory cannot be written."""
        with contextlib.suppress(OSError):
            self._write_note(None)

    def fail(self, message: str) -> None:
        """Note why the start has failed; nothing if it was not noted, or is over."""
        with contextlib.suppress(OSError):
            if self._note.exists():
                self._write_note(message)

    def clear(self) -> None:
        """Remove the file that a killed process may have left.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        try:
            self._path.unlink(missing_ok=True)
            if not self._path.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, f"there is no directory {self._path.parent}")
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, document: Mapping[str, Any]) -> None:
        """Write the file in one step: requests are accepted.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        try:
            write_atomically(self._path, _json(document), fsync=False)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    def remove(self) -> None:
        """Remove the file: the emulator has stopped."""
        self._path.unlink(missing_ok=True)

    def read_note(self) -> Note | None:
        """Return what the process that starts has noted; None without a valid note."""
        try:
            document = json.loads(self._note.read_bytes())
            pid, failure, written = (
                document["pid"],
                document["error"],
                self._note.stat().st_mtime_ns,
            )
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if failure is None and shares_pid_scope(document) and not is_alive(pid):
            failure = f"process {pid} has ended; its log on stderr says why"
        return Note(failure, written)

    def _write_note(self, failure: str | None) -> None:
        document = {"pid": os.getpid(), "error": failure, **pid_scope()}
        write_atomically(self._note, _json(document), fsync=False)

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"--ready-file: cannot write {self._path}: {error.strerror}; "
            "choose a file in a writable directory"
        )


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"
