"""Reads what the service needs from HTTP requests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import NoReturn

from aiohttp import StreamReader, hdrs

from emulator.core.errors import BadRequestError, RequestTimeoutError
from emulator.core.headers import ACTING_MEMBER
from emulator.core.json_text import parsed
from emulator.core.response_fault import CutOffError
from emulator.core.routes import parameter
from emulator.http.endpoint import Incoming
from emulator.http.message import BodyError, Request
from emulator.http.timeouts import StalledBodyError
from emulator.service.account.pages import PageRequest
from emulator.service.console import Sender
from emulator.tls.hosts import OWN_NAME

MAX_DOCUMENT_BYTES = 1024 * 1024
"""The largest JSON body that is read."""

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")


CellOf = Callable[[str], "str | None"]
"""Returns the cell of a host, given without a port; None if the emulator does not play it."""


def sender(incoming: Incoming) -> Sender:
    """The sender of the request, and the member that it names as the actor."""
    return Sender(incoming.operation, incoming.request.headers.getall(ACTING_MEMBER, ()))


def authority(incoming: Incoming) -> str:
    """The host, and the port if given, under which the client knows the emulator.

    Raises:
        BadRequestError: the ``Host`` header is no host.
    """
    host = incoming.request.headers.get(hdrs.HOST, "")
    if host_name(host) is None:
        raise BadRequestError("The Host header is needed, and must be a host")
    return host


def endpoint_of(incoming: Incoming) -> str:
    """The URL at which the client reaches the emulator.

    Raises:
        BadRequestError: the ``Host`` header is no host.
    """
    return f"{incoming.request.peer.scheme}://{authority(incoming)}"


def host_name(host: str) -> str | None:
    """The name or address in a ``Host`` header; None where it is malformed."""
    found = _HOST.fullmatch(host)
    return None if found is None else (found.group(1) or found.group(2))


def asked_cell(incoming: Incoming, cell_of: CellOf) -> str:
    """The cell in which the client finds the emulator, without a port: that of a host of production
    that the emulator plays, otherwise its own (D51).

    Args:
        cell_of: returns the cell of a host that the emulator plays, or None.
    """
    return cell_of(host_name(incoming.request.headers.get(hdrs.HOST, "")) or "") or OWN_NAME


def page_request(incoming: Incoming) -> PageRequest:
    """The requested page of a list."""
    query = incoming.target.query
    return PageRequest(parameter(query, "limit"), parameter(query, "next_token"))


def _raise_incomplete(content: StreamReader, error: Exception) -> NoReturn:
    """Say that the body has ended early or is framed wrongly, if ``error`` is of that kind.

    Raises:
        BadRequestError: it is.
        Exception: the same error, if it is not.
    """
    if isinstance(error, (OSError, BodyError)) or error is content.exception():
        raise BadRequestError("The body ended before it was complete") from error
    raise error


@dataclass(slots=True)
class Body:
    """A request's body, in the pieces in which it arrives; it can be read once.

    The time spent waiting for the client is added to the operation's ``client_time``.

    Iterating raises ``BadRequestError`` where the body ends before its declared end, or is framed
    wrongly (D21), ``RequestTimeoutError`` where it stops coming (D120), and ``CutOffError`` where a
    fault closes the connection before.
    """

    incoming: Incoming
    _received: int = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        incoming = self.incoming
        request, operation, content = incoming.request, incoming.operation, incoming.request.content
        try:
            chunk = content.read_nowait()
            if not chunk and not content.at_eof():
                waits_since = incoming.clock.now()
                try:
                    request.peer.await_body()
                    if hdrs.EXPECT in request.headers and not self._received:
                        await _continue(request)
                    chunk = await content.readany()
                finally:
                    request.peer.body_came()
                    operation.client_time += incoming.clock.since(waits_since)
        except StalledBodyError as error:
            raise RequestTimeoutError("The body stopped coming") from error
        except Exception as error:
            _raise_incomplete(content, error)
        self._received += len(chunk)
        fault = operation.response_fault
        if fault is not None and fault.received is not None and self._received >= fault.received:
            raise CutOffError(reset=fault.reset)
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def at_once(self) -> bytes | None:
        """The whole body, if it is here; else None, and nothing is read."""
        content, fault = self.incoming.request.content, self.incoming.operation.response_fault
        if not content.is_eof() or content.exception() is not None:
            return None
        if fault is not None and fault.received is not None:
            return None
        return content.read_nowait()

    async def lost(self) -> None:
        """Wait, without reading, until all of the body is here.

        Raises:
            BadRequestError: the rest of it will not come: the connection is lost.
        """
        content = self.incoming.request.content
        try:
            await content.wait_eof()
        except Exception as error:
            _raise_incomplete(content, error)


async def json_document(incoming: Incoming) -> object:
    """The JSON document in the request's body.

    Raises:
        BadRequestError: it is not declared as JSON, is not JSON, or is too large (D13).
    """
    request = incoming.request
    if request.media_type != "application/json":
        raise BadRequestError("Invalid Content-Type: it must be application/json")
    return await any_json_document(incoming)


async def any_json_document(incoming: Incoming) -> object:
    """The JSON document in the request's body, whatever it is declared as: for requests that only
    an emulator has (D54).

    Raises:
        BadRequestError: it is not JSON, is too large, or has a member twice.
    """
    return parsed(await _content(incoming))


async def document_for_cell(incoming: Incoming) -> object:
    """The JSON document of a request whose answer has the cell of ``asked_cell`` (D51).

    Raises:
        BadRequestError: the ``Host`` header is no host; see also ``any_json_document``.
    """
    authority(incoming)  # Here, since the key and the permission come first (D01).
    return await any_json_document(incoming)


async def json_document_if_any(incoming: Incoming, *, at_most: int = MAX_DOCUMENT_BYTES) -> object:
    """The JSON document of at most so many bytes in the request's body; an empty object where there
    is no body.

    Raises:
        BadRequestError: it is not JSON, is too large, or has a member twice.
    """
    content = await _content(incoming, at_most)
    return parsed(content) if content else {}


async def _content(incoming: Incoming, at_most: int = MAX_DOCUMENT_BYTES) -> bytes:
    content = bytearray()
    async for chunk in Body(incoming):
        content += chunk
        if len(content) > at_most:
            raise BadRequestError(f"The body is too large: at most {at_most} bytes")
    return bytes(content)


async def _continue(request: Request) -> None:
    """Send ``100 Continue`` to a client that waits for it, now that the request is admitted
    (D39)."""
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue" or request.version < (1, 1):
        return
    if not request.content.is_eof():
        request.peer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
