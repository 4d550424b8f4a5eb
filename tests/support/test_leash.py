"""What tests start ends with the process that runs them, whatever ends that."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.environment import ROOT

END_SECONDS = 30.0

PARENT = """
import os, signal, subprocess, sys
from tests.support import leash

held = int(sys.argv[1])
on_a_leash = [sys.executable, "-c", sys.argv[2]]
child = leash.popen(on_a_leash, pass_fds=[held], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
child.stdout.readline()
os.close(held)
exec(sys.argv[3])
print("ready", flush=True)
signal.pause()
"""

CHILDREN = {
    "one that waits": "print(flush=True); import signal; signal.pause()",
    "one that heeds no signal": (
        "import signal\n"
        "for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):\n"
        "    signal.signal(each, signal.SIG_IGN)\n"
        "print(flush=True)\n"
        "while True: signal.pause()"
    ),
    "one with a child of its own": (
        "import os, signal\nif not os.fork(): print(flush=True)\nsignal.pause()"
    ),
}

PAUSE = "child.send_signal(signal.SIGSTOP)"

FORK = """
if not os.fork():
    os.read(0, 1)
    os._exit(0)
"""
"""A process without an `exec` of its own, that lives for as long as the test wants."""

EXIT = """
print("ready", flush=True)
sys.exit()
"""

OTHERS = """
subprocess.Popen(["cat"])
leash.popen(["true"]).wait()
"""


class Parent:
    """A process with a child on its leash."""

    def __init__(self, child: str, then: str = "") -> None:
        self._child_lives, held = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PARENT, str(held), child, then],
                cwd=ROOT,
                pass_fds=[held],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        finally:
            os.close(held)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def child_is_gone(self) -> bool:
        """Whether nobody holds the descriptor any more that only the child was given."""
        return bool(select.select([self._child_lives], [], [], END_SECONDS)[0])

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        os.close(self._child_lives)


@pytest.fixture
def parents() -> Iterator[list[Parent]]:
    """Those that end with the test."""
    started: list[Parent] = []
    yield started
    for parent in started:
        parent.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda it: it.name)
@pytest.mark.parametrize("child", CHILDREN.values(), ids=CHILDREN)
def test_a_child_ends_with_its_parent(
    parents: list[Parent], child: str, number: signal.Signals
) -> None:
    parents.append(Parent(child))

    parents[0].process.send_signal(number)

    assert parents[0].child_is_gone()


def test_a_stopped_child_ends_with_its_parent_too(parents: list[Parent]) -> None:
    parents.append(Parent(CHILDREN["one that waits"], PAUSE))

    parents[0].process.kill()

    assert parents[0].child_is_gone()


def test_a_child_ends_with_its_parent_while_what_that_has_forked_goes_on(
    parents: list[Parent],
) -> None:
    parents.append(Parent(CHILDREN["one that waits"], FORK))

    parents[0].process.kill()

    assert parents[0].child_is_gone()


def test_a_child_that_is_left_ends_with_a_parent_that_ends_by_itself(
    parents: list[Parent],
) -> None:
    parents.append(Parent(CHILDREN["one that waits"], EXIT))

    assert parents[0].child_is_gone()


def test_a_child_that_was_started_otherwise_goes_on(parents: list[Parent]) -> None:
    parents.append(Parent(CHILDREN["one that waits"], OTHERS))
    process = parents[0].process
    assert process.stdin is not None
    assert process.stdout is not None

    process.kill()

    assert parents[0].child_is_gone()
    process.stdin.write(b"it copies\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"it copies\n"
