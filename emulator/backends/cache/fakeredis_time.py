"""The clock of fakeredis servers: real time, whatever a test has made of ``time.time`` (D127)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from emulator.core.private import time

CLOCK = SimpleNamespace(time=time)
"""Used by fakeredis in place of the module ``time``. ``CLOCK.time()`` is in seconds since the Unix
epoch."""

_swapping = threading.Lock()


@contextmanager
def real_time() -> Iterator[None]:
    """Have all of fakeredis read real time inside the block, which must be short: the servers that
    a test makes for its own use read it as well.

    fakeredis reads the time in several of its modules: when a server and its connections are made,
    and for each command.
    """
    with _swapping:
        real = [(names, names["time"]) for names in _names_of_modules(len(sys.modules))]
        for names, _ in real:
            names["time"] = CLOCK
        try:
            yield
        finally:
            for names, original in real:
                names["time"] = original


@lru_cache(maxsize=1)
def _names_of_modules(_imported: int) -> list[dict[str, Any]]:
    """The global names of each module of fakeredis that uses the module ``time``.

    They are found again when more modules are imported, which their number shows.
    """
    return [
        vars(module)
        for name, module in [*sys.modules.items()]
        if name.startswith("fakeredis.") and hasattr(vars(module).get("time"), "time")
    ]
