"""Which requests are being worked on, and how to have none of them for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

_POLL_SECONDS = 0.001


class InFlight:
    """The requests of the service between their arrival and their answer.

    Those for what only an emulator has are not part of it: one of them may be what asks for quiet.
    """

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any] | None] = set()
        """The tasks that work on a request. The server adds and removes them."""
        self.is_paused = False
        """Whether a request that comes has to wait."""
        self._pauses = 0
        self._open = asyncio.Event()
        self._open.set()

    async def wait(self) -> None:
        """Return once requests may begin."""
        while self.is_paused:
            await self._open.wait()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Have no request begin inside of it: they wait until it is over."""
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
        """While requests are paused, wait until none is being worked on.

        One that takes longer than ``grace_seconds`` is cut off: it has come to an end when this
        returns. An answer that is on its way to its client goes on: it is nobody's state.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        while self.tasks and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        tasks = [task for task in self.tasks if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
