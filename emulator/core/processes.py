"""Ids of processes: where one is valid, and whether its process is alive."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Mapping


def pid_scope() -> dict[str, str]:
    """Identify the host and container in which a process id is unique."""
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return {"host": socket.gethostname(), "pid_namespace": namespace}


def shares_pid_scope(written: Mapping[str, object]) -> bool:
    """Whether ``written``, which has the members of ``pid_scope``, was written on this host and in
    this container, so that its process id is valid here."""
    return all(written.get(name) == value for name, value in pid_scope().items())


def is_alive(pid: int) -> bool:
    """Whether there is such a process; True where the system does not tell without a signal."""
    if sys.platform == "win32":  # There, this call would end the process.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # The process belongs to another user.
        return True
    return True
