"""Resident memory of a process, as Linux reports it. Elsewhere: not measured."""

import sys
from pathlib import Path

MEGABYTE = 1_000_000  # bytes; "MB" means this throughout


class NotMeasuredError(Exception):
    """The operating system does not say."""


def resident_bytes(pid: int) -> int:
    """Return VmRSS, the memory resident now. Raises `NotMeasuredError`."""
    return _status(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """Return VmHWM, the most that was resident since `forget_peak`. Raises `NotMeasuredError`."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Let the peak begin again at what is resident now. Raises `NotMeasuredError`."""
    if not sys.platform.startswith("linux"):
        raise NotMeasuredError("needs Linux's /proc")
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError as error:
        raise NotMeasuredError(f"the peak cannot be reset: {error}") from error


def _status(pid: int, field: str) -> int:
    if not sys.platform.startswith("linux"):
        raise NotMeasuredError("needs Linux's /proc")
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise NotMeasuredError(f"/proc/{pid}/status has no {field}")
