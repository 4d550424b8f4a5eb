"""Run a coroutine at once, and as a part of a task only from where it has to wait.

A task costs a turn of the event loop before its first step, and another before whoever waits for it
goes on. Most requests wait for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any


def begin(
    coroutine: Coroutine[Any, Any, None],
    task: asyncio.Task[None],
    loop: asyncio.AbstractEventLoop,
) -> Rest | None:
    """Run a coroutine as a part of ``task``, in a copy of the current context, until it has to
    wait; return the rest, or None if it has ended. No task may be running.

    Raises:
        BaseException: what the coroutine has raised.
    """
    context = copy_context()
    # With these two, which asyncio documents for those who extend it, `current_task` and the time
    # limits that use it find the task.
    asyncio._enter_task(loop, task)
    try:
        awaited = context.run(coroutine.send, None)
    except StopIteration:
        return None
    finally:
        asyncio._leave_task(loop, task)
    return Rest(coroutine, context, awaited)


class Rest:
    """What is left of a coroutine, for its task to await.

    Args:
        awaited: what the coroutine waits for.
    """

    def __init__(
        self, coroutine: Coroutine[Any, Any, None], context: Context, awaited: Any
    ) -> None:
        self._coroutine = coroutine
        self._context = context
        self._awaited = awaited
        self._cancellation: asyncio.CancelledError | None = None

    def cancel(self, cancellation: asyncio.CancelledError) -> None:
        """Have the coroutine cancelled where it waits: the task was, before it awaited this."""
        self._cancellation = cancellation

    def __await__(self) -> Generator[Any, Any, None]:
        """Run what is left, in the task."""
        run, awaited = self._context.run, self._awaited
        send, throw = self._coroutine.send, self._coroutine.throw
        if self._cancellation is not None:
            if isinstance(awaited, asyncio.Future):
                awaited.cancel()
            try:
                awaited = run(throw, self._cancellation)
            except StopIteration:
                return
        while True:
            try:
                value = yield awaited
            except BaseException as error:
                try:
                    awaited = run(throw, error)
                except StopIteration:
                    return
            else:
                try:
                    awaited = run(send, value)
                except StopIteration:
                    return
