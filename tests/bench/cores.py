"""Which processor the server runs on and which the load generator."""

import os
import sys


def _split() -> tuple[int, int] | None:
    if sys.platform != "linux":
        return None
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[1]) if len(available) >= 2 else None


CORES = _split()


def pin_server(pid: int) -> None:
    """Keep a server just started on the first processor."""
    if sys.platform == "linux" and CORES:
        os.sched_setaffinity(pid, {CORES[0]})


def unpin(pid: int) -> None:
    """Let a process use both processors."""
    if sys.platform == "linux" and CORES:
        os.sched_setaffinity(pid, set(CORES))


def pin_client() -> None:
    """Keep this process, and the generators that it starts, on the second processor."""
    if sys.platform == "linux" and CORES:
        os.sched_setaffinity(0, {CORES[1]})


def describe() -> str:
    if CORES is None:
        return "not pinned"
    return f"server pinned to processor {CORES[0]}, load generator to processor {CORES[1]}"
