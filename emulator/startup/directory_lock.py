"""The lock on a data directory: one emulator at a time, which records its identity (D92)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from emulator.core.forks import let_go_of
from emulator.core.private import monotonic, sleep
from emulator.core.processes import is_alive, pid_scope, shares_pid_scope

if sys.platform == "win32":  # A second emulator in the directory is not detected.

    def _try_lock(descriptor: int) -> None:
        del descriptor

    def _unlock(descriptor: int) -> None:
        del descriptor
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        """Lock an open file.

        Raises:
            BlockingIOError: another process has locked it.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


PATIENCE_SECONDS = 0.5
"""How long to wait for the lock if its holder is not known to be alive: it may be ending, or may
have started just now and not yet recorded its identity."""


class InUseError(Exception):
    """Another emulator uses the directory. The text says which, as far as that is known."""


class DirectoryLock:
    """A lock on ``directory``, held until it is closed or the process ends in any way.

    The directory itself is locked, so that it stays locked whatever happens to the file ``lock`` in
    it. That file records the holder's identity, and is locked too, for file systems that cannot
    lock directories.

    Raises:
        InUseError: another emulator uses the directory.
        OSError: the directory or the file cannot be used.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._descriptors: list[int] = []
        try:
            if sys.platform != "win32":  # There, a directory cannot be opened.
                self._open(directory, os.O_RDONLY)
                self._lock_directory()
            self._file = self._open(self._path, os.O_RDWR | os.O_CREAT)
            os.chmod(self._path, 0o600)
            self._lock(self._file)
        except BaseException:
            self._close()
            raise
        self.announce(None)

    def announce(self, endpoint: str | None) -> None:
        """Record this process as the holder, with its endpoint if that is known."""
        about = {"pid": os.getpid(), "endpoint": endpoint, **pid_scope()}
        with contextlib.suppress(OSError):  # On a full disk, the lock still holds.
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, json.dumps(about).encode())

    def close(self) -> None:
        """Release the lock, also if children of this process have inherited its descriptors."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
        for descriptor in self._descriptors:
            with contextlib.suppress(OSError):
                _unlock(descriptor)
        self._close()

    def let_go(self) -> None:
        """Release the descriptors in a forked child; the parent still has the lock."""
        let_go_of(self._descriptors)

    def _open(self, path: Path, flags: int) -> int:
        self._descriptors.append(os.open(path, flags, 0o600))
        return self._descriptors[-1]

    def _close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []

    def _lock_directory(self) -> None:
        with contextlib.suppress(OSError):  # Some network file systems can lock only files.
            self._lock(self._descriptors[0])

    def _lock(self, descriptor: int) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                _try_lock(descriptor)
            except BlockingIOError:
                holder = _read(self._path)
                if _is_known_to_live(holder) or monotonic() > deadline:
                    raise InUseError(_describe(holder)) from None
                sleep(0.01)
            else:
                return


def _read(path: Path) -> dict[str, Any]:
    """Read the identity of the holder; empty if it is missing or cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        about = json.loads(path.read_bytes())
        if isinstance(about, dict) and isinstance(about.get("pid"), int):
            return about
    return {}


def _is_known_to_live(holder: dict[str, Any]) -> bool:
    """Whether the holder is alive; always True if it is in another container or on another host."""
    return bool(holder) and (not shares_pid_scope(holder) or is_alive(holder["pid"]))


def _describe(holder: dict[str, Any]) -> str:
    if not holder:
        return "another emulator"
    pid, endpoint = holder["pid"], holder.get("endpoint")
    if not shares_pid_scope(holder):
        where = f"process {pid} of {holder.get('host')}, in another container or on another machine"
    elif is_alive(pid):
        where = f"process {pid}"
    else:
        return f"a child of process {pid}, an emulator that has ended"
    return f"another emulator ({where}{f', {endpoint}' if endpoint else ''})"
