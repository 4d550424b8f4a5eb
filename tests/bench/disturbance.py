"""How much processor time other work took meanwhile: what neither the benchmark nor a process that
it started accounts for. Time that a hypervisor took away ("steal") is among it."""

import os
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

from tests.bench.cores import CORES

# /proc/stat's user, nice, system, irq, softirq and steal: everything but idle, iowait and guests.
BUSY_FIELDS = (0, 1, 2, 5, 6, 7)


class LoadMonitor:
    """Compares what the processors did with what the benchmark and its children account for."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._before = _seconds_of_others()

    def others(self) -> float | None:
        """Return the processors used by other work since the start, or None if unknown.

        1.0 is one processor all the time.
        """
        after = _seconds_of_others()
        if self._before is None or after is None:
            return None
        return max(0.0, (after - self._before) / (time.perf_counter() - self._began))


def _seconds_of_others() -> float | None:
    """Return how long the processors were busy for others, from some origin on."""
    if sys.platform != "linux":
        return None
    tick = os.sysconf("SC_CLK_TCK")
    busy = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name in _processors():
            busy += sum(int(counts[field]) for field in BUSY_FIELDS)
    ours = _ticks_of_descendants(os.getpid()) / tick
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        ours += usage.ru_utime + usage.ru_stime
    return busy / tick - ours


def _ticks_of_descendants(ancestor: int) -> int:
    """Return what the living descendants of a process used, and the dead ones they waited for."""
    ticks: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:  # It has ended since.
            continue
        # The name, in brackets, may hold spaces. The parent is the second field after it; utime,
        # stime, cutime and cstime are the 12th to 15th.
        fields = text.rpartition(")")[2].split()
        pid = int(path.parent.name)
        children[int(fields[1])].append(pid)
        ticks[pid] = sum(map(int, fields[11:15]))
    total, waiting = 0, list(children[ancestor])
    while waiting:
        pid = waiting.pop()
        total += ticks[pid]
        waiting += children[pid]
    return total


def _processors() -> tuple[str, ...]:
    return tuple(f"cpu{core}" for core in CORES) if CORES else ("cpu",)
