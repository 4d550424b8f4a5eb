"""The emulator's event loop: its clock, and the descriptors that it has open."""

from __future__ import annotations

import asyncio
import math
from asyncio.tasks import sleep as sleep  # Tests replace `asyncio.sleep` (D127).
from asyncio.tasks import wait_for as wait_for

from emulator.core.private import monotonic


class EventLoop(asyncio.SelectorEventLoop):
    """Event loop whose clock goes on while a test stops Python's (D127).

    Windows has another one too, which cannot tell when a listening socket has a connection.
    """

    time = staticmethod(monotonic)

    def __init__(self) -> None:
        super().__init__()
        # Python's development mode would warn of the imports at the start of an emulator.
        self.slow_callback_duration = math.inf

    def descriptors(self) -> set[int]:
        """Return the descriptors of the selector, of what it watches, and of the connections."""
        own = vars(self)
        selector, connections = own.get("_selector"), own.get("_transports", {}).values()
        sockets = [own.get("_csock")]
        sockets += (each.get_extra_info("socket") for each in connections)  # Also paused ones.
        found = {each.fileno() for each in sockets if each is not None}
        if selector is not None:
            found.update(selector.get_map())
            if hasattr(selector, "fileno"):
                found.add(selector.fileno())
        return {each for each in found if each >= 0}  # Not those that are closed already.


async def others_recorded() -> None:
    """Return once the answers that clients have had until now are recorded as sent: a client may
    have the last byte of one before the task that has sent it goes on."""
    for _ in range(_STEPS_TO_RECORD):
        await sleep(0)


_STEPS_TO_RECORD = 3
"""Iterations of the event loop."""
