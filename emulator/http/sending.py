"""How an answer leaves: in one piece, from a stream, or as a fault would have it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.operation import Operation
from emulator.core.response_fault import CutOffError, Ending, ResponseFault
from emulator.http.render import StreamedObject, service_error

PACE_SECONDS = 0.05
"""How often a body that is slowed down goes on."""


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
        transfer = exchange.operation.response_fault
        if transfer is not None and not transfer.spares_the_body:
            return await _send_badly(request, response, exchange, clock, transfer)
        await response.prepare(request)
        exchange.answered = clock.ticks()
        exchange.status, exchange.response_headers = response.status, response.headers
        if isinstance(response, StreamedObject) and request.method != hdrs.METH_HEAD:
            await _send_stream(request, response, exchange)
        await response.write_eof()
        if stream is None and request.method != hdrs.METH_HEAD:
            exchange.sent = len(_body(response))
        exchange.whole = True
        return response
    finally:
        if stream is not None:
            await stream.close()


async def replaced(
    response: web.StreamResponse, operation: Operation, path: str
) -> web.StreamResponse:
    """What is answered in place of ``response``, now that the operation on ``path`` has been done.

    Raises:
        CutOffError: it is nothing.
    """
    transfer = operation.response_fault
    assert transfer is not None
    if transfer.answer_delay:
        try:
            await transfer.wait(transfer.answer_delay)
        except BaseException:
            if isinstance(response, StreamedObject):
                await response.stream.close()
            raise
    error = transfer.replacement if response.status < 400 else None
    if (transfer.lost or error is not None) and isinstance(response, StreamedObject):
        await response.stream.close()
    if transfer.lost:
        raise CutOffError(reset=transfer.reset)
    if error is None:
        return response
    operation.status, operation.outcome = error.status, error.outcome
    return service_error(error, path)


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
        await response.write(chunk)
        exchange.sent += len(chunk)


async def _send_badly(
    request: web.BaseRequest,
    response: web.StreamResponse,
    exchange: Exchange,
    clock: Clock,
    transfer: ResponseFault,
) -> web.StreamResponse:
    size = response.size if isinstance(response, StreamedObject) else len(_body(response))
    end = size if transfer.sent is None else transfer.sent.of(size)
    headers = response.headers.copy()
    headers[hdrs.CONTENT_LENGTH] = str(end if transfer.ending is Ending.UNNOTICED else size)
    altered = web.StreamResponse(status=response.status, reason=response.reason, headers=headers)
    if response.keep_alive is False:
        altered.force_close()
    await altered.prepare(request)
    exchange.answered = clock.ticks()
    exchange.status, exchange.response_headers = altered.status, altered.headers
    if request.method != hdrs.METH_HEAD and size > 0:
        if transfer.first_byte_delay:
            await transfer.wait(transfer.first_byte_delay)
        async for piece in _paced(_pieces(response), end, transfer):
            await altered.write(piece)
            exchange.sent += len(piece)
        if end < size and transfer.ending is not Ending.UNNOTICED:
            raise CutOffError(reset=transfer.ending is Ending.RESET)
    await altered.write_eof()
    exchange.whole = True
    return altered


async def _paced(
    pieces: AsyncIterator[bytes | memoryview], end: int, transfer: ResponseFault
) -> AsyncIterator[memoryview]:
    """The first ``end`` bytes of a body, no faster than its rate."""
    step = end if transfer.rate is None else max(1, int(transfer.rate * PACE_SECONDS))
    async for piece in pieces:
        rest = memoryview(piece)[:end]
        end -= len(rest)
        while rest:
            if transfer.rate is not None:
                await transfer.wait(min(step, len(rest)) / transfer.rate)
            yield rest[:step]
            rest = rest[step:]
        if end == 0:
            return


async def _pieces(response: web.StreamResponse) -> AsyncIterator[bytes | memoryview]:
    if not isinstance(response, StreamedObject):
        yield _body(response)
        return
    async for chunk in response.stream.chunks():
        yield chunk


def _body(response: web.StreamResponse) -> bytes:
    """The body of an answer that has it at hand."""
    body = response.body if isinstance(response, web.Response) else None
    return body if isinstance(body, bytes) else b""
