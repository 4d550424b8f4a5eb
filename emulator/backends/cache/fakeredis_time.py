"""The clock of a fakeredis server: real time, whatever a test has made of ``time.time`` (D127)."""

from __future__ import annotations

from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from emulator.core.private import time

_OUR_TIME = SimpleNamespace(time=time)


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
