"""Event loop in its own thread, for synchronous callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_CANCELLATIONS = 3
"""How many times a task that remains is cancelled."""

_CANCELLATION_SECONDS = 0.05
"""How long each cancellation may take."""


class LoopThread:
    """Runs an event loop until ``end``."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` in the loop, and return its result or raise its error.

        Raises:
            RuntimeError: the caller is in the loop's own thread, which would wait for itself.
        """
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("an observer runs in the emulator's thread, and must not call it")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def end(self) -> None:
        """Cancel the remaining tasks, close the generators, and end the loop and the thread.

        A task that does not heed this is given up, such as one that waits for a thread.
        """
        self.call(_end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


async def _end_tasks() -> None:
    for _ in range(_CANCELLATIONS):  # Python before 3.12 may lose one.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if not tasks:
            break
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_CANCELLATION_SECONDS)
    await asyncio.get_running_loop().shutdown_asyncgens()
