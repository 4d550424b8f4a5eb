"""Print a line for each request on the terminal of ``serve``, without slowing requests (D163).

A thread reads the journal some times a second, and only when there was a request. So requests pay
nothing, and a terminal that stands still holds nobody up but this thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
from collections.abc import Iterator

# Not late, as elsewhere: clients may have taken every descriptor.
import emulator.control.journal_follower  # noqa: F401
from emulator.control.call import Call
from emulator.control.request_line import request_line
from emulator.core.colors import wants_color
from emulator.core.one_line import json_in_one_line
from emulator.embedding import Emulator
from emulator.handles.journal import Following

LOOK_SECONDS = 0.2

_MOST = 100
"""The most lines to print at a look: nobody reads more, and a terminal is slow."""

_END_SECONDS = 0.5
"""How long to wait at the end for a terminal that stands still."""


@contextlib.contextmanager
def printing_requests(emulator: Emulator, *, as_json: bool) -> Iterator[None]:
    """Print a line on stderr for each request until the end of the block."""
    printer = _Printer(emulator.journal.follow(since=0), as_json=as_json)
    thread = threading.Thread(target=printer.run, name="momento-emulator-requests", daemon=True)
    thread.start()
    try:
        yield
    finally:
        printer.over.set()
        thread.join(_END_SECONDS)


class _Printer:
    def __init__(self, following: Following, *, as_json: bool) -> None:
        self.over = threading.Event()
        self._following = following
        self._as_json = as_json
        self._colored = wants_color(sys.stderr)

    def run(self) -> None:
        """Print until it is over, and then what is left."""
        with contextlib.suppress(OSError, RuntimeError):  # Nobody reads it, or all is over.
            while not self.over.wait(LOOK_SECONDS):
                self._print()
            self._print()

    def _print(self) -> None:
        if self._following.is_quiet:
            return
        calls, others = self._following.ended(_MOST)
        lines = [self._line(call) for call in calls]
        if others:
            lines.insert(0, self._count(others))
        # Past the buffer of `sys.stderr`, whose lock a log line may need meanwhile.
        left = memoryview("".join(f"{line}\n" for line in lines).encode(errors="replace"))
        while left:
            try:
                left = left[os.write(2, left) :]
            except BlockingIOError:  # Another program on this terminal may have made it so.
                select.select((), (2,), ())

    def _line(self, call: Call) -> str:
        if not self._as_json:
            return request_line(call.document(), colored=self._colored)
        members = ("method", "target", "status", "outcome", "duration_ms", "faults")
        document = call.document()
        return _json({"message": "request", **{name: document[name] for name in members}})

    def _count(self, others: int) -> str:
        if self._as_json:
            return _json({"message": "requests not shown", "count": others})
        return f"... {others} more"


def _json(document: object) -> str:
    return json_in_one_line(json.dumps(document))
