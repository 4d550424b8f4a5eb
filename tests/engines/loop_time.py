"""The clock of an event loop, moved forward: a time-out that nobody has to wait for."""

from __future__ import annotations

import asyncio


class LoopTime:
    """The clock by which ``loop`` ends what takes too long; nothing else there goes by it.

    So time-outs may be as long as they are for everybody, and no healthy call comes near them,
    however busy the machine is.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ahead = 0.0
        as_it_is = loop.time
        loop.time = lambda: as_it_is() + self._ahead  # type: ignore[method-assign]

    def advance(self, seconds: float) -> None:
        """Move it on, from any thread: what is over by then ends in the loop's next round."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._advance, seconds)

    def _advance(self, seconds: float) -> None:
        self._ahead += seconds
