"""Start tasks that do not belong to a request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


def in_background(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start ``work`` as a task with an empty context: a tier fault that applies to one request
    must not apply to background work that this request starts."""
    task: asyncio.Task[T] = Context().run(asyncio.get_running_loop().create_task, work)
    return task
