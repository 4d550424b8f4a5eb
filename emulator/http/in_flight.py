"""The requests in flight, and how to drain them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from emulator.core.event_loop import sleep

_POLL_SECONDS = 0.001


class InFlight:
    """The requests of the service between their arrival and their answer.

    Control requests do not count: a control request may itself trigger the drain.
    """

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any] | None] = set()
        """The tasks that serve a request. The server adds and removes them."""
        self.is_paused = False
        """Whether new requests have to wait."""
        self._pauses = 0
        self._open = asyncio.Event()
        self._open.set()

    def enter(self) -> asyncio.Task[Any] | None:
        """Add the current task to those that serve a request, and return it."""
        task = asyncio.current_task()
        self.tasks.add(task)
        return task

    async def wait(self) -> None:
        """Return once requests may begin."""
        while self.is_paused:
            await self._open.wait()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Hold new requests back inside the block."""
        self._pauses += 1
        self.is_paused = True
        self._open.clear()
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses:
                self.is_paused = False
                self._open.set()

    async def drain(self, *, grace_seconds: float) -> None:
        """Wait, while requests are paused, until none is in flight.

        A request that takes longer than ``grace_seconds`` is cancelled, and has ended when this
        returns. Answers on their way to a client go on: they change no state.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        while self.tasks and loop.time() < deadline:
            await sleep(_POLL_SECONDS)
        tasks = [task for task in self.tasks if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
