"""Forked children of the test's own process."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import NoReturn

import pytest


class Child:
    """A child that calls ``work``; what that returns as text is its result.

    As a context manager it is killed at the end of the block.
    """

    def __init__(self, work: Callable[[], str]) -> None:
        self._reader, writer = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 warns of threads, which is what these tests are about.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            _do(work, writer)
        os.close(writer)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        end: TracebackType | None,
    ) -> None:
        os.close(self._reader)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def says(self) -> str:
        """Wait for the next text of the child."""
        return os.read(self._reader, 65536).decode()


def in_child(work: Callable[[], str]) -> str:
    """The result of ``work`` in a child."""
    with Child(work) as child:
        return child.says()


def _do(work: Callable[[], str], writer: int) -> NoReturn:
    try:
        said = work()
    except BaseException:
        said = traceback.format_exc()
    os.write(writer, said.encode())
    signal.pause()  # Until the test has seen what it wants to see, and kills it.
    os._exit(1)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
