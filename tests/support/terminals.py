"""Programs at a terminal: what is typed, and what is seen."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from .environment import environment
from .launch import START_SECONDS

_CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal that of the session, so that the program is sent SIGHUP when it is closed."""


class Terminal:
    """A terminal at which a program runs."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self._descriptor = descriptor
        self.process = process
        self.seen = ""
        """All that was written to the terminal, with its escape sequences."""

    def type(self, text: str) -> None:
        """Type ``text``."""
        os.write(self._descriptor, text.encode())

    def wait_for(self, text: str) -> None:
        """Wait until ``text`` is seen.

        Raises:
            AssertionError: it is not seen in time, or the program has ended without it.
        """
        deadline = time.monotonic() + START_SECONDS
        while text not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} is not in {self.seen!r}"
            if select.select([self._descriptor], [], [], left)[0]:
                piece = self._read()
                assert piece, f"the end comes before {text!r}: {self.seen!r}"

    def read_to_end(self) -> str:
        """Wait until the program has ended, and return all that was seen."""
        while self._read():
            pass
        return self.seen

    def _read(self) -> bytes:
        try:
            piece = os.read(self._descriptor, 65_536)
        except OSError:  # As Linux tells the end.
            return b""
        self.seen += piece.decode(errors="replace")
        return piece


@contextmanager
def at_terminal(*command: str, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """A program at a terminal of its own, which ends with the block."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _CONTROLLED, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment({"TERM": "xterm", "COLUMNS": "80", **(env or {})}),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        os.close(ours)
