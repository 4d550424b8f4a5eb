"""How far a transfer has come, as a bar on a terminal (D163).

A few lines of our own, since a library for it takes as long to import as a whole command.
"""

from __future__ import annotations

import shutil
import sys
import threading

from emulator.core.private import monotonic

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SECONDS_BETWEEN = 0.1
_WIDTH = 24


def size(count: float) -> str:
    """Format a number of bytes, as in ``1.5 MiB``."""
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"


class Progress:
    """A bar on stderr, if that is a terminal; else nothing is shown. Threads may share it.

    Args:
        total: how many bytes there are; None if that is not known.
        files: how many files there are; 0 for a transfer of one.
        hidden: never show it.
    """

    def __init__(self, total: int | None, files: int = 0, *, hidden: bool = False) -> None:
        self.sent = 0
        """How many bytes have been transferred."""
        self.done = 0
        """How many files have ended."""
        self._total = total
        self._files = files
        self._shows = not hidden and sys.stderr is not None and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._begun = self._shown = monotonic()
        self._length = 0

    @property
    def seconds(self) -> float:
        """How long it has taken until now."""
        return monotonic() - self._begun

    def advance(self, count: int) -> None:
        """Count bytes; less than 0 takes back those of an attempt that failed."""
        with self._lock:
            self.sent += count
            self._show()

    def end_file(self) -> None:
        """Count a file that has ended."""
        with self._lock:
            self.done += 1
            self._show()

    def say(self, line: str) -> None:
        """Print a line on stderr, above the bar."""
        with self._lock:
            self._clear()
            print(line, file=sys.stderr)

    def close(self) -> None:
        """Remove the bar."""
        with self._lock:
            self._clear()
            self._shows = False

    def _show(self) -> None:
        now = monotonic()
        if not self._shows or now - self._shown < _SECONDS_BETWEEN:
            return
        self._shown = now
        line = self._line()[: shutil.get_terminal_size().columns - 1]
        print(f"\r{line:{self._length}}", end="", file=sys.stderr, flush=True)
        self._length = len(line)

    def _line(self) -> str:
        rate = f"{size(self.sent / max(self.seconds, 0.001))}/s"
        files = f"{self.done}/{self._files} files  " if self._files else ""
        if not self._total:
            return f"{files}{size(self.sent)}  {rate}"
        part = min(self.sent / self._total, 1)
        bar = "#" * round(part * _WIDTH)
        bytes_sent = f"{size(self.sent)} of {size(self._total)}"
        return f"{part:4.0%} [{bar:-<{_WIDTH}}]  {files}{bytes_sent}  {rate}"

    def _clear(self) -> None:
        if self._length:
            print(f"\r{'':{self._length}}\r", end="", file=sys.stderr, flush=True)
            self._length = 0
