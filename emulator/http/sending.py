"""How an answer leaves: at once, in pieces, or from a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from aiohttp import hdrs

from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.response_fault import CutOffError
from emulator.core.slices import Pace
from emulator.http.faulty_sending import send_badly
from emulator.http.head import HTTP_1_1, render_head
from emulator.http.message import Peer, Request, Response
from emulator.http.pieces import WHOLE_BYTES, write_in_pieces


def is_small(response: Response, exchange: Exchange) -> bool:
    """Whether ``response`` can leave at once."""
    body, fault = response.body, exchange.operation.response_fault
    return (
        isinstance(body, bytes)
        and len(body) <= WHOLE_BYTES
        and (fault is None or fault.spares_the_body)
    )


def send_at_once(request: Request, response: Response, exchange: Exchange, clock: Clock) -> None:
    """Send a small ``response``, head and body in one piece, and note it in ``exchange``, except
    that it was sent to its end: the client may not have taken it yet.

    Raises:
        ConnectionError: the connection was lost.
    """
    head, body = render_head(request, response), response.body
    assert isinstance(body, bytes)
    if request.method == hdrs.METH_HEAD:
        body = b""
    request.peer.write(head + body)
    exchange.answered, exchange.response_headers = clock.ticks(), response.headers
    exchange.sent_head, exchange.sent = len(head), len(body)


async def send(request: Request, response: Response, exchange: Exchange, clock: Clock) -> None:
    """Send ``response`` to its end, and note it in ``exchange``; a stream is closed.

    Raises:
        ConnectionError: the connection was lost, or is to be closed.
    """
    peer, body = request.peer, response.body
    fault = exchange.operation.response_fault
    if fault is not None and not fault.spares_the_body:
        await send_badly(request, response, exchange, clock, fault)
        return
    try:
        head = render_head(request, response)
        peer.write(head)
        exchange.answered, exchange.response_headers = clock.ticks(), response.headers
        exchange.sent_head = len(head)
        if request.method == hdrs.METH_HEAD:
            pass
        elif isinstance(body, bytes):
            await write_in_pieces(peer, body, exchange)
        elif isinstance(body, Iterator):
            await _send_text(peer, body, exchange, in_chunks=request.version == HTTP_1_1)
        elif isinstance(body, AsyncIterator):
            await _send_live(peer, body, exchange, in_chunks=request.version == HTTP_1_1)
        else:
            await _send_stream(peer, body, response.size or 0, exchange)
        if peer.is_full:
            await peer.drain()
        exchange.whole = True
    finally:
        await response.close()


async def _send_text(
    peer: Peer, pieces: Iterator[str], exchange: Exchange, *, in_chunks: bool
) -> None:
    """Send a text that is made meanwhile."""
    pace = Pace()
    for piece in pieces:
        await _send_piece(peer, piece, exchange, in_chunks=in_chunks)
        await pace.step()
    if in_chunks:
        peer.write(b"0\r\n\r\n")


async def _send_live(
    peer: Peer, pieces: AsyncIterator[str], exchange: Exchange, *, in_chunks: bool
) -> None:
    """Send a text that is made as something happens, until its end or that of the connection."""
    async for piece in pieces:
        if peer.transport is None or peer.transport.is_closing() or peer.is_ending:
            raise ConnectionResetError("Connection lost")
        await _send_piece(peer, piece, exchange, in_chunks=in_chunks)
    if in_chunks:
        peer.write(b"0\r\n\r\n")


async def _send_piece(peer: Peer, piece: str, exchange: Exchange, *, in_chunks: bool) -> None:
    octets = piece.encode()
    if octets:
        peer.write(b"%x\r\n%b\r\n" % (len(octets), octets) if in_chunks else octets)
        exchange.sent += len(octets)
        await peer.drain()


async def _send_stream(peer: Peer, stream: BodyStream, size: int, exchange: Exchange) -> None:
    file: Any = stream.file
    if file is not None and peer.transport is not None:
        loop = asyncio.get_running_loop()
        try:
            exchange.sent = await loop.sendfile(peer.transport, file, 0, size)
        except NotImplementedError:
            pass
        except ConnectionError:
            exchange.sent = file.tell()
            raise
        else:
            if exchange.sent < size:
                raise CutOffError  # The file was cut short while it was sent.
            return
    async for chunk in stream.chunks():
        await write_in_pieces(peer, chunk, exchange)
