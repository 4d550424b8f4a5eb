"""How much processor time other work took meanwhile, so that a reader can judge a round."""

import os
import resource
import sys
import time
from pathlib import Path

from tests.bench.cores import CORES

# /proc/stat's user, nice, system, irq, softirq and steal: everything but idle, iowait and guests.
BUSY_FIELDS = (0, 1, 2, 5, 6, 7)


class LoadMonitor:
    """Compares what the processors did with what the server and the benchmark account for."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._began = time.perf_counter()
        self._before = self._others()

    def others(self) -> float | None:
        """Return the processors used by other work since the start, or None if unknown.

        1.0 is one processor all the time.
        """
        after = self._others()
        if self._before is None or after is None:
            return None
        return max(0.0, (after - self._before) / (time.perf_counter() - self._began))

    def _others(self) -> float | None:
        """Return the seconds that the processors were busy for others, from some origin on."""
        if sys.platform != "linux":
            return None
        tick = os.sysconf("SC_CLK_TCK")
        busy = 0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *counts = line.split()
            if name in _processors():
                busy += sum(int(counts[field]) for field in BUSY_FIELDS)
        # The name, in brackets, may hold spaces; utime and stime are the 12th and 13th after it.
        server = Path(f"/proc/{self._server}/stat").read_text().rpartition(")")[2].split()
        ours = (int(server[11]) + int(server[12])) / tick
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            ours += usage.ru_utime + usage.ru_stime
        return busy / tick - ours


def _processors() -> tuple[str, ...]:
    return tuple(f"cpu{core}" for core in CORES) if CORES else ("cpu",)
