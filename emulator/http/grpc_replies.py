"""Replies of gRPC: how a call's message is framed, and how its answer is sent.

A reply is one message between a head and trailers, or an error in trailers alone.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from emulator.core.clock import Clock
from emulator.core.errors import BadRequestError, InternalError, ServiceError
from emulator.core.exchange import Exchange
from emulator.core.failures import EngineUnavailableError
from emulator.core.response_fault import CutOffError, ResponseFault
from emulator.http.calls import Call, Headers
from emulator.http.faulty_sending import PACE_SECONDS

logger = logging.getLogger(__name__)

CONTENT_TYPE = b"application/grpc"

OK, RESOURCE_EXHAUSTED, UNIMPLEMENTED, _INTERNAL = 0, 8, 12, 13

_STATUSES: Mapping[int, int] = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    408: 4,  # DEADLINE_EXCEEDED
    409: 6,  # ALREADY_EXISTS
    412: 9,  # FAILED_PRECONDITION
    429: RESOURCE_EXHAUSTED,
    500: _INTERNAL,
    503: 14,  # UNAVAILABLE
}
"""gRPC's status of each error, by its HTTP status."""

_PREFIX = struct.Struct(">BI")
"""What stands before a message: whether it is compressed, and its length."""


class Reply(NamedTuple):
    """What a call is answered with."""

    status: int
    text: str = ""
    message: bytes = b""


def message_in(body: bytes) -> bytes:
    """The one message of a call.

    Raises:
        BadRequestError: it is not there, or compressed.
    """
    if len(body) < _PREFIX.size:
        raise BadRequestError("The call must have one message")
    is_compressed, size = _PREFIX.unpack_from(body)
    if size != len(body) - _PREFIX.size:
        raise BadRequestError("The call must have one message")
    if is_compressed:
        raise BadRequestError("The message is compressed; send it as it is")
    return body[_PREFIX.size :]


def reply_of_failure(operation: str, error: BaseException) -> Reply:
    """The reply that says with which error an operation has failed.

    Raises:
        BaseException: there is none to be given.
    """
    if isinstance(error, ServiceError):
        return Reply(_STATUSES.get(error.status, _INTERNAL), error.message)
    if isinstance(error, CutOffError) or not isinstance(error, Exception):
        raise error
    logger.error(
        "%s failed: %s",
        operation,
        error,
        exc_info=None if isinstance(error, EngineUnavailableError) else error,
    )
    return Reply(_INTERNAL, InternalError().message)


async def send_reply(call: Call, exchange: Exchange, reply: Reply, clock: Clock) -> None:
    """Send ``reply`` as the fault rules have it, and note it in ``exchange``.

    Raises:
        ConnectionError: the connection is lost, or is to be closed.
    """
    head = [(b":status", b"200"), (b"content-type", CONTENT_TYPE)]
    trailers = [(b"grpc-status", str(reply.status).encode())]
    if reply.text:
        trailers.append((b"grpc-message", quote(reply.text, safe=" !#$&'()*+,/:;=?@[]").encode()))
    send = call.connection.send_headers
    if reply.status != OK:
        send(call, [*head, *trailers], is_last=True)
        note_head(exchange, clock, [*head, *trailers])
        return
    send(call, head)
    note_head(exchange, clock, [*head, *trailers])
    framed = _PREFIX.pack(0, len(reply.message)) + reply.message
    fault = exchange.operation.response_fault
    if fault is None or fault.spares_the_body:
        await call.connection.send_data(call, framed)
        exchange.sent = len(framed)
    else:
        await _send_badly(call, exchange, framed, fault)
    send(call, trailers, is_last=True)


def note_head(exchange: Exchange, clock: Clock, headers: Headers) -> None:
    """Note in ``exchange`` that the head of its answer has left."""
    exchange.answered = clock.ticks()
    exchange.response_headers = {
        name.decode(): value.decode() for name, value in headers if name != b":status"
    }
    exchange.sent_head = sum(len(name) + len(value) for name, value in headers)


async def _send_badly(call: Call, exchange: Exchange, framed: bytes, fault: ResponseFault) -> None:
    """Send a message as ``fault`` has it. A part of one never looks like the whole.

    Raises:
        CutOffError: the connection is to be closed before the end.
    """
    end = len(framed) if fault.sent is None else fault.sent.of(len(framed))
    step = end if fault.rate is None else max(1, int(fault.rate * PACE_SECONDS))
    if fault.first_byte_delay:
        await fault.wait(fault.first_byte_delay)
    for begin in range(0, end, step or 1):
        piece = framed[begin : min(begin + step, end)]
        if fault.rate is not None:
            await fault.wait(len(piece) / fault.rate)
        await call.connection.send_data(call, piece)
        exchange.sent += len(piece)
    if end < len(framed):
        raise CutOffError(reset=fault.resets_the_body)
