"""What faults do to the body of an answer: it is late, cut short or slow."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.response_fault import CutOffError, Ending, ResponseFault
from emulator.http.pieces import write_in_pieces
from emulator.http.render import StreamedObject

PACE_SECONDS = 0.05
"""How often a slowed body is continued."""


async def send_badly(
    request: web.BaseRequest,
    response: web.StreamResponse,
    exchange: Exchange,
    clock: Clock,
    fault: ResponseFault,
) -> web.StreamResponse:
    """Send ``response`` as ``fault`` has it, and note it in ``exchange``; what has been sent.

    Raises:
        CutOffError: the connection is to be closed before the end of the body.
    """
    size = response.size if isinstance(response, StreamedObject) else len(_body_of(response))
    end = size if fault.sent is None else fault.sent.of(size)
    headers = response.headers.copy()
    headers[hdrs.CONTENT_LENGTH] = str(end if fault.ending is Ending.UNNOTICED else size)
    altered = web.StreamResponse(status=response.status, reason=response.reason, headers=headers)
    if response.keep_alive is False:
        altered.force_close()
    await altered.prepare(request)
    exchange.answered, exchange.response_headers = clock.ticks(), altered.headers
    if request.method != hdrs.METH_HEAD and size > 0:
        if fault.first_byte_delay:
            await fault.wait(fault.first_byte_delay)
        async for piece in _beginning_paced(_pieces(response), end, fault):
            await write_in_pieces(altered, piece, exchange)
        if end < size and fault.ending is not Ending.UNNOTICED:
            raise CutOffError(reset=fault.ending is Ending.RESET)
    await altered.write_eof()
    exchange.whole = True
    return altered


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


async def _pieces(response: web.StreamResponse) -> AsyncIterator[bytes | memoryview]:
    if not isinstance(response, StreamedObject):
        yield _body_of(response)
        return
    async for chunk in response.stream.chunks():
        yield chunk


def _body_of(response: web.StreamResponse) -> bytes:
    """The body of an answer that has it at hand."""
    body = response.body if isinstance(response, web.Response) else None
    return body if isinstance(body, bytes) else b""
