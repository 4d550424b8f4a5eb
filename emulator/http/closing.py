"""When a connection cannot go on after an answer, and how it is closed before the answer's end."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import hdrs

from emulator.core.response_fault import CutOffError
from emulator.http.message import Peer, Request

_RESET = struct.pack("ii", 1, 0)  # Linger for no time: what was not sent is dropped.


def is_out_of_step(request: Request) -> bool:
    """Whether it is unknown where the next request begins: the body was malformed, the client was
    never told to continue and may or may not send it, or it is to be a tunnel."""
    content = request.content
    if content.exception() is not None:
        return True
    is_open = hdrs.EXPECT in request.headers or request.method == hdrs.METH_CONNECT
    return not content.is_eof() and is_open


def cut_off(peer: Peer, cut: CutOffError) -> None:
    """Close the connection: with a reset at once, or after the written data has been sent."""
    if not cut.reset:
        peer.close()
    elif peer.transport is not None:
        reset_at_once(peer.transport)


def reset_at_once(transport: asyncio.Transport) -> None:
    """Reset the connection; what was not sent is dropped."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
