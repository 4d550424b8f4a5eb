"""A server as a child process: started, watched while it starts, and stopped whatever happens."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.bench.cores import pin_server, unpin
from tests.support import leash
from tests.support.environment import ROOT, environment

START_SECONDS = 30.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.001

T = TypeVar("T")


class StartError(Exception):
    """A server that is missing, ended at once, or did not become ready."""


class ServerProcess:
    """A running server. Its own output goes to `log`."""

    def __init__(
        self, popen: "subprocess.Popen[bytes]", log: Path, start_seconds: float = START_SECONDS
    ) -> None:
        self._popen = popen
        self._log = log
        self._start_seconds = start_seconds

    @property
    def pid(self) -> int:
        return self._popen.pid

    def wait_for(self, probe: Callable[[], T | None]) -> T:
        """Return the first answer of `probe` that is not None; raise `StartError` if none comes.

        It asks in a tight loop, because a cold start is measured with it.
        """
        deadline = time.monotonic() + self._start_seconds
        while (answer := probe()) is None:
            if self._popen.poll() is not None:
                raise StartError(f"it ended with {self._popen.returncode}: {self.log_tail()}")
            if time.monotonic() > deadline:
                seconds = f"{self._start_seconds:.0f} s"
                raise StartError(f"not ready after {seconds}: {self.log_tail()}")
            time.sleep(POLL_SECONDS)
        return answer

    def log_tail(self, lines: int = 5) -> str:
        text = self._log.read_text(errors="replace").strip()
        return " / ".join(text.splitlines()[-lines:]) or "(it printed nothing)"


@contextmanager
def serving(
    command: list[str],
    scratch: Path,
    extra: Mapping[str, str] | None = None,
    *,
    pinned: bool = True,
    start_seconds: float = START_SECONDS,
) -> Iterator[ServerProcess]:
    """Run `command` from the repository's root until the block ends, with `extra` environment
    variables.

    In another process group, so that Ctrl-C reaches only the benchmark, which then stops it.
    """
    log = scratch / "server.log"
    with log.open("wb") as output:
        popen = leash.popen(
            command,
            cwd=ROOT,
            env=environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        if pinned:
            pin_server(popen.pid)
        else:
            unpin(popen.pid)
        yield ServerProcess(popen, log, start_seconds)
    finally:
        _stop(popen)


def _stop(popen: "subprocess.Popen[bytes]") -> None:
    try:
        popen.terminate()
        popen.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.wait()
