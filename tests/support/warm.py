"""Emulators that start in the time of a fork, from a process that has imported what they need.

What is forked is a process of its own, which is signalled and killed like any other. It runs the
command line as ``python -m emulator`` does, with a directory, an environment and descriptors of its
own. What it has not done is the imports, which are nine tenths of a start. So it is for tests that
need an emulator to be a process, and not for tests of the start.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NoReturn

from . import leash
from .environment import ROOT, environment
from .launch import START_SECONDS, STOP_SECONDS

COMMAND = [sys.executable, "-m", "emulator"]

FORKS = sys.platform == "linux"
"""Elsewhere each emulator is started from scratch: not every system's libraries survive a fork."""

_ENGINES = (
    "account.file",
    "account.valkey",
    "cache.by_cluster",
    "cache.fakeredis",
    "cache.memory",
    "cache.valkey",
    "storage.filesystem",
    "storage.memory",
)

_LONGEST_MESSAGE = 1024**2


class WarmProcess:
    """A process that was forked: as much of ``subprocess.Popen`` as the launchers use."""

    def __init__(self, parent: WarmParent, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._parent.status(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(COMMAND, timeout or 0)
            time.sleep(0.002)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # Nobody else has its number before its parent was asked for it.
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WarmParent:
    """The process that forks; ``popen`` stands in for ``subprocess.Popen`` in a launcher.

    The command ``through`` starts the command that follows it, in its own place.
    """

    def __init__(self, through: Sequence[str] = ()) -> None:
        self._through = through
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def popen(
        self,
        command: Sequence[str],
        *,
        cwd: str | os.PathLike[str],
        env: dict[str, str],
        stdin: int,
        stdout: IO[bytes] | int,
        stderr: IO[bytes],
        umask: int = -1,
    ) -> subprocess.Popen[bytes] | WarmProcess:
        """Start a command: by a fork where it is the emulator, and the interpreter is to be as that
        of the parent."""
        is_emulator = list(command[: len(COMMAND)]) == COMMAND
        if not FORKS or not is_emulator or _of_python(env) != _of_python(environment()):
            return leash.popen(
                [*self._through, *command],
                cwd=cwd,
                env=env,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                umask=umask,
            )
        assert stdin == subprocess.DEVNULL
        words = list(command[len(COMMAND) :])
        request = {"words": words, "cwd": str(cwd), "env": env, "umask": umask}
        with open(os.devnull, "r+b") as null:
            output = null if isinstance(stdout, int) else stdout
            descriptors = [each.fileno() for each in (null, output, stderr)]
            return WarmProcess(self, self._ask(request, descriptors))

    def status(self, pid: int) -> int | None:
        """The exit status of a child that has ended, as ``subprocess`` tells it."""
        status = self._ask({"pid": pid})
        return None if status is None else os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """End it, and what it has forked."""
        if self._channel is not None and self._process is not None:
            self._channel.close()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()  # What it has forked ends with pytest, as it does itself.
                self._process.wait()

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> Any:
        with self._lock:
            if self._channel is None:
                self._channel = self._start()
            socket.send_fds(self._channel, [json.dumps(request).encode()], descriptors)
            answer = self._channel.recv(_LONGEST_MESSAGE)
        assert answer, "the parent of the emulators has ended"
        return json.loads(answer)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(START_SECONDS)
        with theirs:
            self._process = leash.popen(
                [*self._through, sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                env=environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        return ours


@functools.cache
def shared_parent() -> WarmParent:
    """The parent that all tests share; it ends when they have ended."""
    parent = WarmParent()
    atexit.register(parent.end)
    return parent


@contextlib.contextmanager
def warm_parent(through: Sequence[str] = ()) -> Iterator[WarmParent]:
    """A parent of emulators that is gone, with all of them, at the end of the ``with``."""
    parent = WarmParent(through)
    try:
        yield parent
    finally:
        parent.end()


def _of_python(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith("PYTHON")}


def _wait_for_words(channel: socket.socket) -> list[str]:
    """Fork whenever it is asked for; in each child, return the words of its command."""
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, _LONGEST_MESSAGE, 3)
        if not message:
            _end(children)
        request = json.loads(message)
        if "pid" in request:
            pid, status = os.waitpid(request["pid"], os.WNOHANG)
            children.discard(pid)
            answer = status if pid else None
        else:
            pid = os.fork()
            if pid == 0:
                channel.close()
                _become(descriptors, **request)
                words: list[str] = request["words"]
                return words
            children.add(pid)
            answer = pid
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(json.dumps(answer).encode())


def _become(
    descriptors: list[int], *, words: list[str], cwd: str, env: dict[str, str], umask: int
) -> None:
    for own, given in enumerate(descriptors):
        os.dup2(given, own)
        os.close(given)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if umask >= 0:
        os.umask(umask)
    sys.argv[1:] = words


def _end(children: set[int]) -> NoReturn:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    sys.exit()


def _import_engines() -> None:
    for name in _ENGINES:
        with contextlib.suppress(ImportError):  # What one needs is not installed everywhere.
            importlib.import_module(f"emulator.backends.{name}")


if __name__ == "__main__":
    from emulator.cli import main
    from emulator.startup.quick_start import import_aiohttp

    import_aiohttp()
    importlib.import_module("emulator.serve")
    _import_engines()
    raise SystemExit(main(_wait_for_words(socket.socket(fileno=int(sys.argv[1])))))
