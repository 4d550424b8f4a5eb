"""Whose a data directory is: one emulator's at a time, which says who it is (D92)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Not a POSIX system: two emulators over one directory go unnoticed there.
    fcntl = None  # type: ignore[assignment]

PATIENCE_SECONDS = 0.5
"""How long one waits for a directory whose holder is not to be seen: it may be ending, or may have
begun just now and not have said who it is."""


class InUseError(Exception):
    """Another emulator has the directory. The text says which, as far as that is known."""


class DirectoryLock:
    """A lock on ``directory``, held until it is closed or the process ends, however it does.

    The directory itself is locked, so that it stays locked whatever becomes of the file ``lock``
    in it. That file says who has it, and is locked as well, for file systems that lock no
    directories.

    Raises:
        InUseError: another emulator has it.
        OSError: it cannot be used.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._descriptors: list[int] = []
        try:
            if fcntl is not None:
                self._open(directory, os.O_RDONLY)
                self._lock_directory()
            self._file = self._open(self._path, os.O_RDWR | os.O_CREAT)
            os.chmod(self._path, 0o600)
            if fcntl is not None:
                self._lock(self._file)
        except BaseException:
            self._close()
            raise
        self.announce(None)

    def announce(self, endpoint: str | None) -> None:
        """Say who has the directory, and where it can be reached once that is known."""
        about = {"pid": os.getpid(), "endpoint": endpoint, **_whereabouts()}
        with contextlib.suppress(OSError):  # Without room for it, it is locked all the same.
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(about).encode(), 0)

    def close(self) -> None:
        """Let the directory go, also for children of this process that have its descriptors."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
        if fcntl is not None:
            for descriptor in self._descriptors:
                with contextlib.suppress(OSError):
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
        self._close()

    def _open(self, path: Path, flags: int) -> int:
        self._descriptors.append(os.open(path, flags, 0o600))
        return self._descriptors[-1]

    def _close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []

    def _lock_directory(self) -> None:
        with contextlib.suppress(OSError):  # Some network file systems lock files alone.
            self._lock(self._descriptors[0])

    def _lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _read(self._path)
                if _is_to_be_seen(holder) or time.monotonic() > deadline:
                    raise InUseError(_named(holder)) from None
                time.sleep(0.01)
            else:
                return


def _whereabouts() -> dict[str, str]:
    """What tells processes of one number apart: containers have process numbers of their own."""
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return {"host": socket.gethostname(), "pid_namespace": namespace}


def _read(path: Path) -> dict[str, Any]:
    """What the holder says of itself; nothing where it has not, or it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        about = json.loads(path.read_bytes())
        if isinstance(about, dict) and isinstance(about.get("pid"), int):
            return about
    return {}


def _is_near(holder: dict[str, Any]) -> bool:
    """Whether the holder's process number means what it means here."""
    return all(holder.get(name) == value for name, value in _whereabouts().items())


def _is_to_be_seen(holder: dict[str, Any]) -> bool:
    return bool(holder) and (not _is_near(holder) or _is_alive(holder["pid"]))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # It is somebody else's.
        return True
    return True


def _named(holder: dict[str, Any]) -> str:
    if not holder:
        return "another emulator"
    pid, endpoint = holder["pid"], holder.get("endpoint")
    if not _is_near(holder):
        where = f"process {pid} of {holder.get('host')}, in another container or on another machine"
    elif _is_alive(pid):
        where = f"process {pid}"
    else:
        return f"what process {pid} has left behind: it has ended, but not all of its children"
    return f"another emulator ({where}{f', {endpoint}' if endpoint else ''})"
