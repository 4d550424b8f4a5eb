"""A disk of few bytes, which only a process of the tests and its emulators see."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HINT = (
    "needs to mount a disk of its own: `unshare` and `nsenter` (util-linux), and the right to make "
    "a mount namespace, as root or as a user who may make user namespaces"
)

_MOUNT = 'mount -t tmpfs -o "size=$2" tmpfs "$1" && echo mounted && exec cat'
"""Goes on until the end of its input."""


class SmallDisk:
    """A file system in memory at ``path`` of a mount namespace. ``inside`` is the command that runs
    the command after it there; ``seen`` is where the disk is to be seen from without."""

    def __init__(self, path: Path, process: subprocess.Popen[str]) -> None:
        self.path = path
        self._process = process
        self.seen = Path(f"/proc/{process.pid}/root{path}")
        as_root = os.geteuid() == 0
        self.inside = (
            "nsenter",
            f"--target={process.pid}",
            "--mount",
            *(() if as_root else ("--user", "--preserve-credentials")),
        )

    def run(self, *command: str) -> None:
        """Run a command there that has to succeed."""
        subprocess.run([*self.inside, *command], check=True, capture_output=True, timeout=20)

    def fill(self) -> None:
        """Leave no room at all."""
        with open(self.seen / "filler", "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def make_room(self) -> None:
        (self.seen / "filler").unlink()

    def make_read_only(self) -> None:
        """Have nobody write there any more, also who has been there before."""
        self.run("mount", "--bind", str(self.path), str(self.path))
        self.run("mount", "-o", "remount,bind,ro", str(self.path))

    def make_writable(self) -> None:
        self.run("umount", str(self.path))

    def make_as_new(self) -> None:
        """Have it be empty and writable again, whatever a test has made of it."""
        while self._layers() > 1:
            self.make_writable()
        for each in self.seen.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()

    def _layers(self) -> int:
        """How many file systems are mounted there, one over the other."""
        mounts = Path(f"/proc/{self._process.pid}/mounts").read_text()
        return [line.split()[1] for line in mounts.splitlines()].count(str(self.path))


@contextlib.contextmanager
def small_disk(path: Path, *, size: str = "8m") -> Iterator[SmallDisk]:
    """A disk at ``path``, a directory that is made; the test is skipped where that cannot be."""
    path.mkdir()
    how = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip(HINT)
    process = subprocess.Popen(
        ["unshare", *how, "sh", "-c", _MOUNT, "sh", str(path), size],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "mounted\n":
            pytest.skip(HINT)
        yield SmallDisk(path, process)
    finally:
        process.communicate(timeout=20)
