"""Answers to bytes that are no HTTP request: what aiohttp's parser refuses, or lets pass.

No answer quotes what was received: it may hold an API key.
"""

from __future__ import annotations

import logging
import re
from typing import TypedDict

from aiohttp import hdrs
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong

from emulator.core.path_templates import PathTemplates
from emulator.core.routes import Resource, parse_target
from emulator.http.endpoint import Table
from emulator.http.head import HTTP_1_0, HTTP_1_1
from emulator.http.message import Request, Response
from emulator.http.render import CORS, error_response, method_not_allowed, not_found

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

_REQUEST_LINE = re.compile(r"b(['\"])([^\s\\]+) ([^\s\\]+) HTTP/1\.[01]\1")


class FramingError(HttpProcessingError):
    """A request of a version, or with a body in a form, that is not served.

    ``code`` is the status of the answer.
    """


def framing_error(request: Request) -> FramingError | None:
    """What is wrong with the version or the transfer encoding of a request, if anything (D119).

    aiohttp's parsers differ in what they let pass.
    """
    if request.version not in (HTTP_1_0, HTTP_1_1):
        return FramingError(code=400, message="The request is neither HTTP/1.0 nor HTTP/1.1")
    encodings = ",".join(request.headers.getall(hdrs.TRANSFER_ENCODING, ())).lower().split(",")
    names = [name.strip(" \t") for name in encodings]
    if names == [""]:
        return None
    if request.version == HTTP_1_0:
        return FramingError(code=400, message="HTTP/1.0 has no Transfer-Encoding")
    if names == ["chunked"]:
        return None
    if names[-1] != "chunked" or "chunked" in names[:-1]:
        return FramingError(code=400, message=_NOT_HTTP)
    return FramingError(code=501, message="Transfer-Encoding: only chunked is supported")


def refuse(
    error: HttpProcessingError,
    table: Table,
    templates: PathTemplates,
    *,
    cors: bool,
) -> Response:
    """The answer to what the parser refused (D25, D33), with CORS headers where its message has an
    object's path (D102)."""
    logger.debug("Refused a malformed request: %s", type(error).__name__)
    if isinstance(error, FramingError):
        return error_response(error.code, error.message)
    if isinstance(error, BadHttpMethod):
        return _unknown_method(error.message, table, templates, cors=cors)
    if isinstance(error, LineTooLong):
        if LIMITS["max_line_size"] in error.args:
            return error_response(400, "The request line is too long")
        return error_response(431, "A header of the request is too long")
    if error.message == "Too many headers received":
        return error_response(431, "The request has too many headers")
    return error_response(400, _NOT_HTTP)


def _unknown_method(
    message: str, table: Table, templates: PathTemplates, *, cors: bool
) -> Response:
    """The answer to a method that the parser does not know. Its message holds the request line."""
    line = _REQUEST_LINE.search(message)
    if line is None:
        return error_response(400, _NOT_HTTP)
    method, target = line.group(2), parse_target(line.group(3), templates)
    allowed = None if target.resource is None else table.get(target.resource)
    if allowed is None:
        return not_found(target.path)
    if method in allowed:
        return error_response(400, _NOT_HTTP)
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
