"""Child processes that end with this one, however it ends: also by SIGKILL.

All of them are in one process group, together with a watcher, which reads from a pipe. This process
alone has the other end of it. When the system closes that, the watcher kills the group: what the
children have started, too, and never a process that was given the number of an earlier one.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

_WATCHER = """
import os, signal, time
for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(each, signal.SIG_IGN)
os.read(0, 1)
time.sleep(0.2)  # A child that was forked last may be about to join the group.
os.killpg(0, signal.SIGKILL)
"""


def popen(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a child as ``subprocess.Popen`` does, but one that ends with this process."""
    return subprocess.Popen(command, **options, **leashed())


def leashed() -> dict[str, Any]:
    """The options of ``subprocess`` for a child that ends with this process."""
    return _in_group(_leash.group())


def _in_group(group: int) -> dict[str, Any]:
    """The options of ``Popen`` for a child in that process group; 0 is a new one of its own."""
    if sys.version_info >= (3, 11):
        return {"process_group": group}
    return {"preexec_fn": lambda: os.setpgid(0, group)}


class _Leash:
    """The watcher, which is started with the first child."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._watcher: subprocess.Popen[bytes] | None = None

    def group(self) -> int:
        """The process group of the watcher."""
        with self._starting:
            if self._watcher is None or self._watcher.poll() is not None:
                self._watcher = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _WATCHER],
                    cwd="/",
                    stdin=subprocess.PIPE,  # No child inherits our end: it is closed on exec.
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    **_in_group(0),
                )
            return self._watcher.pid

    def end(self) -> None:
        """Kill what is left, and the watcher."""
        with self._starting:
            watcher, self._watcher = self._watcher, None
        if watcher is not None and watcher.poll() is None:
            os.killpg(watcher.pid, signal.SIGKILL)
            watcher.communicate()

    def let_go(self) -> None:
        """In a process that was forked from this one: the children are not its own."""
        watcher, self._watcher = self._watcher, None
        self._starting = threading.Lock()
        if watcher is not None:
            assert watcher.stdin is not None
            watcher.stdin.close()
            watcher.returncode = 0  # So that nobody waits for it here, or warns of it.


_leash = _Leash()
atexit.register(_leash.end)
os.register_at_fork(after_in_child=_leash.let_go)
