"""The process that started this one, and when it ends (D130)."""

from __future__ import annotations

import contextlib
import os
import sys

from emulator.core.failures import ConfigurationError

POLL_SECONDS = 0.5
"""How often to look whether the parent has ended, where the system does not tell."""

_INIT = 1
"""The process that adopts those whose parent has ended, on most systems."""


class Parent:
    """The parent of this process, from the time when the object is made.

    ``descriptor`` becomes readable when it ends; None where the system has no such descriptor, and
    ``has_ended`` has to be asked from time to time.

    Raises:
        ConfigurationError: the parent has ended already, or this system does not tell.
    """

    descriptor: int | None
    _pid: int

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise ConfigurationError("--exit-with-parent: this system does not tell; leave it out")
        self._pid = os.getppid()
        self.descriptor = _descriptor_of(self._pid)
        if self.is_visible and (_is_adopted(self._pid) or self.has_ended()):
            self.close()
            raise ConfigurationError(
                "--exit-with-parent: the process that started the emulator has ended already; "
                "leave the option out where that is so"
            )

    @property
    def is_visible(self) -> bool:
        """Whether there is a parent that this process can see: the first one in a container has
        none, and ends with the container."""
        return self._pid > 0

    def has_ended(self) -> bool:
        """Whether the parent has ended: then this process has been given to another one."""
        return os.getppid() != self._pid

    def close(self) -> None:
        """Close the descriptor."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _descriptor_of(pid: int) -> int | None:
    if sys.platform == "linux" and hasattr(os, "pidfd_open") and pid > 0:
        with contextlib.suppress(OSError):  # It has ended, or a container forbids the call.
            return os.pidfd_open(pid)
    return None


def _is_adopted(parent: int) -> bool:
    """Whether ``parent`` is not the process that started this one, but has adopted it.

    A process begins in the session of its parent, and most stay there. The one that adopts it has
    a session of its own.
    """
    if sys.platform == "win32":
        return False
    session = os.getsid(0)
    if session == os.getpid():  # This process began its own session.
        return parent == _INIT
    try:
        return os.getsid(parent) != session
    except ProcessLookupError:
        return True
    except OSError:  # The system does not tell.
        return False
