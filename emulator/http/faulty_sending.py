"""What faults do to the body of an answer: it is late, cut short or slow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from aiohttp import hdrs

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.response_fault import CutOffError, Ending, ResponseFault
from emulator.http.head import render_head
from emulator.http.message import Request, Response
from emulator.http.pieces import write_in_pieces

PACE_SECONDS = 0.05
"""How often a slowed body is continued."""


async def send_badly(
    request: Request,
    response: Response,
    exchange: Exchange,
    clock: Clock,
    fault: ResponseFault,
) -> None:
    """Send ``response`` as ``fault`` has it, and note it in ``exchange``; a stream is closed.

    Raises:
        CutOffError: the connection is to be closed before the end of the body.
    """
    try:
        size = response.size or 0
        end = size if fault.sent is None else fault.sent.of(size)
        length = end if fault.ending is Ending.UNNOTICED else size
        response.headers["content-length"] = str(length)
        head = render_head(request, response)
        request.peer.write(head)
        exchange.answered, exchange.response_headers = clock.ticks(), response.headers
        exchange.sent_head = len(head)
        if request.method != hdrs.METH_HEAD and size > 0:
            if fault.first_byte_delay:
                await fault.wait(fault.first_byte_delay)
            async for piece in _beginning_paced(_pieces(response), end, fault):
                await write_in_pieces(request.peer, piece, exchange)
            if end < size and fault.ending is not Ending.UNNOTICED:
                raise CutOffError(reset=fault.ending is Ending.RESET)
        exchange.whole = True
    finally:
        await response.close()


async def _beginning_paced(
    pieces: AsyncIterator[bytes | memoryview], end: int, fault: ResponseFault
) -> AsyncIterator[memoryview]:
    """The first ``end`` bytes of a body, no faster than its rate."""
    step = end if fault.rate is None else max(1, int(fault.rate * PACE_SECONDS))
    async for piece in pieces:
        rest = memoryview(piece)[:end]
        end -= len(rest)
        while rest:
            if fault.rate is not None:
                await fault.wait(min(step, len(rest)) / fault.rate)
            yield rest[:step]
            rest = rest[step:]
        if end == 0:
            return


async def _pieces(response: Response) -> AsyncIterator[bytes | memoryview]:
    body = response.body
    if isinstance(body, bytes):
        yield body
    elif not isinstance(body, (Iterator, AsyncIterator)):
        async for chunk in body.chunks():
            yield chunk
