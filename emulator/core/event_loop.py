"""The emulator's event loop: its clock, and the descriptors that it has open."""

from __future__ import annotations

import asyncio
import os
from asyncio.tasks import sleep as sleep  # Tests replace `asyncio.sleep` (D127).
from asyncio.tasks import wait_for as wait_for
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from emulator.core.private import monotonic

if TYPE_CHECKING:
    _Base = asyncio.SelectorEventLoop
else:
    _Base = getattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop)  # Windows has both.


class EventLoop(_Base):
    """Event loop whose clock goes on while a test stops Python's (D127)."""

    time = staticmethod(monotonic)

    def __init__(self) -> None:
        super().__init__()
        self._listeners: WeakSet[asyncio.Server] = WeakSet()

    async def create_server(self, *arguments: Any, **options: Any) -> asyncio.Server:
        """Listen, as any event loop does."""
        listener = await super().create_server(*arguments, **options)
        self._listeners.add(listener)
        return listener

    def descriptors(self) -> set[int]:
        """Return the descriptors of the selector, the listeners and the connections."""
        own = vars(self)
        sockets = [own.get("_csock"), *(each for one in self._listeners for each in one.sockets)]
        found = {each.fileno() for each in sockets if each is not None}
        selector = own.get("_selector")
        if selector is not None:
            found.update(selector.get_map())
            if hasattr(selector, "fileno"):
                found.add(selector.fileno())
        found.update(own.get("_transports", ()))  # Also those that are not read at the moment.
        return found


def let_go(descriptors: Iterable[int]) -> None:
    """In a forked child, release what it shares with its parent under these descriptors (D128).

    Each becomes one of the null device. So whoever still has its number can neither disturb the
    parent with it, nor close a file that gets the number later.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        if descriptor >= 0:
            os.dup2(null, descriptor, inheritable=False)
    os.close(null)
