"""What an emulator inside of a test's process costs to start, and the import of the pytest plugin.

Each run is a new interpreter: everything is imported in it.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.calm import Round, Verdict, until_calm
from tests.bench.disturbance import LoadMonitor
from tests.support.environment import ROOT, environment

MAX_RUNS = 7
RUN_SECONDS = 60.0

_START = """
import socket, time
begin = time.process_time()
from emulator import Emulator
with Emulator() as emulator:
    with socket.create_connection((emulator.host, emulator.port)) as connection:
        connection.sendall(b"GET /_emulator/health HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    print(time.process_time() - begin)
"""

_PLUGIN = """
import time
import pytest
begin = time.process_time()
import pytest_momento_emulator
print(time.process_time() - begin)
"""


@dataclass
class Embedded:
    """Seconds of processor time of every run."""

    start: list[float] = field(default_factory=list)  # import, start and first answer
    plugin: list[float] = field(default_factory=list)
    verdict: Verdict = field(default_factory=lambda: Verdict(0, 0, {}))

    def counted(self, seconds: list[float]) -> list[float]:
        """Return those of the calm runs."""
        return [seconds[index] for index in self.verdict.calm()]


def measure(runs: int, progress: Callable[[str], None]) -> Embedded | str:
    """The figures, or why there are none."""
    result = Embedded()

    def one_run(number: int) -> Round:
        progress(f"Embedded: run {number}")
        monitor = LoadMonitor()
        result.start.append(_printed(_START))
        result.plugin.append(_printed(_PLUGIN))
        return Round(monitor.others())

    try:
        _printed(_START), _printed(_PLUGIN)  # so that all modules are compiled
        result.verdict = until_calm(min(runs, MAX_RUNS), one_run)
    except subprocess.CalledProcessError as error:
        return f"{error}: {error.stderr.strip()[-300:]}"
    except (subprocess.TimeoutExpired, OSError) as error:
        return str(error)
    return result


def _printed(script: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=True,
    )
    return float(done.stdout)
