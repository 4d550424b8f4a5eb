"""Hide a secret of the command line from the process list, as mysql and curl do."""

from __future__ import annotations

from pathlib import Path

_ARGUMENTS_START = 45
"""The position in ``/proc/self/stat``, after the name, of the address of the arguments."""


def hide(secret: str) -> bool:
    """Overwrite ``secret`` where the system reads the arguments of this process; return whether
    that worked, which it does on Linux. Until then other users of the machine can see it."""
    octets = secret.encode("utf-8", "surrogateescape")
    try:
        arguments = Path("/proc/self/cmdline").read_bytes()
        status = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
        start = int(status.rpartition(")")[2].split()[_ARGUMENTS_START])
    except (OSError, ValueError, IndexError):
        return False
    if not start or octets not in arguments:
        return False
    import ctypes

    offset = arguments.find(octets)
    while offset >= 0:
        ctypes.memset(start + offset, ord("*"), len(octets))
        offset = arguments.find(octets, offset + len(octets))
    return True
