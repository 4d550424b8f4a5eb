"""A request and its answer, as handlers see them: neither knows a parser or a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import Protocol

from aiohttp import StreamReader, hdrs
from multidict import CIMultiDictProxy

from emulator.backends.storage.base import BodyStream


class BodyError(Exception):
    """The body of a request does not come to its end."""


class Peer(Protocol):
    """The connection over which a request has come."""

    transport: asyncio.Transport | None
    """None once the connection is lost."""

    remote: str | None
    """The IP address of the client, if it has one."""

    scheme: str
    """``http``, or ``https`` with TLS."""

    task: asyncio.Task[None]
    """Serves the connection, and so the request."""

    is_full: bool
    """Whether the client has not taken enough of what was written."""

    is_ending: bool
    """Whether there will be no request after those that have come."""

    @property
    def is_last(self) -> bool:
        """Whether no request follows the one that is being answered."""

    def write(self, data: bytes | memoryview) -> None:
        """Send ``data`` after what was written before.

        Raises:
            ConnectionError: the connection is lost.
        """

    async def drain(self) -> None:
        """Return once the client has taken most of what was written.

        Raises:
            ConnectionError: the connection is lost.
        """

    def await_body(self) -> None:
        """Note that a request waits for the next piece of its body.

        Raises:
            BodyError: it will not come.
        """

    def body_came(self) -> None:
        """Note that a request no longer waits for its body."""


class Request:
    """A request: its head, and its body as that arrives.

    ``target`` is as it came, percent-encoded; ``octets`` are the names and values of the headers as
    they came; ``content`` is the body.
    """

    __slots__ = (
        "content",
        "headers",
        "keeps_alive",
        "method",
        "octets",
        "peer",
        "target",
        "version",
    )

    def __init__(
        self,
        method: str,
        target: str,
        version: tuple[int, int],
        headers: CIMultiDictProxy[str],
        octets: Sequence[tuple[bytes, bytes]],
        keeps_alive: bool,
        content: StreamReader,
        peer: Peer,
    ) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.octets = octets
        self.keeps_alive = keeps_alive
        self.content = content
        self.peer = peer

    @property
    def content_length(self) -> int | None:
        """What ``Content-Length`` says, in bytes."""
        length = self.headers.get(hdrs.CONTENT_LENGTH)
        return None if length is None else int(length)

    @property
    def media_type(self) -> str | None:
        """The media type in ``Content-Type``, in lower case and without its parameters."""
        content_type = self.headers.get(hdrs.CONTENT_TYPE)
        return None if content_type is None else content_type.partition(";")[0].strip().lower()


class Response:
    """An answer: its status, its headers in their order, and its body.

    The answer keeps ``headers``, and adds to them. A stream is closed by whoever sends the answer.
    A text in pieces is made while it is sent, and its ``size`` in bytes is None; asynchronous ones
    are made as something happens.
    """

    __slots__ = ("body", "closes", "headers", "size", "status")

    def __init__(
        self,
        status: int,
        body: bytes | BodyStream | Iterator[str] | AsyncIterator[str] = b"",
        headers: dict[str, str] | None = None,
        size: int | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = {} if headers is None else headers
        self.size = len(body) if isinstance(body, bytes) else size
        self.closes = False

    async def close(self) -> None:
        """Release a stream that is not sent."""
        if isinstance(self.body, AsyncGenerator):
            await self.body.aclose()
        elif not isinstance(self.body, (bytes, Iterator, AsyncIterator)):
            await self.body.close()
