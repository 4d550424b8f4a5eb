"""Work that belongs to nobody's request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


def in_background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Begin ``work`` as a task with nothing of the context in which it is asked for: what is wrong
    with a tier for one request is not wrong for what goes on behind it."""
    task: asyncio.Task[T] = Context().run(asyncio.get_running_loop().create_task, work)
    return task
