"""Ids, randomness and real time that test doubles of the standard library do not reach (D127).

An emulator often runs inside a test that replaces ``uuid.uuid4``, ``os.urandom`` or
``time.monotonic``, and may even be imported there. So all of the emulator takes these things from
here. This module takes them from C modules, and makes a copy of its own of ``time``, in which
neither ``unittest.mock`` nor freezegun finds anything to replace.
"""

from __future__ import annotations

import itertools
import os
import sys
from _random import Random as _Generator
from collections.abc import Callable, Container
from importlib import import_module
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec
from random import Random as Random
from time import struct_time
from typing import Any

if sys.platform == "win32":
    from nt import urandom
else:
    from posix import urandom


def _own_copy(name: str) -> Any:
    """Return a new instance of a built-in module; its functions are objects of their own."""
    spec = BuiltinImporter.find_spec(name)
    if spec is None:  # It is not built into this interpreter.
        return import_module(name)
    module = module_from_spec(spec)
    BuiltinImporter.exec_module(module)
    return module


_time = _own_copy("time")

time: Callable[[], float] = _time.time
"""Seconds since the Unix epoch by the system's clock."""

time_ns: Callable[[], int] = _time.time_ns
"""Nanoseconds since the Unix epoch by the system's clock."""

gmtime: Callable[[float], struct_time] = _time.gmtime
"""The calendar of an instant in UTC."""

monotonic: Callable[[], float] = _time.monotonic
"""Seconds of real time, from an arbitrary start."""

monotonic_ns: Callable[[], int] = _time.monotonic_ns
"""Nanoseconds of real time, from an arbitrary start."""

perf_counter_ns: Callable[[], int] = _time.perf_counter_ns
"""Nanoseconds of real time, with the best resolution."""

sleep: Callable[[float], None] = _time.sleep
"""Block this thread for a number of seconds."""

_COUNTED = 1 << 48

_numbers = itertools.count(int.from_bytes(urandom(6), "big"))

_generator = _Generator()

random_bits: Callable[[int], int] = _generator.getrandbits
"""Return an integer of so many random bits, fast, and not for secrets."""


def random_hex(count: int) -> str:
    """Return ``count`` random bytes as hexadecimal digits, good enough for secrets."""
    return urandom(count).hex()


def new_id(taken: Container[str] = ()) -> str:
    """Return an id that is not in ``taken``: 32 hexadecimal digits.

    After 80 random bits comes a number that no other id of this process has.
    """
    while True:
        drawn = f"{urandom(10).hex()}{next(_numbers) % _COUNTED:012x}"
        if drawn not in taken:
            return drawn


def _seed() -> None:
    _generator.seed(int.from_bytes(urandom(32), "big"))


_seed()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_seed)  # Two processes must not draw the same bits.
