"""Which requests are being worked on, and how to have none of them for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

_POLL_SECONDS = 0.001


class InFlight:
    """The requests of the service between their arrival and their answer.

    Those for what only an emulator has are not part of it: one of them may be what asks for quiet.
    """

    def __init__(self) -> None:
        self._working: set[asyncio.Task[Any]] = set()
        self._pauses = 0
        self._open = asyncio.Event()
        self._open.set()

    @property
    def is_paused(self) -> bool:
        """Whether a request that comes has to wait."""
        return self._pauses > 0

    async def wait(self) -> None:
        """Return once requests may begin."""
        while self._pauses:
            await self._open.wait()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count the running task as one that works on a request, inside the block."""
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        try:
            yield
        finally:
            self._working.discard(task)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Have no request begin inside of it: they wait until it is over."""
        self._pauses += 1
        self._open.clear()
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses:
                self._open.set()

    async def drain(self, *, grace_seconds: float) -> None:
        """While requests are paused, wait until none is being worked on.

        One that takes longer than ``grace_seconds`` is cut off: it has come to an end when this
        returns. An answer that is on its way to its client goes on: it is nobody's state.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        while self._working and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        tasks = list(self._working)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
