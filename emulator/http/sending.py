"""How an answer leaves: at once, in pieces, or from a stream."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.private import time_ns
from emulator.core.response_fault import CutOffError
from emulator.http.date import Date
from emulator.http.faulty_sending import send_badly
from emulator.http.pieces import WHOLE_BYTES, write_in_pieces
from emulator.http.render import StreamedObject

_NANOSECONDS = 1_000_000_000

_now = Date()


async def send(
    request: web.BaseRequest, response: web.StreamResponse, exchange: Exchange, clock: Clock
) -> web.StreamResponse:
    """Send ``response`` to its end, and note it in ``exchange``; a stream is closed. What has been
    sent, which may be another answer with the same body.

    Raises:
        ConnectionError: the connection was lost, or is to be closed.
    """
    stream = response.stream if isinstance(response, StreamedObject) else None
    try:
        second = time_ns() // _NANOSECONDS
        if second != _now.second:
            _now.set(second)
        response.headers.setdefault(hdrs.DATE, _now.text)
        fault = exchange.operation.response_fault
        if fault is not None and not fault.spares_the_body:
            return await send_badly(request, response, exchange, clock, fault)
        await response.prepare(request)
        exchange.answered, exchange.response_headers = clock.ticks(), response.headers
        if request.method == hdrs.METH_HEAD:
            await response.write_eof()
        elif isinstance(response, StreamedObject):
            await _send_stream(request, response, exchange)
            await response.write_eof()
        elif (size := response.content_length or 0) > WHOLE_BYTES:
            await _send_large(response, exchange)
        else:
            await response.write_eof()
            exchange.sent = size
        exchange.whole = True
        return response
    finally:
        if stream is not None:
            await stream.close()


async def _send_large(response: web.StreamResponse, exchange: Exchange) -> None:
    """Send an answer that has a large body at hand."""
    body = response.body if isinstance(response, web.Response) else None
    assert isinstance(body, bytes)
    await write_in_pieces(response, body, exchange)
    await web.StreamResponse.write_eof(response)  # web.Response's own would write the body again.


async def _send_stream(
    request: web.BaseRequest, response: StreamedObject, exchange: Exchange
) -> None:
    file = response.stream.file
    if file is not None and request.transport is not None:
        loop = asyncio.get_running_loop()
        try:
            exchange.sent = await loop.sendfile(request.transport, file, 0, response.size)
        except NotImplementedError:
            pass
        except ConnectionError:
            exchange.sent = file.tell()
            raise
        else:
            if exchange.sent < response.size:
                raise CutOffError  # The file was cut short while it was sent.
            return
    async for chunk in response.stream.chunks():
        await write_in_pieces(response, chunk, exchange)
