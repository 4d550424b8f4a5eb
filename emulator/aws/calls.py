"""Calls of AWS's library, which blocks: each in a thread, its requests on the event loop.

The library finds the address, signs, tries again and parses in the thread, and so never delays the
event loop. Only the requests themselves are sent on the loop (``transport.py``): they can be
cancelled, they need no thread while a body is streamed, and a forked child shares no socket that
the loop does not know.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Executor, Future
from contextvars import ContextVar, copy_context
from typing import Any, Protocol, TypeVar

from emulator.core.failures import EngineUnavailableError

T = TypeVar("T")


class Body(Protocol):
    """The body of an answer, received while it is read."""

    async def read(self, size: int) -> bytes:
        """Return the next bytes, at most ``size``; none at the end.

        Raises:
            BotoCoreError: the connection failed.
        """

    def close(self) -> None:
        """Give up the rest, and the connection with it. Closing twice is allowed."""


class _Answered:
    """The body of an answer that came from a handler of the library's events, such as moto's, which
    has all of it."""

    def __init__(self, body: Any) -> None:
        self._body = body

    async def read(self, size: int) -> bytes:
        content: bytes = self._body.read(size)
        return content

    def close(self) -> None:
        self._body.close()


class GivenUpError(BaseException):
    """The caller waits no longer. It passes through the library, which handles each Exception."""


class Call:
    """One call: what its thread and the event loop tell each other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: Future[Any] | None = None
        self._given_up = False
        self.body: Body | None = None
        """The body of the answer, if it is streamed. Only the event loop uses it."""

    def wait_for(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do ``work`` on the event loop, and return its result or raise its error.

        Only the thread of the call waits.

        Raises:
            GivenUpError: the caller was cancelled.
        """
        guarded = self._unless_given_up(work)
        try:
            waiting = asyncio.run_coroutine_threadsafe(guarded, self._loop)
        except RuntimeError:  # The event loop has ended.
            guarded.close()
            raise GivenUpError from None
        self._waiting = waiting
        if self._given_up:  # `give_up` may not have seen what it had to cancel.
            waiting.cancel()
        try:
            return waiting.result()
        except CancelledError:
            raise GivenUpError from None

    async def _unless_given_up(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do ``work``, unless the call is given up: S3 must not be asked to remove an object after
        the client was told that this had failed."""
        if self._given_up:
            raise GivenUpError
        return await work()

    def give_up(self) -> None:
        """End the call soon: nobody waits for it. Only the event loop calls this."""
        self._given_up = True
        if self._waiting is not None:
            self._waiting.cancel()
        self.drop_body()

    def drop_body(self) -> None:
        """Close the body. Only the event loop calls this."""
        if self.body is not None:
            self.body.close()
            self.body = None


_CALL: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """Return the call whose thread this is."""
    return _CALL.get()


_CLOSED = "AWS is not called any more, since the emulator stops"


class Client:
    """A client of one service, for the event loop.

    Args:
        client: the client of the library, which threads may share.
        threads: run the calls, as many at one time as there are threads.
    """

    def __init__(self, client: Any, threads: Executor) -> None:
        self.meta = client.meta
        """What the library says of its client, and its events."""
        self._client = client
        self._threads = threads
        self._calls: set[Call] = set()
        self._is_closed = False

    async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Call ``operation``, a method of the library's client; return the answer in its form.

        A body that is streamed is a ``Body``.

        Raises:
            EngineUnavailableError: the client is closed, or was closed meanwhile.
        """
        if self._is_closed:
            raise EngineUnavailableError(_CLOSED)
        call = Call()
        self._calls.add(call)
        try:
            answer = await self._in_thread(
                call, functools.partial(getattr(self._client, operation), **params)
            )
        except GivenUpError:  # To a caller who is cancelled, asyncio has said so before.
            raise EngineUnavailableError(_CLOSED) from None
        except BaseException:
            call.give_up()
            raise
        finally:
            self._calls.discard(call)
        if call.body is not None:
            answer["Body"] = call.body
        elif "Body" in answer:
            answer["Body"] = _Answered(answer["Body"])
        return answer

    def close(self) -> None:
        """Give up all calls, and make no more."""
        self._is_closed = True
        for call in self._calls:
            call.give_up()

    async def _in_thread(self, call: Call, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do ``work`` in a thread, in this context and that of the call."""
        context = copy_context()
        context.run(_CALL.set, call)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, context.run, work)
