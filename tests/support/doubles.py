"""Replacements for functions of the standard library, as tests of other projects make them."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

REPLACED: dict[str, tuple[Any, tuple[str, ...]]] = {
    "uuid": (uuid, ("uuid1", "uuid4")),
    "os": (os, ("urandom",)),
    "secrets": (secrets, ("choice", "randbelow", "token_bytes", "token_hex", "token_urlsafe")),
    "random": (random, ("choice", "getrandbits", "randbytes", "randint", "random", "uniform")),
    "time": (
        time,
        (
            "gmtime",
            "localtime",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "sleep",
            "strftime",
            "time",
            "time_ns",
        ),
    ),
    "tempfile": (tempfile, ("NamedTemporaryFile", "TemporaryFile", "mkdtemp", "mkstemp")),
    "asyncio": (asyncio, ("sleep", "wait_for")),
}
"""By module, the functions that tests replace."""

NAMES = [f"{name}.{each}" for name, (_, functions) in REPLACED.items() for each in functions]


class Replacement(NamedTuple):
    """A function to be replaced: its module, its name, and what it is really."""

    module: Any
    name: str
    real: Callable[..., Any]


def replacements() -> list[Replacement]:
    return [
        Replacement(module, name, getattr(module, name))
        for module, names in REPLACED.values()
        for name in names
    ]


class Watch:
    """Replaces functions by ones that note who calls them from another thread than this one."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._own = threading.current_thread()

    def double_of(self, replaced: Replacement) -> Callable[..., Any]:
        def double(*arguments: Any, **options: Any) -> Any:
            if threading.current_thread() is not self._own:
                self.calls.append(f"{replaced.module.__name__}.{replaced.name}")
            return replaced.real(*arguments, **options)

        return double
