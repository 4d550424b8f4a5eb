"""Answers to bytes that are no HTTP request: what aiohttp's parser refuses.

No answer quotes what was received: it may hold an API key.
"""

from __future__ import annotations

import logging
import re
from typing import TypedDict

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong

from emulator.core.errors import InternalError
from emulator.core.path_templates import PathTemplates
from emulator.core.routes import Resource, parse_target
from emulator.http.endpoint import Table
from emulator.http.render import CORS, error_response, method_not_allowed, not_found, service_error

logger = logging.getLogger(__name__)


class Limits(TypedDict):
    """The limits that the parser enforces."""

    max_line_size: int
    max_field_size: int
    max_headers: int


LIMITS = Limits(max_line_size=17 * 1024, max_field_size=16 * 1024, max_headers=128)
"""The longest request line and the longest header in bytes, and the most headers. A request line
has room for the longest store name and key with every byte percent-encoded, several times over."""

_REQUEST_LINE = re.compile(r"b(['\"])([^\s\\]+) ([^\s\\]+) HTTP/1\.[01]\1")


def refuse(
    error: BaseException | None,
    message: str | None,
    table: Table,
    templates: PathTemplates,
    *,
    cors: bool,
) -> web.Response:
    """The answer to what the parser refused (D25, D33), with CORS headers where its message has an
    object's path (D102)."""
    if not isinstance(error, HttpProcessingError):
        logger.error("A request failed outside its handler", exc_info=error)
        return service_error(InternalError())
    logger.debug("Refused a malformed request: %s", type(error).__name__)
    if isinstance(error, BadHttpMethod):
        return _unknown_method(message or "", table, templates, cors=cors)
    if isinstance(error, LineTooLong):
        if LIMITS["max_line_size"] in error.args:
            return error_response(400, "The request line is too long")
        return error_response(431, "A header of the request is too long")
    if message == "Too many headers received":
        return error_response(431, "The request has too many headers")
    return error_response(400, "The request is not well-formed HTTP")


def _unknown_method(
    message: str, table: Table, templates: PathTemplates, *, cors: bool
) -> web.Response:
    """The answer to a method that the parser does not know. Its message holds the request line."""
    line = _REQUEST_LINE.search(message)
    if line is None:
        return error_response(400, "The request is not well-formed HTTP")
    method, target = line.group(2), parse_target(line.group(3), templates)
    allowed = None if target.resource is None else table.get(target.resource)
    if allowed is None:
        return not_found(target.path)
    if method in allowed:
        return error_response(400, "The request is not well-formed HTTP")
    response = method_not_allowed(method, target.path, allowed)
    if cors and target.resource is Resource.OBJECT:
        response.headers.update(CORS)
    return response
