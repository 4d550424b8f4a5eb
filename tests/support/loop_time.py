"""The clock of an event loop, moved forward: a time-out that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from emulator import Emulator

_STEPS = 10
_STEP_SECONDS = 0.005


class LoopTime:
    """The clock by which ``loop`` ends what takes too long; nothing else there goes by it.

    So time-outs may be as long as they are for everybody, and no healthy call comes near them,
    however busy the machine is.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._real = loop.time
        self._ahead = 0.0
        self._stopped_at: float | None = None
        loop.time = self.now  # type: ignore[method-assign]

    @classmethod
    def of(cls, emulator: Emulator) -> LoopTime:
        """That of an emulator's thread."""
        assert emulator._thread is not None
        return cls(emulator._thread.loop)

    def now(self) -> float:
        """What time it is there, in seconds."""
        return self._real() + self._ahead if self._stopped_at is None else self._stopped_at

    def advance(self, seconds: float) -> None:
        """Move it on, from any thread: what is over by then ends in the loop's next round."""
        if _running_loop() is self._loop:
            self._advance(seconds)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._advance, seconds)

    @contextmanager
    def hurrying(self, timeout: float, *, times: int = 40) -> Iterator[None]:
        """Meanwhile have ``timeout`` pass again and again, at most so many ``times``.

        It is for where no call is healthy that is bounded by it.
        """
        ended = threading.Event()

        def hurry() -> None:
            for _ in range(times * _STEPS):
                if ended.wait(_STEP_SECONDS):
                    return
                self.advance(timeout / _STEPS)

        thread = threading.Thread(target=hurry)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def stand_still(self) -> None:
        """Have no time pass from now on, so that whoever waits for a time-out waits for ever."""
        self._stopped_at = self.now()

    def go_on(self) -> None:
        """Have time pass again."""
        self._ahead, self._stopped_at = self.now() - self._real(), None

    def _advance(self, seconds: float) -> None:
        self._ahead += seconds


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """That of this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
