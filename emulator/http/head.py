"""The head of an answer: what HTTP needs beside the headers of the answer itself."""

from __future__ import annotations

import sys
from functools import cache
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs

from emulator.core.private import time_ns
from emulator.http.date import Date
from emulator.http.message import Request, Response

HTTP_1_0 = (1, 0)
HTTP_1_1 = (1, 1)

_NANOSECONDS = 1_000_000_000

_WITHOUT_BODY = frozenset({204, 304})

_PYTHON = ".".join(map(str, sys.version_info[:2]))

_SERVER = f"Python/{_PYTHON} aiohttp/{aiohttp.__version__}"

_SERVER_LINE = f"Server: {_SERVER}\r\n"

_now = Date()


def render_head(request: Request, response: Response) -> bytes:
    """The status line and the headers; those that are added are in ``response.headers`` then."""
    headers, status, version = response.headers, response.status, request.version
    if status not in _WITHOUT_BODY and "content-length" not in headers:
        if response.size is not None:
            headers[hdrs.CONTENT_LENGTH] = str(response.size)
        elif version == HTTP_1_1:
            if request.method != hdrs.METH_HEAD:
                headers[hdrs.TRANSFER_ENCODING] = "chunked"
        else:
            response.closes = True  # The end of the connection is that of the body.
    text = _status_line(version, status)
    for name in headers:
        text += f"{name}: {headers[name]}\r\n"
    second = time_ns() // _NANOSECONDS
    if second != _now.second:
        _now.set(second)
    headers[hdrs.DATE] = _now.text
    headers[hdrs.SERVER] = _SERVER
    text += f"Date: {_now.text}\r\n{_SERVER_LINE}"
    if response.closes or not request.keeps_alive:
        if version == HTTP_1_1:
            headers[hdrs.CONNECTION] = "close"
            text += "Connection: close\r\n"
    elif version == HTTP_1_0:
        headers[hdrs.CONNECTION] = "keep-alive"
        text += "Connection: keep-alive\r\n"
    return f"{text}\r\n".encode("utf-8", "surrogateescape")


@cache
def _status_line(version: tuple[int, int], status: int) -> str:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""  # Of a fault rule: no standard has it.
    return f"HTTP/{version[0]}.{version[1]} {status} {reason}\r\n"
