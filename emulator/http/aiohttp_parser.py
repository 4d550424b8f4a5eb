"""All that we use of aiohttp without documentation: its parser of requests, and what that needs.

No other module does (`ruff` refuses the imports), so a new release of aiohttp breaks nothing but
this one. `parser_check.py` tries at the start whether all of it is as we know it.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser, RawRequestMessage
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong

from emulator.http.malformed import (
    LIMITS,
    LongHeaderError,
    LongRequestLineError,
    MalformedError,
    ManyHeadersError,
    UnknownMethodError,
)
from emulator.http.message import BodyError
from emulator.http.serving import READ_AHEAD_BYTES

Head = RawRequestMessage
"""The head of a request, as the parser gives it."""

Parse = Callable[[bytes], tuple[Sequence[tuple[Head, StreamReader]], bool, bytes]]
"""The requests in data, whether the last one offers an upgrade behind which nothing was parsed, and
what was not parsed. Raises ``ParserError`` where the data is malformed."""

ParserError = HttpProcessingError
"""What the parser raises; `as_malformed` says it in our words."""

_REQUEST_LINE = re.compile(r"b(['\"])([^\s\\]+) ([^\s\\]+) HTTP/1\.[01]\1")

_TWO_UPGRADES = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n" * 2


class ParsingProtocol(BaseProtocol):
    """A connection with a parser, of which the parser and a body's stream pause the reading.

    Args:
        loop: the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._loop = loop  # A connection uses it, whatever the class above calls its own.
        self._parser: HttpRequestParser = HttpRequestParser(
            self,
            loop,
            READ_AHEAD_BYTES,
            payload_exception=BodyError,
            auto_decompress=False,  # D38: a body is stored as it was sent.
            **LIMITS,
        )
        self.parse: Parse = self._parser.feed_data  # As it is: a function of ours would cost.

    def decline_upgrade(self) -> None:
        """Parse on behind a request that has offered an upgrade."""
        self._parser.set_upgraded(False)

    def resume_reading(self, *arguments: Any, **options: Any) -> None:
        """Read on, if that was paused: aiohttp asks for it after each body."""
        if self._reading_paused:
            super().resume_reading(*arguments, **options)

    @property
    def is_body_full(self) -> bool:
        """Whether reading is paused, because a body has more than its reader has taken."""
        return self._reading_paused

    async def drain(self) -> None:
        """Return once the client has taken most of what was written.

        Raises:
            ConnectionError: the connection is lost.
        """
        await self._drain_helper()


def fail(body: StreamReader, error: BaseException) -> None:
    """Have whoever reads ``body`` get ``error``."""
    body.set_exception(error)


def as_malformed(error: ParserError) -> MalformedError:
    """What the parser found to be wrong, in our words."""
    if isinstance(error, BadHttpMethod):
        line = _REQUEST_LINE.search(error.message)
        return (
            MalformedError() if line is None else UnknownMethodError(line.group(2), line.group(3))
        )
    if isinstance(error, LineTooLong):
        is_request_line = LIMITS["max_line_size"] in error.args
        return LongRequestLineError() if is_request_line else LongHeaderError()
    if error.message == "Too many headers received":
        return ManyHeadersError()
    return MalformedError()


@functools.cache
def drops_behind_upgrade() -> bool:
    """Whether the parser drops what follows a request that offers a protocol unknown to it."""
    protocol: Any = object()
    parser: Any = HttpRequestParser(protocol, asyncio.get_running_loop(), READ_AHEAD_BYTES)
    requests, _, _ = parser.feed_data(_TWO_UPGRADES)
    return len(requests) < 2
