"""Forked children: what they share with the parent is released there at once (D128).

A child inherits the emulator's sockets and locks, but not the threads that use them. As long as it
had the listening socket, clients could connect to a port on which nobody answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Protocol
from weakref import WeakSet


class Shared(Protocol):
    """Something with descriptors of its own."""

    def let_go(self) -> None:
        """Release them, in a child that has just been forked."""


_shared: WeakSet[Shared] = WeakSet()
_hooks: list[Callable[[], None]] = []
"""What is registered with the system: once in a process, with the first that is shared."""


def release_in_children(shared: Shared) -> None:
    """From now on, call ``shared.let_go`` in every child that is forked."""
    if not _hooks and hasattr(os, "register_at_fork"):
        _hooks.append(_let_go)
        os.register_at_fork(after_in_child=_let_go)
    _shared.add(shared)


def let_go_of(descriptors: Iterable[int]) -> None:
    """Release descriptors that a child shares with its parent.

    Each becomes one of the null device. So whoever still has its number can neither disturb the
    parent with it, nor close another file that would get the number later.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor, inheritable=False)
    os.close(null)


def _let_go() -> None:
    for each in list(_shared):
        each.let_go()
    _shared.clear()  # A child of this child shares nothing of it any more.
