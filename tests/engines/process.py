"""A server of somebody else's: started on a free port, waited for, and ended whatever happens."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support import leash
from tests.support.ports import accepts, free_port

START_SECONDS = 30.0
STOP_SECONDS = 10.0
_ATTEMPTS = 5


class EngineProcess:
    """One server. Its port stays the same when it is killed and started again.

    Args:
        command: the words that start it on a port.
        directory: where it runs, and where its log is.
        answers: whether it does its work on that port; by default, whether it accepts.
        env: its environment; by default ours.
    """

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        directory: Path,
        *,
        answers: Callable[[int], bool] = accepts,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.port = 0
        self._command = command
        self._directory = directory
        self._answers = answers
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that it said."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, on a free port the first time, and wait until it answers."""
        if self.port:
            self._spawn(self.port)
            return
        for attempt in range(_ATTEMPTS):
            port = free_port()
            try:
                self._spawn(port)
            except RuntimeError:  # Somebody else may have taken the port meanwhile.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                self.port = port
                return

    def kill(self) -> None:
        """End it with SIGKILL, as a machine does that fails."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Have it not answer anything, with its connections open, until it is resumed."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._end(signal.SIGTERM)

    @property
    def _log_file(self) -> Path:
        return self._directory / "log.txt"

    def _spawn(self, port: int) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as log:
            self._process = leash.popen(
                self._command(port),
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(port):
            status = self._process.poll()
            if status is None and time.monotonic() < deadline:
                time.sleep(0.005)
                continue
            self.stop()
            raise RuntimeError(f"{self._command(port)[0]} did not start ({status}):\n{self.log}")

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
