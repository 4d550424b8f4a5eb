"""The clock of a fakeredis server: real time, whatever a test has made of ``time.time`` (D127)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from emulator.core.private import time

_OUR_TIME = SimpleNamespace(time=time)

_swapping = threading.Lock()


@contextmanager
def real_time() -> Iterator[None]:
    """Have all of fakeredis read real time inside the block, which makes a server and nothing else.

    A new server and its connections note when they were made, in several places.
    """
    with _swapping:
        real = [
            (vars(module), vars(module)["time"])
            for name, module in [*sys.modules.items()]
            if name.startswith("fakeredis.") and hasattr(vars(module).get("time"), "time")
        ]
        for names, _ in real:
            names["time"] = _OUR_TIME
        try:
            yield
        finally:
            for names, original in real:
                names["time"] = original


def use_real_time(socket: Any) -> None:
    """Have the commands that ``socket`` gets read real time.

    fakeredis reads the time once for each command, in one method. The socket gets a copy of that
    method with another module ``time``: to replace it in fakeredis itself would also change the
    servers that a test makes for its own use.
    """
    method = socket._process_command
    original = method.__func__
    copied = FunctionType(
        original.__code__,
        {**original.__globals__, "time": _OUR_TIME},
        original.__name__,
        original.__defaults__,
        original.__closure__,
    )
    socket._process_command = MethodType(copied, socket)
