"""Answers to bytes that are no HTTP request: what aiohttp's parser refuses, or lets pass.

No answer quotes what was received: it may hold an API key.
"""

from __future__ import annotations

import logging
from typing import TypedDict

from aiohttp import hdrs

from emulator.core.headers import CORS
from emulator.core.path_templates import PathTemplates
from emulator.core.routes import Resource, parse_target
from emulator.http.endpoint import Table
from emulator.http.head import HTTP_1_0, HTTP_1_1
from emulator.http.message import Request, Response
from emulator.http.render import error_response, method_not_allowed, not_found

logger = logging.getLogger(__name__)


class Limits(TypedDict):
    """The limits that the parser enforces."""

    max_line_size: int
    max_field_size: int
    max_headers: int


LIMITS = Limits(max_line_size=17 * 1024, max_field_size=16 * 1024, max_headers=128)
"""The longest request line and the longest header in bytes, and the most headers. A request line
has room for the longest store name and key with every byte percent-encoded, several times over."""

_NOT_HTTP = "The request is not well-formed HTTP"


class MalformedError(Exception):
    """Bytes that are no HTTP request, or one of a form that is not served.

    ``status`` is that of the answer.
    """

    def __init__(self, message: str = _NOT_HTTP, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class LongRequestLineError(MalformedError):
    """The request line is longer than ``LIMITS`` allow."""

    def __init__(self) -> None:
        super().__init__("The request line is too long")


class LongHeaderError(MalformedError):
    """A header is longer than ``LIMITS`` allow."""

    def __init__(self) -> None:
        super().__init__("A header of the request is too long", 431)


class ManyHeadersError(MalformedError):
    """There are more headers than ``LIMITS`` allow."""

    def __init__(self) -> None:
        super().__init__("The request has too many headers", 431)


class UnknownMethodError(MalformedError):
    """A request line of HTTP/1.x, with a method that no parser knows."""

    def __init__(self, method: str, target: str) -> None:
        super().__init__()
        self.method = method
        self.target = target


def framing_error(request: Request) -> MalformedError | None:
    """What is wrong with the version or the transfer encoding of a request, if anything (D119).

    aiohttp's parsers differ in what they let pass.
    """
    if request.version not in (HTTP_1_0, HTTP_1_1):
        return MalformedError("The request is neither HTTP/1.0 nor HTTP/1.1")
    encodings = ",".join(request.headers.getall(hdrs.TRANSFER_ENCODING, ())).lower().split(",")
    names = [name.strip(" \t") for name in encodings]
    if names == [""]:
        return None
    if request.version == HTTP_1_0:
        return MalformedError("HTTP/1.0 has no Transfer-Encoding")
    if names == ["chunked"]:
        return None
    if names[-1] != "chunked" or "chunked" in names[:-1]:
        return MalformedError()
    return MalformedError("Transfer-Encoding: only chunked is supported", 501)


def refuse(
    error: MalformedError,
    table: Table,
    templates: PathTemplates,
    *,
    cors: bool,
) -> Response:
    """The answer to what the parser refused (D25, D33), with CORS headers where its message has an
    object's path (D102)."""
    logger.debug("Refused a malformed request: %s", type(error).__name__)
    if isinstance(error, UnknownMethodError):
        return _unknown_method(error, table, templates, cors=cors)
    return error_response(error.status, error.message)


def _unknown_method(
    error: UnknownMethodError, table: Table, templates: PathTemplates, *, cors: bool
) -> Response:
    """The answer to a method that the parser does not know."""
    method, target = error.method, parse_target(error.target, templates)
    allowed = None if target.resource is None else table.get(target.resource)
    if allowed is None:
        return not_found(target.path)
    if method in allowed:
        return error_response(error.status, error.message)
    response = method_not_allowed(method, target.path, allowed)
    if cors and target.resource is Resource.OBJECT:
        response.headers.update(CORS)
    return response


def _late_head() -> bytes:
    """The answer to a head that has not come in time, as bytes: there is no request to answer."""
    response = error_response(408, "The head of the request did not come in time")
    body = response.body
    assert isinstance(body, bytes)
    head = [
        "HTTP/1.1 408 Request Timeout",
        f"Content-Type: {response.headers[hdrs.CONTENT_TYPE]}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


LATE_HEAD = _late_head()
