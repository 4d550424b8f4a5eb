"""Event loop in its own thread, for synchronous callers."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from emulator.core.event_loop import EventLoop
from emulator.core.forks import let_go_of, release_in_children

_T = TypeVar("_T")

_CANCELLATIONS = 3
"""How many times a task that remains is cancelled."""

_CANCELLATION_SECONDS = 0.05
"""How long each cancellation may take."""


class LoopThread:
    """Runs an event loop until ``end``. A forked child has no such thread (D128)."""

    def __init__(self, name: str) -> None:
        self.loop = EventLoop()
        self._process = os.getpid()
        self._was_forked = False
        release_in_children(self)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` in the loop, and return its result or raise its error.

        Raises:
            RuntimeError: the caller is in the loop's own thread, which would wait for itself, or in
                a forked child.
        """
        try:
            self.require_own_process()
            self._require_other_thread()
        except RuntimeError:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def require_own_process(self) -> None:
        """Check that this is the process of the thread.

        Raises:
            RuntimeError: it is a child that was forked from it.
        """
        if self._was_forked:
            raise RuntimeError(
                f"this emulator runs in process {self._process}, from which this process was "
                "forked: send requests to its endpoint, or start another Emulator here"
            )

    def _require_other_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("an observer runs in the emulator's thread, and must not call it")

    @property
    def is_of_parent(self) -> bool:
        """Whether this process was forked from that of the thread."""
        return self._was_forked

    def let_go(self) -> None:
        """Release the sockets of the loop, in a forked child."""
        self._was_forked = True
        let_go_of(self.loop.descriptors())

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
